import type { CallId, Sequence, SequenceId } from "../machine/state.ts";
import type { JoinPolicy } from "./policy.ts";
import { LiveSibling, type SiblingSetup } from "./live-sibling.ts";

export interface GroupSetup extends SiblingSetup {
  readonly policies: readonly JoinPolicy[];
  /** Whether two answers are equal. */
  readonly equal: (a: string, b: string) => boolean;
}

/** A policy, and what it said last. */
interface Asked {
  readonly policy: JoinPolicy;
  /** By the driver's clock; Infinity: not because of the time. */
  askAt: number;
  hold: ReadonlySet<number>;
}

/** Threads that are decided about together. */
export class SiblingGroup {
  readonly cuts: { sequence: SequenceId; by: string }[] = [];
  readonly released: SequenceId[] = [];
  /** When a policy wants to be asked again. */
  askAt = Infinity;
  readonly #setup: GroupSetup;
  readonly #startedAt: number;
  readonly #asked: readonly Asked[];
  /** Those that are asked after each part of tokens. */
  readonly #watching: readonly Asked[];
  readonly #cut = new Set<SequenceId>();
  readonly #held = new Set<SequenceId>();
  readonly #bySequence = new Map<SequenceId, LiveSibling>();
  #siblings: readonly LiveSibling[] = [];
  #count = 0;

  constructor(setup: GroupSetup) {
    this.#setup = setup;
    this.#startedAt = setup.state.now;
    this.#asked = setup.policies.map((policy) => ({ policy, askAt: Infinity, hold: new Set() }));
    this.#watching = this.#asked.filter(({ policy }) => policy.needs?.tokens === true);
  }

  holds(sequence: SequenceId): boolean {
    return this.#held.has(sequence);
  }

  /** More threads have started. Only now can they be held. */
  add(threads: readonly Sequence[]): void {
    for (const sequence of threads) {
      this.#bySequence.set(sequence.id, new LiveSibling(this.#setup, sequence, this.#count));
      this.#count += 1;
      this.#held.add(sequence.id);
    }
    this.#siblings = [...this.#bySequence.values()];
    this.#ask(this.#asked);
    this.released.length = 0; // none has been kept back yet
  }

  /** @returns how many are left. */
  remove(threads: readonly SequenceId[]): number {
    for (const thread of threads) this.#bySequence.delete(thread);
    this.#siblings = [...this.#bySequence.values()];
    return this.#siblings.length;
  }

  begins(sequence: SequenceId): void {
    if (this.#bySequence.get(sequence)?.begin() === true) this.#ask(this.#asked);
  }

  ended(sequence: SequenceId): void {
    this.#held.delete(sequence);
    this.#ask(this.#asked, this.#bySequence.get(sequence));
  }

  /** @param call is that which the tokens came for, if it is a call of the sibling itself. */
  tokensCame(sequence: SequenceId, call: CallId | undefined): void {
    const sibling = this.#bySequence.get(sequence);
    if (call !== undefined) sibling?.count(call);
    if (this.#watching.length > 0) this.#ask(this.#watching, sibling);
  }

  checkTime(): void {
    const { now } = this.#setup.state;
    if (this.askAt <= now) this.#ask(this.#asked.filter(({ askAt }) => askAt <= now));
  }

  #ask(which: readonly Asked[], changed?: LiveSibling): void {
    for (const asked of which) this.#askOne(asked, changed);
    this.askAt = this.#asked.reduce((first, { askAt }) => Math.min(first, askAt), Infinity);
    if (this.#held.size > 0) this.#release();
  }

  #askOne(asked: Asked, changed: LiveSibling | undefined): void {
    const { state, equal } = this.#setup;
    const ms = state.now - this.#startedAt;
    const { policy } = asked;
    const decision = policy.decide({ siblings: this.#siblings, ms, changed, equal });
    if (decision === undefined) {
      if (asked.askAt <= state.now) asked.askAt = Infinity;
      return;
    }
    const { cut = [], hold = [], askAt = Infinity } = decision;
    for (const { index } of cut) this.#cutOne(index, policy.name);
    if (hold.length > 0 || asked.hold.size > 0) asked.hold = new Set(hold.map(({ index }) => index));
    asked.askAt = this.#startedAt + askAt;
  }

  #cutOne(index: number, by: string): void {
    const one = this.#siblings.find((sibling) => sibling.index === index);
    if (one === undefined || one.ending !== undefined || this.#cut.has(one.sequence.id)) return;
    this.#cut.add(one.sequence.id);
    this.#held.delete(one.sequence.id); // it never begins
    this.cuts.push({ sequence: one.sequence.id, by });
  }

  /**
   * Lets those begin that no policy holds. Where nothing else runs and no time is waited for, all of them begin, because the
   * run would hang otherwise.
   */
  #release(): void {
    const isKept = ({ index, sequence }: LiveSibling): boolean =>
      this.#held.has(sequence.id) && this.#asked.some(({ hold }) => hold.has(index));
    const mayWait = this.askAt < Infinity || this.#siblings.some((one) => one.ending === undefined && !isKept(one));
    for (const one of this.#siblings) {
      const { id } = one.sequence;
      if (!this.#held.has(id) || (mayWait && isKept(one))) continue;
      this.#held.delete(id);
      this.released.push(id);
    }
  }
}
