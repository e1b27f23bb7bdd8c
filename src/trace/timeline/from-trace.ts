import { ThreadweaverError } from "../../errors.ts";
import type { RunEnding } from "../../core/machine/ending.ts";
import { chainTo } from "../../core/measures/chain.ts";
import { endingOf, type Call, type Sequence, type State } from "../../core/machine/state.ts";
import { segmentOf } from "../../core/trie/trie.ts";
import type { RunResult } from "../../run/result.ts";
import { requireAll, type Trace } from "../reader.ts";
import { replayWatched, type Replayed, type ReplayOptions } from "../replay.ts";
import { layOut, type Laid, type LaidFork } from "./lay-out.ts";
import { writtenIn } from "./reading.ts";
import type { Shown } from "./shown.ts";
import { textsOfState } from "./texts.ts";
import type { About, Attempt, CallSpan, Place } from "./timeline.ts";
import { Watch } from "./watch.ts";

/**
 * Lays a trace out.
 *
 * @param name what the run is called.
 * @throws `file` for a trace without text, and for one whose run had not begun.
 */
export function shownTrace(trace: Trace, name: string, options: Pick<ReplayOptions, "dialect"> = {}): Shown {
  requireAll(trace, "shown");
  let watch: Watch | undefined;
  const { state, ...replayed } = replayWatched(trace, options, (machine) => {
    const own = new Watch(machine, trace.header.began);
    watch = own;
    return (input, effects) => own.step(input, effects);
  });
  const { result } = replayed;
  if (watch === undefined || result === undefined) {
    throw new ThreadweaverError("file", `The run in ${trace.path} had not begun, so there is nothing to show.`);
  }
  const now = Math.max(watch.now, result.wallMs);
  const end = { ms: now, tokens: result.tokens.criticalPath };
  const about = aboutTrace(trace, replayed, result, name);
  const times = watch;
  const calls = Map.groupBy(state.calls, ({ sequence }) => sequence);
  const unfinished = new Map(result.incomplete.map(({ threadId, ending }) => [threadId, ending]));
  const replay: Replay = { state, watch, now, result, calls, unfinished };
  const { timeline, order } = layOut(
    state.sequences.map((sequence) => laidSequence(replay, sequence)),
    state.forks.map(({ forkId, threads }, id): LaidFork => {
      const { at = { ms: 0, tokens: 0 }, join } = times.forks[id] ?? {};
      return { forkId, threadIds: threads, at, join };
    }),
    { about, axes: ["ms", "tokens"], end, tokens: result.tokens },
  );
  return { timeline, reading: () => writtenIn(textsOfState(state, order)) };
}

interface Replay {
  readonly state: State;
  readonly watch: Watch;
  /** When the run was over. */
  readonly now: number;
  readonly result: RunResult;
  /** By sequence. */
  readonly calls: ReadonlyMap<number, readonly Call[]>;
  /** How those ended that did not come to their own end, by thread. */
  readonly unfinished: ReadonlyMap<string, RunEnding>;
}

function laidSequence(replay: Replay, sequence: Sequence): Laid {
  const { state, watch, now, result, calls, unfinished } = replay;
  const { id, threadId, name, plan, depth, tokens, endedAt, parent } = sequence;
  const from: Place = (parent && watch.forks[parent.fork]?.at) ?? { ms: 0, tokens: 0 };
  const to = { ms: endedAt === undefined ? now : watch.since(endedAt), tokens: chainTo(state, sequence) };
  const ending = id === 0 ? result.ending : (endingOf(sequence) ?? unfinished.get(threadId) ?? result.ending);
  const spans = (calls.get(id) ?? []).map((call) => callSpan(replay, call));
  const own = { threadId, name: id === 0 ? "main" : name, plan, depth, tokens };
  return { id, ...own, from, to, ending, calls: spans, forkIds: sequence.forks };
}

function callSpan(
  { state, watch, now }: Replay,
  { id, role, segment, critical, tokens, wasted, ending }: Call,
): CallSpan {
  const times = watch.calls[id];
  const { origins } = segmentOf(state.trie, segment);
  const attempts = (times?.attempts ?? []).map((attempt, n): Attempt => {
    const { promptTokens = 0, cachedTokens } = origins[n] ?? {};
    return { ...attempt, promptTokens, cachedTokens };
  });
  const { asked = now, end = now } = times ?? {};
  return { call: id, role, asked, attempts, end, before: critical, tokens, wasted, ending };
}

function aboutTrace(
  { header, torn }: Trace,
  { error, proof, differences }: Replayed,
  { ending, complete, warnings }: RunResult,
  name: string,
): About {
  const missing = [
    ...(torn ? ["The last line of the trace was not whole, and is left out."] : []),
    ...(proof === "incomplete" && error === undefined ? ["The trace ends before its run did."] : []),
    ...(error === undefined ? [] : [`The run failed: ${error.message ?? error.code}`]),
    ...differences.map((difference) => `The trace was changed: ${difference}.`),
  ];
  const { dialect, mode, engine, seed } = header;
  return { name, dialect: dialect.name, mode, model: engine.model, seed, ending, complete, warnings, missing };
}
