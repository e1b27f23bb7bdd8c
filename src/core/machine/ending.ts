/** What can run out. `plan`: the plan cannot be turned into threads. */
export type Limit = "threadTokens" | "runTokens" | "context" | "threads" | "forks" | "depth" | "plan";

/** How a call, a thread or a run ended. Ours to decide: an engine only reports. */
export type Ending =
  | { readonly kind: "marker"; readonly marker: string }
  | { readonly kind: "eos" }
  | { readonly kind: "length"; readonly limit: Limit }
  /** `parentCut`: the sequence that forked it ended or was cut first. The others are join policies. */
  | { readonly kind: "cut"; readonly by: "user" | "parentCut" | "straggler" | "quorum" | "deadline" }
  /** It never started: there was no room for it. */
  | { readonly kind: "refused"; readonly limit: Limit }
  /** The engine broke off and could not be made to go on. */
  | { readonly kind: "failed"; readonly message: string };

/** Of a run: where a thread's ending ended the whole run, `thread` says which one's (its place, such as `0/1.2`). */
export type RunEnding = Ending & { readonly thread?: string };
