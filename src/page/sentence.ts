import type { Facts } from "../trace/timeline/facts.ts";
import { forkMarkOf, laneOf, type Axis, type Timeline } from "../trace/timeline/timeline.ts";
import { amountOn, counted, endingInWords, grouped, laneInWords, time } from "../trace/timeline/words.ts";

/** What is remarkable in a lane, in a few words each, for everybody to see. */
export function notesOf(timeline: Timeline, facts: Facts, lane: number, axis: Axis): string[] {
  const { calls, ending, forks } = laneOf(timeline, lane);
  const isTimed = timeline.axes.includes("ms");
  const waited = forks.flatMap((fork) => {
    const mark = forkMarkOf(timeline, fork);
    return mark.join === undefined ? [] : [laneInWords(laneOf(timeline, mark.last[axis]))];
  });
  const retries = calls.flatMap(({ attempts }) => attempts.flatMap(({ broke }) => broke ?? []));
  const [first] = retries;
  const sent = calls.flatMap(({ attempts }) => attempts);
  const cached = sum(sent.map(({ cachedTokens = 0 }) => cachedTokens));
  const prompt = sum(sent.map(({ promptTokens }) => promptTokens));
  const queued = sum(calls.map(({ asked, attempts, end }) => (attempts[0]?.sent ?? end) - asked));
  return [
    ...(facts.slowest === lane ? ["slowest thread"] : []),
    ...(waited.length === 1 ? [`join waited for ${waited[0] ?? ""}`] : []),
    ...(waited.length > 1 ? [counted(waited.length, "join")] : []),
    ...(first === undefined
      ? []
      : [retriesInWords(retries.length, `${first.code}${isTimed ? ` at ${time(first.at)}` : ""}`)]),
    ...(ending.kind === "marker" || ending.kind === "eos" ? [] : [endingInWords(ending)]),
    ...(axis === "ms" && queued >= 1 ? [`queued ${time(queued)}`] : []),
    ...(cached > 0 ? [`${grouped(cached)} of ${grouped(prompt)} prompt tokens cached`] : []),
  ];
}

function retriesInWords(count: number, first: string): string {
  return count === 1 ? `retried: ${first}` : `${grouped(count)} retries, the first: ${first}`;
}

/** A lane in words, for those who do not see the picture. */
export function sentenceOf(timeline: Timeline, facts: Facts, lane: number, axis: Axis): string {
  const { from, to } = laneOf(timeline, lane);
  const onPath = sum(timeline.paths[axis].filter((part) => part.lane === lane).map((part) => part.to - part.from));
  const path = onPath === 0 ? "not on the critical path" : `on the critical path for ${amountOn(axis, onPath)}`;
  const when = `from ${amountOn(axis, from[axis])} to ${amountOn(axis, to[axis])}`;
  return [when, path, ...notesOf(timeline, facts, lane, axis)].join("; ");
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
