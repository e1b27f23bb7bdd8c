import type { EngineProfile } from "../profile.ts";

/**
 * What a finish reason means. `filtered`: a filter of the server's kept the rest. `pending`: the answer goes on.
 * `failed`: it broke off. `unknown`: nothing is known of this word.
 */
export type Finish = "stop" | "length" | "filtered" | "pending" | "failed" | "unknown";

/** The words of the servers that people use, in small letters. A profile has those that mean something else there. */
const words: Readonly<Record<Exclude<Finish, "unknown">, readonly string[]>> = {
  stop: [
    "stop",
    "eos",
    "eos_token",
    "end_turn",
    "end_of_turn",
    "stop_sequence",
    "stop_token",
    "stop_words",
    "complete",
    "completed",
    "done",
    "end",
    "finish",
    "finished",
  ],
  length: [
    "length",
    "max_tokens",
    "max_length",
    "max_output_tokens",
    "max_completion_tokens",
    "max_new_tokens",
    "model_length",
    "model_context_window_exceeded",
    "context_length_exceeded",
    "token_limit",
    "limit",
  ],
  filtered: [
    "content_filter",
    "content_filtered",
    "content-filter",
    "safety",
    "sensitive",
    "refusal",
    "guardrail_intervened",
    "recitation",
    "blocklist",
    "prohibited_content",
    "spii",
  ],
  pending: [
    "",
    "none",
    "null",
    "not_finished",
    "in_progress",
    "generating",
    "finish_reason_unspecified",
    "unspecified",
  ],
  failed: ["abort", "aborted", "cancelled", "canceled", "error", "insufficient_system_resource", "network_error"],
};

const known: ReadonlyMap<string, Finish> = new Map(
  Object.entries(words).flatMap(([meaning, list]) =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of the table above
    list.map((word): [string, Finish] => [word, meaning as Finish]),
  ),
);

/** Says what a server's finish reason means. The words of the profile come first. */
export function meaningOf(reason: string, { finishes }: Pick<EngineProfile["answer"], "finishes">): Finish {
  return finishes[reason] ?? known.get(reason.trim().toLowerCase()) ?? "unknown";
}

/** Whether an answer came to an end of its own with this reason, so that nothing of it is missing. */
export function isWhole(reason: string | undefined, answer: Pick<EngineProfile["answer"], "finishes">): boolean {
  if (reason === undefined) return false;
  const meaning = meaningOf(reason, answer);
  return meaning !== "failed" && meaning !== "pending";
}
