import type { Dialect } from "../dialects/schema.ts";
import { resolveLimits, type Limits, type SomeLimits } from "../limits/limits.ts";
import type { TextScanner } from "../scanner/text-scanner.ts";
import type { SamplingParameters } from "../trie/sampling.ts";
import { createTrie, type Position, type Role, type SegmentId, type Trie } from "../trie/trie.ts";
import { isLoss, type Ending, type Limit, type RunEnding } from "./ending.ts";
import type { Branch, Effect, Vocabulary } from "./protocol.ts";
import type { StopSpec } from "./stop-spec.ts";

export type SequenceId = number;
export type ForkId = number;
export type CallId = number;

/** Where a sequence is between its start and its end. */
export type Phase =
  /** A call generates its own text, or the phase after a join. */
  | { readonly is: "running"; readonly call: CallId }
  /** It has written its stop marker, which set `ending`, and writes a few more tokens. */
  | { readonly is: "tail"; readonly call: CallId; readonly ending: Ending }
  /**
   * Its call, or its wait for a join, is over. Later in the same step it is decided what follows. `ending`: only after
   * a tail.
   */
  | { readonly is: "stopped"; readonly call: CallId | undefined; readonly ending: Ending | undefined }
  /**
   * It waits for the threads of a fork, or for what the program makes of their results. While threads run that it does
   * not wait for, it is `running`.
   */
  | { readonly is: "waiting"; readonly fork: ForkId }
  /** Its ending is known, but its threads have to end first. `fork`: the one that it was waiting for. */
  | {
      readonly is: "closing";
      readonly ending: RunEnding;
      readonly call: CallId | undefined;
      readonly fork: ForkId | undefined;
    }
  | { readonly is: "over"; readonly ending: RunEnding };

/** A text that a model writes: the main text, or that of a thread. */
export interface Sequence {
  readonly id: SequenceId;
  readonly parent: { readonly sequence: SequenceId; readonly fork: ForkId; readonly index: number } | undefined;
  /** Its place in the run: `0` is main, `0/2.1` the first thread of main's second fork. Seeds derive from it. */
  readonly threadId: string;
  /** Its id in the plan; empty for main. */
  readonly name: string;
  /** The text of its item in the plan; empty where there is none. */
  readonly plan: string;
  /** What the plan's pattern captured. */
  readonly captures: Readonly<Record<string, string>>;
  readonly depth: number;
  /** Its own limit of generated tokens, and its own sampling; undefined: those of all threads. */
  readonly maxTokens: number | undefined;
  readonly sampling: SamplingParameters | undefined;
  phase: Phase;
  /** Where it continues. */
  head: Position;
  /** Where its own text begins. Main of a `turn` join begins there again, since it has written nothing before. */
  body: Position;
  /** The position after its last join. A plan is searched from here on. */
  scope: Position;
  readonly forks: ForkId[];
  /** Calls made so far. */
  calls: number;
  /**
   * No further fork can be allowed, because there are too many or it is too deep: it is not watched for forks any more.
   */
  forksUsedUp: boolean;
  /** Its plan could not be read once, and it was told so. */
  planRepaired: boolean;
  /** The call whose context its next call extends, and up to where: an engine may have this in its cache. */
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
  /** Its place in the run: `0/2` is main's second fork. */
  readonly forkId: string;
  readonly position: Position;
  readonly threads: SequenceId[];
  /** Threads that are not over. */
  pending: number;
  joined: boolean;
  /** Whether the program was asked to make a turn of its results, and has done so. */
  combined: "no" | "asked" | "done";
}

export interface Call {
  readonly id: CallId;
  readonly sequence: SequenceId;
  /** Counts the calls of its sequence from 0. */
  readonly callIndex: number;
  readonly role: Role;
  readonly segment: SegmentId;
  /** Tokens on the critical path before its first token. */
  readonly critical: number;
  /** Tokens that it may generate, and the limit that this comes from. Undefined: as many as fit into the context. */
  readonly budget: { readonly tokens: number; readonly limit: Limit } | undefined;
  /** Whether what it writes can start threads. */
  readonly mayFork: boolean;
  readonly stops: StopSpec;
  /** Undefined if no marker has to be searched in the text. */
  readonly scanner: TextScanner | undefined;
  /** Tokens generated up to its ending: includes the token that ended it, but no waste. */
  tokens: number;
  wasted: number;
  /** Thinking that its server keeps apart from the text, and the parts in which it came. */
  reasoning: { text: string; parts: number };
  /** Whether the engine counted its tokens, because it returns no ids. */
  counted: boolean;
  /** Attempts that broke off, and after which it was tried again. */
  retries: number;
  /** When its time is over; Infinity without a limit. Set when its first request is sent. */
  deadline: number;
  /** Whether the engine may still be working on it. */
  live: boolean;
  ending: Ending | undefined;
}

/** What a step still has to handle: a sequence that stopped generating, or a fork whose threads are over. */
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
  /** The threads that the program planned. */
  branches: readonly Branch[];
  /** Ids that end a sequence. Grows when a call ends at an id that was not known as one. */
  readonly eos: Set<number>;
  readonly stopSpecs: Map<string, StopSpec>;
  /** Strings that end main. */
  readonly stop: readonly string[];
  /** The time of the last input, and of the first. */
  now: number;
  startedAt: number;
  /** When the time of the run is over; Infinity without a limit. */
  deadline: number;
  /** When the time of a running call is over first. It may be too early, never too late. */
  callDeadline: number;
  /** Generated tokens so far, without waste. */
  generated: number;
  /** How the run ended. */
  ending: RunEnding | undefined;
  /** Sequences that the last step moved to another place, possibly several times each. New pieces are not moves. */
  readonly moved: SequenceId[];
  readonly queue: FollowUp[];
  /** Effects of the current step. */
  outbox: Effect[];
  /** A step threw half-way, so the state no longer follows from the inputs. */
  broken: { readonly input: string; readonly error: unknown } | undefined;
}

export interface MachineOptions {
  dialect: Dialect;
  limits?: SomeLimits | undefined;
  /** Strings that end main when it generates one. They are not part of its text. @defaultValue none */
  stop?: readonly string[] | undefined;
}

/** Creates a machine that has not started. A run's limits win over its dialect's, and these win over the defaults. */
export function createState({ dialect, limits = {}, stop = [] }: MachineOptions): State {
  return {
    dialect,
    limits: resolveLimits(limits, dialect.limits),
    trie: createTrie(),
    sequences: [],
    forks: [],
    calls: [],
    vocabulary: { eos: [], markers: {} },
    branches: [],
    eos: new Set(),
    stopSpecs: new Map(),
    stop: [...stop],
    now: -Infinity,
    startedAt: 0,
    deadline: Infinity,
    callDeadline: Infinity,
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
> &
  Partial<Pick<Sequence, "maxTokens" | "sampling">>;

/** Adds a sequence that starts now and writes from `head` on. */
export function addSequence(state: State, beginning: Beginning): Sequence {
  const { head } = beginning;
  const sequence: Sequence = {
    maxTokens: undefined,
    sampling: undefined,
    ...beginning,
    id: state.sequences.length,
    phase: { is: "stopped", call: undefined, ending: undefined },
    body: head,
    scope: head,
    forks: [],
    calls: 0,
    forksUsedUp: false,
    planRepaired: false,
    tokens: 0,
    startedAt: state.now,
    endedAt: undefined,
  };
  state.sequences.push(sequence);
  return sequence;
}

/** The sequence with this id. Throws RangeError if there is none, which is a mistake of the driver. */
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

/** The running call of a sequence, if there is one. */
export function runningCall(state: State, { phase }: Sequence): Call | undefined {
  return phase.is === "running" || phase.is === "tail" ? callOf(state, phase.call) : undefined;
}

/** How a sequence ended, or undefined if it has not. */
export function endingOf({ phase }: Sequence): RunEnding | undefined {
  return phase.is === "over" ? phase.ending : undefined;
}

/** Lets a sequence that has written nothing begin at another place. */
export function beginAt(state: State, sequence: Sequence, position: Position): void {
  sequence.body = position;
  sequence.scope = position;
  moveTo(state, sequence, position);
}

/** Whether a thread was cut, failed or could not start: what it has would look complete, and is not. */
export function isLost({ phase }: Sequence): boolean {
  return phase.is === "over" && isLoss(phase.ending);
}

/** Moves a sequence: it continues from another place. */
export function moveTo(state: State, sequence: Sequence, position: Position): void {
  sequence.head = position;
  state.moved.push(sequence.id);
}
