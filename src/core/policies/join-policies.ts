import type { Effect, Input } from "../machine/protocol.ts";
import {
  callOf,
  forkOf,
  sequenceOf,
  threadsOf,
  type CallId,
  type ForkId,
  type SequenceId,
  type State,
} from "../machine/state.ts";
import type { JoinPolicy } from "./policy.ts";
import { needsOf } from "./check.ts";
import { SiblingGroup, type GroupSetup } from "./sibling-group.ts";

export interface PoliciesSetup {
  /** Of the machine whose threads they decide about. */
  readonly state: State;
  readonly policies: readonly JoinPolicy[];
  /** Finds the answer in the text of an attempt; undefined where there is none. */
  readonly answerIn: (text: string) => string | undefined;
  /** Whether two answers are equal. */
  readonly equal: (a: string, b: string) => boolean;
}

/** What policies have decided after a step. */
export interface Decided {
  /** Sequences to be cut, each with the name of the policy that says so. */
  readonly cuts: readonly { readonly sequence: SequenceId; readonly by: string }[];
  /** Sequences that were held, and may begin. */
  readonly released: readonly SequenceId[];
  /** Feed a `time` input when the clock reaches this. Undefined: no policy has to be asked again because of the time. */
  readonly wakeAt: number | undefined;
}

const nothing: Decided = { cuts: [], released: [], wakeAt: undefined };

/**
 * Asks the policies of a run after each step of the machine. What they decide goes to the machine as `cut` inputs, so a
 * record of the inputs needs no policy to be replayed. The driver keeps back the calls of sequences that are held.
 *
 * The threads of one fork are siblings. With an inline trigger each thread is a fork of its own, and those of one
 * sequence that are not joined are siblings.
 */
export class JoinPolicies {
  readonly #setup: GroupSetup;
  /** By the sequence that forked. */
  readonly #groups = new Map<SequenceId, SiblingGroup>();
  /** By the sequence of each sibling. */
  readonly #groupOf = new Map<SequenceId, SiblingGroup>();

  constructor(setup: PoliciesSetup) {
    this.#setup = { ...setup, needs: needsOf(setup.policies) };
  }

  /** Whether the calls of a sequence must not begin yet. */
  holds(sequence: SequenceId): boolean {
    return this.#groupOf.get(sequence)?.holds(sequence) === true;
  }

  /** Takes note of an input and of what followed from it, and asks where that is a reason to. */
  after(input: Input, effects: readonly Effect[]): Decided {
    if (this.#setup.state.ending !== undefined) return nothing;
    if (input.t === "pieces") this.#tokensCame(input.call);
    if (input.t === "sent") this.#begins(input.call);
    for (const effect of effects) {
      if (effect.e === "fork") this.#forked(effect.fork);
      if (effect.e === "thread-end") this.#groupOf.get(effect.sequence)?.ended(effect.sequence);
      if (effect.e === "join") this.#joined(effect.fork);
    }
    return this.#decided();
  }

  #decided(): Decided {
    const cuts: Decided["cuts"][number][] = [];
    const released: SequenceId[] = [];
    let wakeAt = Infinity;
    for (const group of this.#groups.values()) {
      group.checkTime();
      cuts.push(...group.cuts.splice(0));
      released.push(...group.released.splice(0));
      wakeAt = Math.min(wakeAt, group.askAt);
    }
    return { cuts, released, wakeAt: wakeAt === Infinity ? undefined : wakeAt };
  }

  #begins(call: CallId): void {
    const { sequence } = callOf(this.#setup.state, call);
    this.#groupOf.get(sequence)?.begins(sequence);
  }

  #forked(id: ForkId): void {
    const { state } = this.#setup;
    const fork = forkOf(state, id);
    let group = this.#groups.get(fork.by);
    if (group === undefined) {
      group = new SiblingGroup(this.#setup);
      this.#groups.set(fork.by, group);
    }
    for (const { id: thread } of threadsOf(state, fork)) this.#groupOf.set(thread, group);
    group.add(threadsOf(state, fork));
  }

  /** A token of a thread also lengthens the chain of every thread that waits for it. */
  #tokensCame(call: CallId): void {
    const { state } = this.#setup;
    const own = callOf(state, call).sequence;
    let sequence: SequenceId | undefined = own;
    while (sequence !== undefined) {
      this.#groupOf.get(sequence)?.tokensCame(sequence, sequence === own ? call : undefined);
      sequence = sequenceOf(state, sequence).parent?.sequence;
    }
  }

  /** Nothing more is decided about threads that are joined. */
  #joined(id: ForkId): void {
    const { by, threads } = forkOf(this.#setup.state, id);
    const group = this.#groups.get(by);
    if (group === undefined) return;
    for (const thread of threads) this.#groupOf.delete(thread);
    if (group.remove(threads) === 0) this.#groups.delete(by);
  }
}
