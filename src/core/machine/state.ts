import type { Dialect } from "../dialects/schema.ts";
import type { Ending, Limit, RunEnding } from "./ending.ts";
import type { Piece } from "../trie/piece.ts";
import type { TextScanner } from "../scanner/text-scanner.ts";
import { createTrie, type Origin, type Position, type SegmentId, type Trie } from "../trie/trie.ts";
import type { StopSpec } from "./stop-spec.ts";

export type SequenceId = number;
export type ForkId = number;
export type CallId = number;

/** A line of text that a model writes: main is the outermost one, every thread is one. */
export interface Sequence {
  readonly id: SequenceId;
  readonly parent: { readonly sequence: SequenceId; readonly fork: ForkId; readonly index: number } | undefined;
  /** Where it stands in the run: `0` is main, `0/2.1` the first thread of main's second fork. Seeds derive from it. */
  readonly threadId: string;
  /** What the plan calls it; empty for main. */
  readonly name: string;
  /** What the plan's pattern captured. */
  readonly captures: Readonly<Record<string, string>>;
  readonly depth: number;
  /** Where it goes on. */
  head: Position;
  /** Where its own text begins. */
  readonly body: Position;
  /** Behind its last join: plans are looked for from here on. */
  scope: Position;
  /** The call that runs now. */
  call: CallId | undefined;
  /** The forks that it waits for; a fork that it does not wait for leaves it running. */
  waiting: ForkId | undefined;
  readonly forks: ForkId[];
  /** Calls made so far. */
  calls: number;
  /** The call whose context its next one extends, and how far: what an engine may have in its cache. */
  source: { readonly call: CallId; readonly shared: Position } | undefined;
  /** Generated tokens on the longest chain that leads to `head`. */
  critical: number;
  /** Tokens that it generated itself. */
  tokens: number;
  /** The marker at which it stopped, while it still writes its tail. */
  closing: Ending | undefined;
  ending: RunEnding | undefined;
}

export interface Fork {
  readonly id: ForkId;
  readonly by: SequenceId;
  /** `0/2`: main's second. */
  readonly forkId: string;
  readonly at: Position;
  readonly threads: SequenceId[];
  /** Threads that still run. */
  pending: number;
  joined: boolean;
}

/** `body`: its own text. `tail`: what it writes behind its stop marker. `after`: the phase behind a join. */
export type Role = "body" | "tail" | "after";

export interface Call {
  readonly id: CallId;
  readonly sequence: SequenceId;
  readonly role: Role;
  readonly segment: SegmentId;
  /** On the critical path before its first token. */
  readonly critical: number;
  readonly maxTokens: number | undefined;
  readonly watch: StopSpec;
  /** Where some marker must be looked for in the text; `starts` are the offsets of the pieces in that text. */
  readonly scanner: TextScanner | undefined;
  readonly starts: number[];
  length: number;
  /** Tokens generated up to its ending (that of the marker or end of sequence included, wasted not). */
  tokens: number;
  wasted: number;
  /** The engine has not said yet that it is over. */
  live: boolean;
  ending: Ending | undefined;
}

export interface Limits {
  threads: number;
  forks: number;
  threadTokens: number | undefined;
  runTokens: number | undefined;
}

/** A sequence has stopped generating; without a call where it never began. */
export interface Ended {
  readonly sequence: Sequence;
  readonly call: Call | undefined;
  readonly ending: Ending;
}

/** What of the model's vocabulary the machine must know. Where markers have no single id they are found in the text. */
export interface Vocabulary {
  readonly eos: readonly number[];
  readonly markers: Readonly<Record<string, number>>;
}

export interface State {
  readonly dialect: Dialect;
  readonly limits: Limits;
  readonly trie: Trie;
  readonly sequences: Sequence[];
  readonly forks: Fork[];
  readonly calls: Call[];
  vocabulary: Vocabulary;
  /** Ids that end a sequence; grows when a call ends at one that was not known. */
  readonly eos: Set<number>;
  readonly watches: Map<string, StopSpec>;
  /** Generated tokens so far, wasted not. */
  generated: number;
  ending: RunEnding | undefined;
  /** Endings that have not been followed up yet. */
  readonly ended: Ended[];
  /** Effects of the step being made. */
  outbox: Effect[];
}

/** All that goes into the machine: JSON, recorded in a trace, and fed again to replay a run. */
export type Input =
  | { t: "start"; prompt: Piece; vocabulary: Vocabulary }
  /** What a call generated, once and in order, however many attempts it took. */
  | { t: "pieces"; call: CallId; pieces: Piece[] }
  /** How a call is generated, for those who train on it. */
  | { t: "sent"; call: CallId; origin: Origin }
  /** The ids (and for a rendered chat the text) of a piece that had none. */
  | { t: "encoded"; segment: SegmentId; n: number; ids: readonly number[]; text?: string | undefined }
  /** The engine is done with a call. `stop`: a marker or an end of sequence, which the pieces show. */
  | { t: "ended"; call: CallId; reason: EngineEnding; usage?: Usage | undefined }
  | { t: "cut"; sequence: SequenceId; by: "user" | "straggler" | "quorum" | "deadline" }
  /** Cuts everything and ends the run. */
  | { t: "stop" };

/** What the engine says of a call when it is over. */
export type Usage = Pick<Origin, "cachedTokens" | "weightVersion">;

export type EngineEnding =
  /** `eos`: the id that ended it, where it is no marker: an end of sequence, be it known for one or not. */
  | { kind: "stop"; eos?: number | undefined }
  | { kind: "length" }
  | { kind: "context" }
  | { kind: "refused"; limit: Limit }
  | { kind: "failed"; message: string };

export type Effect =
  /** Ask the engine to go on from `at`. */
  | {
      e: "complete";
      call: CallId;
      at: Position;
      threadId: string;
      /** Counts the calls of one place from 0. */
      callIndex: number;
      role: Role;
      /** Extends the context of that call, and shares it up to there. */
      from: { call: CallId; shared: Position } | undefined;
      /** Markers that end the call; those with one id can be given to the engine. */
      stops: readonly string[];
      maxTokens: number | undefined;
      sampling: Dialect["thread"]["sampling"];
      critical: number;
    }
  /** Stop generating: what the call still writes is wasted. */
  | { e: "cancel"; call: CallId }
  | { e: "fork"; fork: ForkId }
  | { e: "thread-end"; sequence: SequenceId }
  | { e: "join"; fork: ForkId }
  | { e: "warning"; warning: Warning }
  | { e: "finish"; ending: RunEnding };

export interface Warning {
  readonly code: WarningCode;
  readonly message: string;
  /** The sequence it is about. */
  readonly threadId: string;
}

export type WarningCode =
  | "plan-empty"
  | "plan-without-opener"
  | "plan-duplicate"
  | "plan-gap"
  | "plan-tags"
  | "fork-refused"
  | "spawn-unclosed"
  | "join-unknown"
  | "join-missing"
  | "thread-ended-run"
  | "thread-not-started";

export interface MachineOptions {
  dialect: Dialect;
  limits?: { readonly [K in keyof Limits]?: Limits[K] | undefined } | undefined;
}

/** A machine that has not started. A run's limits win over its dialect's, and those over the defaults. */
export function createState({ dialect, limits = {} }: MachineOptions): State {
  return {
    dialect,
    limits: {
      threads: limits.threads ?? dialect.limits.threads ?? 64,
      forks: limits.forks ?? dialect.limits.forks ?? 32,
      threadTokens: limits.threadTokens,
      runTokens: limits.runTokens,
    },
    trie: createTrie(),
    sequences: [],
    forks: [],
    calls: [],
    vocabulary: { eos: [], markers: {} },
    eos: new Set(),
    watches: new Map(),
    generated: 0,
    ending: undefined,
    ended: [],
    outbox: [],
  };
}

/** Lookups that cannot miss: an id that is not there is a mistake of the driver. Throws RangeError. */
export function sequenceOf(state: State, id: SequenceId): Sequence {
  return found(state.sequences[id], "sequence", id);
}

export function forkOf(state: State, id: ForkId): Fork {
  return found(state.forks[id], "fork", id);
}

export function callOf(state: State, id: CallId): Call {
  return found(state.calls[id], "call", id);
}

export function threadsOf(state: State, fork: Fork): Sequence[] {
  return fork.threads.map((id) => sequenceOf(state, id));
}

function found<T>(value: T | undefined, what: string, id: number): T {
  if (value === undefined) throw new RangeError(`there is no ${what} ${id}`);
  return value;
}
