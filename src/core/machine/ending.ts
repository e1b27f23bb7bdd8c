import * as z from "zod";

/**
 * What can run out. Besides the limits of a run: `context`, the model's context is full; `engine`, the engine stopped
 * for its length, but no limit of ours explains it; `plan`, the plan cannot be turned into threads.
 */
export const limitSchema = z.enum([
  "threads",
  "forks",
  "depth",
  "calls",
  "threadTokens",
  "runTokens",
  "criticalTokens",
  "ms",
  "callMs",
  "context",
  "engine",
  "plan",
]);
export type Limit = z.output<typeof limitSchema>;

/** How a call, a thread or a run ended. The machine decides this; an engine only reports. */
export const endingSchema = z.discriminatedUnion("kind", [
  /** It wrote a marker that stops it. Main: also one of the run's stop strings. */
  z.object({ kind: z.literal("marker"), marker: z.string() }),
  /** It wrote an end of sequence: it ended by itself. */
  z.object({ kind: z.literal("eos") }),
  /** It ran out of something. */
  z.object({ kind: z.literal("length"), limit: limitSchema }),
  /** A filter of the server's kept the rest. */
  z.object({ kind: z.literal("filtered") }),
  /**
   * It was cut. `user`: the run was stopped. `parentCut`: the sequence that forked it ended or was cut first. Else the name
   * of the policy that decided so, such as `quorum`.
   */
  z.object({ kind: z.literal("cut"), by: z.string().min(1) }),
  /** It could not start, or its fork was refused. */
  z.object({ kind: z.literal("refused"), limit: limitSchema }),
  /** The engine failed and could not continue. */
  z.object({ kind: z.literal("failed"), message: z.string() }),
]);
export type Ending = z.output<typeof endingSchema>;

/** The ending of a run or a thread. If the ending of another thread caused it, `threadId` is that thread. */
export const runEndingSchema = z.intersection(endingSchema, z.object({ threadId: z.string().optional() }));
export type RunEnding = Ending & { readonly threadId?: string | undefined };

/** Whether it ended by itself: nothing stopped it, and it ran out of nothing. */
export function isDone({ kind }: Ending): boolean {
  return kind === "eos" || kind === "marker";
}

/** Whether it was cut, failed or could not start: what it has would look complete, and is not. */
export function isLoss({ kind }: Ending): boolean {
  return kind === "cut" || kind === "failed" || kind === "refused";
}

/** Why a run or a call ended, in the words of chat APIs. */
export type FinishReason = "stop" | "length" | "content-filter" | "abort" | "error";

/** `stop`: it was done. `length`: it ran out of something. `content-filter`: a filter of the server's kept the rest. */
export function finishReasonOf({ kind }: Ending): FinishReason {
  if (kind === "cut") return "abort";
  if (kind === "failed") return "error";
  if (kind === "filtered") return "content-filter";
  return kind === "eos" || kind === "marker" ? "stop" : "length";
}
