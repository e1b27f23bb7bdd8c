import type { RunEnding } from "../../core/machine/ending.ts";
import { columnsOf, type Segment } from "../../core/trie/trie.ts";
import { chainsOf } from "./chains.ts";
import { layOut, type Laid, type LaidFork } from "./lay-out.ts";
import { writtenIn } from "./reading.ts";
import { checkedResult, type ShownResult } from "./result-shape.ts";
import type { Shown } from "./shown.ts";
import { textsOfResult } from "./texts-of-result.ts";
import type { Attempt, CallSpan } from "./timeline.ts";

const timeless = { ms: 0, tokens: 0 };

/**
 * Lays a result out along its tokens: when something happened is only in a trace.
 *
 * @param value a result with its tree, as JSON.
 * @param where says in messages where it stands.
 * @param name what the run is called.
 * @throws `file` for a result without its tree, and for what is none.
 */
export function shownResult(value: unknown, where: string, name: string): Shown {
  const result = checkedResult(value, where);
  const sequences = sequencesOf(result);
  const forks = forksOf(sequences);
  const chains = chainsOf(sequences, forks);
  const { tokens, ending, complete, seed, warnings } = result;
  const isKnown = chains.end === tokens.criticalPath;
  const missing = [
    "A result says what happened, but not when: only a trace has times.",
    ...(isKnown
      ? []
      : ["Where threads began is not known, since their parents went on meanwhile: only a trace has it."]),
  ];
  const about = { name, seed, ending, complete, warnings, missing };
  const { timeline, order } = layOut(
    sequences.map(({ id, threadId, calls, forkIds, ...own }): Laid => {
      const { from = 0, to = 0, before = [] } = chains.sequences[id] ?? {};
      const spans = calls.map((call, n) => ({ ...call, before: before[n] ?? 0 }));
      const places = { from: { ms: 0, tokens: from }, to: { ms: 0, tokens: to } };
      return { id, threadId, ...own, ...places, calls: spans, forkIds };
    }),
    forks.map(({ forkId, threadIds }, id): LaidFork => {
      const { at, join } = chains.forks[id] ?? { at: 0, join: 0 };
      return { forkId, threadIds, at: { ...timeless, tokens: at }, join: { ...timeless, tokens: join } };
    }),
    { about, axes: ["tokens"], end: { ms: 0, tokens: chains.end }, tokens: { ...tokens, cached: tokens.cached } },
  );
  const shown = isKnown ? timeline : { ...timeline, paths: { ms: [], tokens: [] } };
  return { timeline: shown, reading: () => writtenIn(textsOfResult(result, timeline, order)) };
}

/** A sequence of a result: main, or a thread. */
interface ResultSequence {
  readonly id: number;
  readonly threadId: string;
  readonly name: string;
  readonly plan: string;
  readonly depth: number;
  readonly tokens: number;
  readonly ending: RunEnding;
  readonly calls: readonly Omit<CallSpan, "before">[];
  readonly forkIds: number[];
}

function sequencesOf({ trie, threads, tokens, ending }: ShownResult): ResultSequence[] {
  const calls = Map.groupBy(
    trie.segments.filter(({ maker }) => maker.by === "model"),
    ({ maker }) => (maker.by === "model" ? maker.threadId : ""),
  );
  const ofThreads = threads.reduce((sum, thread) => sum + thread.tokens, 0);
  const main = { threadId: "0", name: "main", plan: "", depth: 0, tokens: tokens.generated - ofThreads, ending };
  return [main, ...threads].map(({ threadId, name, plan, depth, tokens: own, ending: ended }, id) => {
    const spans = (calls.get(threadId) ?? []).map(callSpan);
    // The engine may have counted more tokens than there are pieces: they are the last call's.
    const counted = spans.reduce((sum, span) => sum + span.tokens, 0);
    const all = spans.map((span, n) =>
      n === spans.length - 1 ? { ...span, tokens: span.tokens + own - counted } : span,
    );
    return { id, threadId, name, plan, depth, tokens: own, ending: ended, calls: all, forkIds: [] };
  });
}

function callSpan(segment: Segment): Omit<CallSpan, "before"> {
  const { maker, origins, sampled } = segment;
  const columns = columnsOf(segment);
  const { call, role } = maker.by === "model" ? maker : { call: 0, role: "body" as const };
  const tokens = columns.tokens(0, sampled ?? columns.length);
  const attempts = origins.map(({ promptTokens, cachedTokens }, n): Attempt => {
    const unknown = { at: 0, code: "unknown", message: "only a trace says why", waitMs: 0 };
    return { sent: 0, promptTokens, cachedTokens, ...(n < origins.length - 1 && { broke: unknown }) };
  });
  const wasted = columns.tokens(sampled ?? columns.length, columns.length);
  return { call, role, asked: 0, attempts, end: 0, tokens, wasted };
}

/** A fork of a result, and the first call that was made for it. */
interface ResultFork {
  readonly forkId: string;
  readonly by: number;
  readonly threadIds: number[];
}

/** Also tells each sequence its forks, in their order. */
function forksOf(sequences: readonly ResultSequence[]): ResultFork[] {
  const byThread = new Map(sequences.map((sequence) => [sequence.threadId, sequence]));
  const forks = new Map<string, ResultFork>();
  for (const { id, threadId } of sequences.slice(1)) {
    const forkId = threadId.slice(0, threadId.lastIndexOf("."));
    const known = forks.get(forkId);
    known?.threadIds.push(id);
    if (known !== undefined) continue;
    const parent = byThread.get(forkId.slice(0, forkId.lastIndexOf("/")));
    parent?.forkIds.push(forks.size);
    forks.set(forkId, { forkId, by: parent?.id ?? 0, threadIds: [id] });
  }
  return [...forks.values()];
}
