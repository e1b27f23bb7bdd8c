/**
 * The trace of the package verifiers, format version 1: the fields that say something about a run of threads. What is
 * left out has a default there.
 */
export interface VerifiersTrace {
  readonly version: 1;
  readonly id: string;
  readonly task: { readonly type: string; readonly data: Readonly<Record<string, unknown>> };
  readonly agent: { readonly config: { readonly harness: { readonly id: string } } };
  readonly nodes: readonly VerifiersNode[];
  readonly calls: readonly VerifiersCall[];
  readonly rewards: Readonly<Record<string, { readonly score: number; readonly weight: number }>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly info: Readonly<Record<string, unknown>>;
  readonly is_completed: boolean;
}

export interface VerifiersNode {
  /** The node whose tokens stand before these; null for a root. */
  readonly parent: number | null;
  /** What caused it or went into it, beside the tokens before it. */
  readonly semantic_parents: readonly VerifiersLink[];
  readonly message: { readonly role: "user" | "assistant"; readonly content: string };
  readonly sampled: boolean;
  /** Seconds; 0, since times of tokens are not kept. */
  readonly timestamp: number;
  readonly token_ids: readonly number[];
  readonly mask: readonly boolean[];
  readonly logprobs: readonly number[];
  readonly advantages: readonly number[] | null;
}

export interface VerifiersLink {
  readonly node: number;
  /** `subagent_call`: from the call that forked. `subagent_return`: from a thread whose text or result went in. */
  readonly type: "subagent_call" | "subagent_return";
}

export interface VerifiersCall {
  /** The last node that it sampled. */
  readonly node: number;
  readonly sampling: Readonly<Record<string, number>> | null;
  readonly finish_reason: "stop" | "length" | null;
}
