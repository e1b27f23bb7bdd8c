import type { Dialect } from "../dialects/schema.ts";
import { resolveLimits, type Limits, type SomeLimits } from "../limits/limits.ts";
import type { TextScanner } from "../scanner/text-scanner.ts";
import { createTrie, type Position, type Role, type SegmentId, type Trie } from "../trie/trie.ts";
import type { Ending, Limit, RunEnding } from "./ending.ts";
import type { Effect, Vocabulary } from "./protocol.ts";
import type { StopSpec } from "./stop-spec.ts";

export type SequenceId = number;
export type ForkId = number;
export type CallId = number;

/** Where a sequence is between its start and its end. */
export type Phase =
  /** A call runs: its own text, or the phase after a join. */
  | { readonly is: "running"; readonly call: CallId }
  /** It has written its stop marker, which decided `ending`, and writes a little more. */
  | { readonly is: "tail"; readonly call: CallId; readonly ending: Ending }
  /** Its call (or the join that it waited for) is over; what follows is decided later in the same step. `ending`: a tail's. */
  | { readonly is: "stopped"; readonly call: CallId | undefined; readonly ending: Ending | undefined }
  /** It waits for the threads of a fork. A fork that it does not wait for leaves it running. */
  | { readonly is: "waiting"; readonly fork: ForkId }
  /** Its ending is decided; its threads are being ended first. `fork`: the one that it was waiting for. */
  | {
      readonly is: "closing";
      readonly ending: RunEnding;
      readonly call: CallId | undefined;
      readonly fork: ForkId | undefined;
    }
  | { readonly is: "over"; readonly ending: RunEnding };

/** A line of text that a model writes: main is the outermost one, every thread is one. */
export interface Sequence {
  readonly id: SequenceId;
  readonly parent: { readonly sequence: SequenceId; readonly fork: ForkId; readonly index: number } | undefined;
  /** Where it stands in the run: `0` is main, `0/2.1` the first thread of main's second fork. Seeds derive from it. */
  readonly threadId: string;
  /** What the plan calls it; empty for main. */
  readonly name: string;
  /** What the plan says that it is for; empty where the plan has no text for it. */
  readonly plan: string;
  /** What the plan's pattern captured. */
  readonly captures: Readonly<Record<string, string>>;
  readonly depth: number;
  phase: Phase;
  /** Where it goes on. */
  head: Position;
  /** Where its own text begins. */
  readonly body: Position;
  /** After its last join: plans are looked for from here on. */
  scope: Position;
  readonly forks: ForkId[];
  /** Calls made so far. */
  calls: number;
  /** A fork was refused for good (no more forks, or too deep): it is not watched for forks any more. */
  forksUsedUp: boolean;
  /** The call whose context its next one extends, and how far: what an engine may have in its cache. */
  source: { readonly call: CallId; readonly shared: Position } | undefined;
  /** Generated tokens on the longest chain that leads to `head`. */
  critical: number;
  /** Tokens that it generated itself. */
  tokens: number;
  readonly startedAt: number;
  endedAt: number | undefined;
}

export interface Fork {
  readonly id: ForkId;
  readonly by: SequenceId;
  /** `0/2`: main's second. */
  readonly forkId: string;
  readonly position: Position;
  readonly threads: SequenceId[];
  /** Threads that are not over. */
  pending: number;
  joined: boolean;
}

export interface Call {
  readonly id: CallId;
  readonly sequence: SequenceId;
  /** Counts the calls of its sequence from 0. */
  readonly callIndex: number;
  readonly role: Role;
  readonly segment: SegmentId;
  /** On the critical path before its first token. */
  readonly critical: number;
  /** Tokens that it may generate, and the limit that made it so many; undefined: what the context leaves. */
  readonly budget: { readonly tokens: number; readonly limit: Limit } | undefined;
  /** Whether what it writes can start threads. */
  readonly mayFork: boolean;
  readonly stops: StopSpec;
  /** Where some marker must be looked for in the text. */
  readonly scanner: TextScanner | undefined;
  /** Tokens generated up to its ending (that of the marker or end of sequence included, waste not). */
  tokens: number;
  wasted: number;
  /** Whether its tokens were counted by the engine, where it returns no ids. */
  counted: boolean;
  /** The engine has not said yet that it is over. */
  live: boolean;
  ending: Ending | undefined;
}

/** What the next round of a step follows up: a sequence that stopped generating, or a fork whose threads are over. */
export type FollowUp =
  | { readonly sequence: SequenceId; readonly call: CallId; readonly ending: Ending }
  | { readonly fork: ForkId };

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
  readonly stopSpecs: Map<string, StopSpec>;
  /** Strings that end main. */
  readonly stop: readonly string[];
  /** The time of the last input, and of the first. */
  now: number;
  startedAt: number;
  /** When the time of the run is over; Infinity where it has no limit. */
  deadline: number;
  /** Generated tokens so far, waste not. */
  generated: number;
  /** How the run ended. */
  ending: RunEnding | undefined;
  /** Sequences that the last step has put somewhere else, each once or several times; pieces that came do not count. */
  readonly moved: SequenceId[];
  readonly queue: FollowUp[];
  /** Effects of the step being made. */
  outbox: Effect[];
  /** A step threw half-way: the state is no longer one that the inputs explain. */
  broken: { readonly input: string; readonly error: unknown } | undefined;
}

export interface MachineOptions {
  dialect: Dialect;
  limits?: SomeLimits | undefined;
  /** Strings that end main where it generates one; they are no part of its text. @defaultValue none */
  stop?: readonly string[] | undefined;
}

/** A machine that has not started. A run's limits win over its dialect's, and those over the defaults. */
export function createState({ dialect, limits = {}, stop = [] }: MachineOptions): State {
  return {
    dialect,
    limits: resolveLimits(limits, dialect.limits),
    trie: createTrie(),
    sequences: [],
    forks: [],
    calls: [],
    vocabulary: { eos: [], markers: {} },
    eos: new Set(),
    stopSpecs: new Map(),
    stop: [...stop],
    now: -Infinity,
    startedAt: 0,
    deadline: Infinity,
    generated: 0,
    ending: undefined,
    moved: [],
    queue: [],
    outbox: [],
    broken: undefined,
  };
}

type Beginning = Pick<
  Sequence,
  "parent" | "threadId" | "name" | "plan" | "captures" | "depth" | "head" | "source" | "critical"
>;

/** A sequence that begins to write at `head`, now. */
export function addSequence(state: State, beginning: Beginning): Sequence {
  const { head } = beginning;
  const sequence: Sequence = {
    ...beginning,
    id: state.sequences.length,
    phase: { is: "stopped", call: undefined, ending: undefined },
    body: head,
    scope: head,
    forks: [],
    calls: 0,
    forksUsedUp: false,
    tokens: 0,
    startedAt: state.now,
    endedAt: undefined,
  };
  state.sequences.push(sequence);
  return sequence;
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

/** The call that generates now for a sequence, if one does. */
export function runningCall(state: State, { phase }: Sequence): Call | undefined {
  return phase.is === "running" || phase.is === "tail" ? callOf(state, phase.call) : undefined;
}

/** How a sequence ended; undefined while it has not. */
export function endingOf({ phase }: Sequence): RunEnding | undefined {
  return phase.is === "over" ? phase.ending : undefined;
}

/** Lets a sequence go on from another place. */
export function moveTo(state: State, sequence: Sequence, position: Position): void {
  sequence.head = position;
  state.moved.push(sequence.id);
}
