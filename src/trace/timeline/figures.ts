import { factsOf, type Facts } from "./facts.ts";
import { forkMarkOf, laneOf, type Timeline } from "./timeline.ts";
import { amountOn, counted, endingInWords, grouped, laneInWords, ratio, time } from "./words.ts";

/** One line of the table of a run. */
export interface Figure {
  readonly name: string;
  readonly value: string;
}

/** More than so many of a kind are counted, and not listed. */
const most = 5;

/** A run in figures and words: what it took, what it waited for, what went wrong. */
export function figuresOf(timeline: Timeline): Figure[] {
  const { about, axes, end, tokens, lanes, forks } = timeline;
  const facts = factsOf(timeline);
  const isTimed = axes.includes("ms");
  const lane = (index: number): string => laneInWords(laneOf(timeline, index));
  const axis = axes[0] ?? "tokens";
  const steps = tokens.criticalPath === 0 ? 1 : tokens.generated / tokens.criticalPath;
  const figure = (name: string, value: string | undefined): Figure[] => (value === undefined ? [] : [{ name, value }]);
  return [
    ...figure("Ending", `${endingInWords(about.ending)}${about.complete ? "" : ", not complete"}`),
    ...figure(
      "Took",
      isTimed ? `${time(end.ms)}, ${amountOn("tokens", tokens.criticalPath)}` : amountOn("tokens", tokens.criticalPath),
    ),
    ...figure(
      "One after the other",
      lanes.length === 1
        ? undefined
        : `${amountOn("tokens", facts.sequential.tokens)}, ${ratio(steps)} times as many` +
            (isTimed ? `; about ${time(facts.sequential.ms)} at the pace of these calls` : ""),
    ),
    ...figure(
      "Threads",
      lanes.length === 1
        ? "none"
        : `${grouped(lanes.length - 1)} in ${counted(forks.length, "fork")}, at most ${counted(facts.atOnce, "call")} at once`,
    ),
    ...figure("Slowest thread", facts.slowest === undefined ? undefined : slowest(timeline, facts.slowest)),
    ...figure(
      "Joins waited for",
      listed(facts.waits, ({ fork, lane: thread, alone }) => {
        const { forkId, threads } = forkMarkOf(timeline, fork);
        const rest = threads.length === 1 ? "" : `, ${amountOn(axis, alone)} longer than the others`;
        return `${forkId}: ${lane(thread)}${rest}`;
      }),
    ),
    ...figure("Prompt tokens", `${grouped(facts.prompt.sent)}, ${cached(facts.prompt)}`),
    ...figure(
      "Tokens",
      `${grouped(tokens.generated)} generated, ${grouped(tokens.inserted)} inserted, ${grouped(tokens.wasted)} wasted`,
    ),
    ...figure("Waited for a slot", isTimed ? queue(timeline, facts.queue) : undefined),
    ...figure(
      "Retries",
      listed(facts.retries, ({ lane: thread, broke }) => {
        const status = broke.status === undefined ? "" : ` ${broke.status}`;
        return `${lane(thread)}${isTimed ? ` at ${time(broke.at)}` : ""}: ${broke.code}${status}`;
      }) ?? "none",
    ),
    ...figure(
      "Cut",
      listed(facts.cut, (thread) => `${lane(thread)}: ${endingInWords(laneOf(timeline, thread).ending)}`) ?? "none",
    ),
    ...figure(
      "Warnings",
      listed(about.warnings, ({ code, threadId }) => (threadId === "" ? code : `${code} (${threadId})`)),
    ),
  ];
}

function slowest(timeline: Timeline, index: number): string {
  const lane = laneOf(timeline, index);
  const { axes } = timeline;
  const amounts = axes.map((axis) => amountOn(axis, lane.to[axis] - lane.from[axis]));
  return `${laneInWords(lane)}: ${amounts.join(", ")}`;
}

function cached({ sent, known, cached: had }: Facts["prompt"]): string {
  if (known === 0) return "and the engine does not say how many were in its cache";
  const share = `${Math.round((100 * had) / known)} %`;
  if (known === sent) return `${grouped(had)} of them in the engine's cache (${share})`;
  return `${grouped(had)} of the ${grouped(known)} that the engine speaks of in its cache (${share})`;
}

function queue(timeline: Timeline, { ms, calls, longest, lane }: Facts["queue"]): string {
  if (calls === 0) return "never";
  return `${time(ms)} in ${counted(calls, "call")}, the longest ${time(longest)} in ${laneInWords(laneOf(timeline, lane))}`;
}

/** The first few in words; undefined where there is none. */
function listed<T>(items: readonly T[], inWords: (item: T) => string): string | undefined {
  if (items.length === 0) return undefined;
  const shown = items.slice(0, most).map(inWords).join("; ");
  return items.length > most ? `${counted(items.length, "time")}: ${shown}; …` : shown;
}
