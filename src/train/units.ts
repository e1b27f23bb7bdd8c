import type { FinishReason } from "../core/machine/ending.ts";
import type { SamplingParameters } from "../core/trie/sampling.ts";
import { columnsOf, segmentOf, type Role, type Segment, type Trie } from "../core/trie/trie.ts";
import { contextOf, sampledParts, type Part } from "./parts.ts";
import type { Trajectory } from "./trajectory.ts";

/** Tokens that were sampled one after the other, and the ids before them when that was done. */
export interface TrainingUnit {
  /** The number of the call in its run, as in events and results. */
  readonly call: number;
  /** 0; more where the weights or the odds changed inside a call, which has several units then. */
  readonly part: number;
  /** The call after which it goes on: the one before it in its thread, or the one that forked. Null for the first. */
  readonly parentCall: number | null;
  readonly threadId: string;
  readonly role: Role;
  readonly promptIds: readonly number[];
  /** What was sampled: the targets. */
  readonly responseIds: readonly number[];
  /** The natural logarithm of the probability of each target, if all are known. */
  readonly logprobs: readonly number[] | undefined;
  readonly sampling: SamplingParameters | undefined;
  readonly seed: number | undefined;
  readonly weightVersion: string | undefined;
  /** See `Trajectory`. What a server decided cannot be trained on by ratio. */
  readonly samplingBy: Trajectory["samplingBy"];
  /** Why the call ended; undefined while it runs, and for a part that is not its last. */
  readonly finishReason: FinishReason | undefined;
}

/**
 * The training units of a trajectory: each sampled token is a target exactly once, in the context in which it was
 * sampled. An end of sequence that was sampled is one of them. Headers, copies, forced closes, waste and the kept parts
 * of pieces that were cut are not.
 *
 * @throws `invalid_option` where token ids are missing.
 */
export function trainingUnits(trajectory: Trajectory): TrainingUnit[] {
  const { trie, samplingBy, finishOf } = trajectory;
  const parents = parentCalls(trie);
  return sampledParts(trajectory).map((part): TrainingUnit => {
    const { segment, call, threadId, start, end, origin } = part;
    const columns = columnsOf(segment);
    const before = columns.idRange(0, start);
    const isLast = end === (segment.sampled ?? columns.length);
    return {
      call,
      part: part.number,
      parentCall: parents.get(call) ?? null,
      threadId,
      role: segment.maker.by === "model" ? segment.maker.role : "body",
      promptIds: [...contextOf(trajectory, part), ...before],
      responseIds: [...columns.idRange(start, end)],
      logprobs: logprobsOf(part),
      sampling: origin?.sampling,
      seed: origin?.seed,
      weightVersion: origin?.weightVersion,
      samplingBy,
      finishReason: isLast ? finishOf(segment) : undefined,
    };
  });
}

function logprobsOf({ segment, start, end }: Part): number[] | undefined {
  const columns = columnsOf(segment);
  const known: number[] = [];
  for (let n = start; n < end; n += 1) {
    const { logprobs } = columns.piece(n);
    if (logprobs === undefined) return undefined;
    known.push(...logprobs);
  }
  return known;
}

/** For each call the one before it in its thread, else the nearest whose text it goes on after. */
function parentCalls(trie: Trie): Map<number, number> {
  const parents = new Map<number, number>();
  const last = new Map<string, number>();
  for (const segment of trie.segments) {
    const { maker } = segment;
    if (maker.by !== "model") continue;
    const parent = last.get(maker.threadId) ?? callBefore(trie, segment);
    if (parent !== undefined) parents.set(maker.call, parent);
    last.set(maker.threadId, maker.call);
  }
  return parents;
}

function callBefore(trie: Trie, { parent }: Segment): number | undefined {
  for (let at = parent; at !== null;) {
    const before = segmentOf(trie, at.segment);
    if (before.maker.by === "model") return before.maker.call;
    at = before.parent;
  }
  return undefined;
}
