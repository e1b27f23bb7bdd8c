import { phasesOf } from "./phases.ts";
import { laneOf, type Axis, type Break, type Timeline } from "./timeline.ts";

/** A request that broke off. */
interface Retry {
  readonly lane: number;
  readonly call: number;
  readonly broke: Break;
}

/** A join, and what it waited for. */
interface Wait {
  readonly fork: number;
  /** The thread that ended last. */
  readonly lane: number;
  /** How long all others had been over by then: milliseconds, or steps where there are no times. */
  readonly alone: number;
}

/** What people ask of a run. */
export interface Facts {
  /** The thread that took longest, on the first axis; undefined where there is none. */
  readonly slowest: number | undefined;
  readonly waits: readonly Wait[];
  /** What the same calls would have taken one after the other. `ms` is at the pace that they had here. */
  readonly sequential: { readonly ms: number; readonly tokens: number };
  /** Tokens of prompts: all, those of requests for which the engine says how many it had in its cache, and these. */
  readonly prompt: { readonly sent: number; readonly known: number; readonly cached: number };
  readonly queue: { readonly ms: number; readonly calls: number; readonly longest: number; readonly lane: number };
  readonly retries: readonly Retry[];
  /** Threads that were cut. */
  readonly cut: readonly number[];
  /** Calls that ran at the same time, at most. */
  readonly atOnce: number;
}

/** A shorter wait, in milliseconds, is the time that a request takes to be made. */
const noticed = 1;

export function factsOf(timeline: Timeline, axis: Axis = timeline.axes[0] ?? "tokens"): Facts {
  const { lanes, forks, tokens } = timeline;
  const calls = lanes.flatMap((lane, index) => lane.calls.map((span) => ({ lane: index, span })));
  const length = (index: number): number => laneOf(timeline, index).to[axis] - laneOf(timeline, index).from[axis];
  const threads = lanes.map((_, index) => index).slice(1);
  const phases = calls.flatMap(({ span }) => phasesOf(span));
  const reported = calls.flatMap(({ span }) => span.attempts).filter(({ cachedTokens }) => cachedTokens !== undefined);
  const queued = calls.map(({ lane, span }) => ({ lane, ms: (span.attempts[0]?.sent ?? span.end) - span.asked }));
  const waited = queued.filter(({ ms }) => ms >= noticed);
  const longest = waited.reduce((most, wait) => (wait.ms > most.ms ? wait : most), { lane: 0, ms: 0 });
  return {
    slowest: threads.reduce<number | undefined>(
      (most, lane) => (most === undefined || length(lane) > length(most) ? lane : most),
      undefined,
    ),
    waits: forks.flatMap((fork, index): Wait[] => {
      if (fork.join === undefined) return [];
      const lane = fork.last[axis];
      const others = fork.threads
        .filter((thread) => thread !== lane)
        .map((thread) => laneOf(timeline, thread).to[axis]);
      return [{ fork: index, lane, alone: laneOf(timeline, lane).to[axis] - Math.max(fork.at[axis], ...others) }];
    }),
    sequential: {
      ms: sum(phases.map(({ is, from, to }) => (is === "prompt" || is === "writes" ? to - from : 0))),
      tokens: tokens.generated,
    },
    prompt: {
      sent: tokens.sent,
      known: sum(reported.map(({ promptTokens }) => promptTokens)),
      cached: sum(reported.map(({ cachedTokens = 0 }) => cachedTokens)),
    },
    queue: { ms: sum(waited.map(({ ms }) => ms)), calls: waited.length, longest: longest.ms, lane: longest.lane },
    retries: calls.flatMap(({ lane, span }) =>
      span.attempts.flatMap(({ broke }) => (broke === undefined ? [] : [{ lane, call: span.call, broke }])),
    ),
    cut: [...lanes.entries()].flatMap(([index, { ending }]) => (index > 0 && ending.kind === "cut" ? [index] : [])),
    atOnce: mostAtOnce(
      calls.map(({ span }) =>
        axis === "ms" ? [span.attempts[0]?.sent ?? span.end, span.end] : [span.before, span.before + span.tokens],
      ),
    ),
  };
}

function mostAtOnce(stretches: readonly (readonly [number, number] | readonly number[])[]): number {
  const changes = stretches.flatMap(([from = 0, to = 0]) => (from < to ? [[from, 1] as const, [to, -1] as const] : []));
  changes.sort(([a, up], [b, down]) => a - b || up - down);
  let most = 0;
  let now = 0;
  for (const [, change] of changes) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
