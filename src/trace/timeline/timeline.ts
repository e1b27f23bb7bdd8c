import type { RunEnding } from "../../core/machine/ending.ts";
import type { TokenCounts } from "../../core/measures/tokens.ts";
import type { Role } from "../../core/trie/trie.ts";

/**
 * What a run can be laid out along. `ms`: milliseconds since it began. `tokens`: generated tokens on the longest chain
 * that leads there, which are the decode steps that the run has to wait for.
 */
export type Axis = "ms" | "tokens";

/** A place on both axes. Where `Timeline.axes` does not have `ms`, that is 0. */
export interface Place {
  readonly ms: number;
  readonly tokens: number;
}

/** A run, laid out: what each of its sequences did when, and what it waited for. JSON. */
export interface Timeline {
  readonly about: About;
  /** What it can be laid out along: the times of a run are in its trace only. */
  readonly axes: readonly Axis[];
  /** How long it took. */
  readonly end: Place;
  readonly tokens: TokenCounts;
  /** Main first, then its threads in the order of their plan, each before its own threads. */
  readonly lanes: readonly Lane[];
  readonly forks: readonly ForkMark[];
  /**
   * What the run waited for, from its beginning to its end and without a gap, on each axis. The two may lead through
   * different threads: the one with the most tokens need not be the one that ended last.
   */
  readonly paths: Readonly<Record<Axis, readonly PathPart[]>>;
}

/** What a run was, and what has to be known about its timeline. */
export interface About {
  /** Where it comes from, such as the name of a file. */
  readonly name: string;
  readonly dialect?: string | undefined;
  readonly mode?: string | undefined;
  readonly model?: string | undefined;
  readonly seed: number;
  readonly ending: RunEnding;
  readonly complete: boolean;
  readonly warnings: readonly { readonly code: string; readonly message: string; readonly threadId: string }[];
  /** What is missing, in sentences. */
  readonly missing: readonly string[];
}

/** A sequence: main, or a thread. */
export interface Lane {
  readonly threadId: string;
  readonly name: string;
  readonly plan: string;
  /** 0 is main. */
  readonly depth: number;
  /** The fork that started it, by its place in `Timeline.forks`. Main has none. */
  readonly fork?: number | undefined;
  readonly from: Place;
  readonly to: Place;
  /** Tokens that it generated itself. */
  readonly tokens: number;
  readonly ending: RunEnding;
  readonly calls: readonly CallSpan[];
  /** The forks that it made, by their places in `Timeline.forks`. */
  readonly forks: readonly number[];
}

/** One call of a sequence. */
export interface CallSpan {
  /** The number by which events name it. */
  readonly call: number;
  readonly role: Role;
  /** When the sequence needed it, in milliseconds. Until its first attempt it waited for a slot. */
  readonly asked: number;
  readonly attempts: readonly Attempt[];
  /** When it was over for the run; the engine may have gone on a little. */
  readonly end: number;
  /** Generated tokens on the longest chain before its own. */
  readonly before: number;
  readonly tokens: number;
  readonly wasted: number;
  /** How it ended; undefined where the run ended first. */
  readonly ending?: { readonly kind: string; readonly by?: string } | undefined;
}

/** One request of a call. */
export interface Attempt {
  readonly sent: number;
  /** When its first token came. */
  readonly first?: number | undefined;
  readonly promptTokens: number;
  /** Of the prompt, the tokens that the engine had in its cache; undefined where it does not say. */
  readonly cachedTokens?: number | undefined;
  readonly broke?: Break | undefined;
}

/** Why an attempt broke off, and what came then. */
export interface Break {
  readonly at: number;
  readonly code: string;
  readonly message: string;
  readonly status?: number | undefined;
  /** Milliseconds until the next attempt. */
  readonly waitMs: number;
}

export interface ForkMark {
  readonly forkId: string;
  /** The lane that forked. */
  readonly lane: number;
  /** The lanes of its threads. */
  readonly threads: readonly number[];
  readonly at: Place;
  /** Where its threads were put back; undefined where they never were. */
  readonly join?: Place | undefined;
  /** The thread that ended last, on each axis. */
  readonly last: Readonly<Record<Axis, number>>;
}

/** A stretch of what a run waited for. */
export interface PathPart {
  readonly lane: number;
  /** The call, by its place in the lane; undefined where nothing of the lane ran. */
  readonly call?: number | undefined;
  readonly from: number;
  readonly to: number;
}

/** The lane with this index. */
export function laneOf({ lanes }: Pick<Timeline, "lanes">, index: number): Lane {
  const lane = lanes[index];
  if (lane === undefined) throw new RangeError(`there is no lane ${index}`);
  return lane;
}

/** The fork with this index. */
export function forkMarkOf({ forks }: Pick<Timeline, "forks">, index: number): ForkMark {
  const fork = forks[index];
  if (fork === undefined) throw new RangeError(`there is no fork ${index}`);
  return fork;
}
