import * as z from "zod";
import { endingSchema, finishReasonOf, type Ending, type FinishReason } from "../core/machine/ending.ts";
import { deserializeTrie, trieSchema, type SerializedTrie } from "../core/trie/serialize.ts";
import type { Segment, Trie } from "../core/trie/trie.ts";
import { ThreadweaverError } from "../errors.ts";
import type { Trajectory } from "./trajectory.ts";

const count = z.int().min(0);

const resultSchema = z.object({
  samplingBy: z.enum(["run", "server"]),
  tokens: z.object({ generated: count, criticalPath: count }),
  ending: endingSchema,
  threads: z.array(z.object({ threadId: z.string(), ending: endingSchema })),
  tree: trieSchema,
});

/** What of a run's result training needs: a `RunResult` is one where `tree: true` was asked for. */
export interface TrainableResult {
  readonly samplingBy: "run" | "server";
  readonly tokens: { readonly generated: number; readonly criticalPath: number };
  readonly ending: Ending;
  readonly threads: readonly { readonly threadId: string; readonly ending: Ending }[];
  readonly tree?: SerializedTrie | undefined;
}

/**
 * The trajectory of a run's result.
 *
 * @throws `invalid_option` for a result without its tree, or one that was changed.
 */
export function trajectoryOfResult(result: TrainableResult): Trajectory {
  if (result.tree === undefined) {
    const message = "The result has no tree, so its tokens are not known: run with tree: true (--tree).";
    throw new ThreadweaverError("invalid_option", message);
  }
  const parsed = resultSchema.safeParse(result);
  if (!parsed.success) {
    const message = `This is not a run's result with its tree:\n${z.prettifyError(parsed.error)}`;
    throw new ThreadweaverError("invalid_option", message);
  }
  const { samplingBy, tokens, tree, ending, threads } = parsed.data;
  const trie = trieOf(tree);
  const endings = new Map([["0", ending], ...threads.map((thread) => [thread.threadId, thread.ending] as const)]);
  const last = lastCalls(trie);
  const finishOf = (segment: Segment): FinishReason | undefined => {
    const { maker } = segment;
    if (maker.by !== "model" || segment.sampled === undefined) return undefined;
    const own = last.get(maker.threadId) === segment.id ? endings.get(maker.threadId) : undefined;
    return own === undefined ? earlierFinish(trie, segment) : finishReasonOf(own);
  };
  return { trie, source: "result", samplingBy, tokens, finishOf };
}

function trieOf(tree: SerializedTrie): Trie {
  try {
    return deserializeTrie(tree);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ThreadweaverError("invalid_option", `The tree of the result is damaged: ${why}.`, { cause });
  }
}

/** The last segment of each thread: its ending is the thread's. */
function lastCalls(trie: Trie): Map<string, number> {
  return new Map(trie.segments.flatMap(({ id, maker }) => (maker.by === "model" ? [[maker.threadId, id]] : [])));
}

/**
 * Of a call that another one of its thread followed. It stopped, by itself or at a marker, unless it had to be closed
 * without having written an end of sequence.
 */
function earlierFinish({ segments }: Trie, { id, sampled, context }: Segment): FinishReason {
  const isClosed = segments.some(
    ({ parent, maker }) => parent?.segment === id && maker.by === "runtime" && maker.why === "close",
  );
  return isClosed && sampled === context ? "length" : "stop";
}
