import type { Effect, Input } from "../../core/machine/protocol.ts";
import { callOf, endingOf, sequenceOf, type CallId, type State } from "../../core/machine/state.ts";
import { JoinPolicies, type Decided } from "../../core/policies/join-policies.ts";
import type { JoinPolicy } from "../../core/policies/policy.ts";
import type { Complete } from "../calls/request.ts";
import type { CheckedOptions } from "../options.ts";
import { answersBy, called } from "./answers.ts";

/** What a run has to do because of its policies. */
export interface Orders {
  readonly cuts: Decided["cuts"];
  /** Calls that were kept back, and begin now. */
  readonly begin: readonly Complete[];
  /** Feed a `time` input then. Undefined: that was said before, or there is no such time. */
  readonly wakeAt: number | undefined;
}

/** The policies of one run, and the calls that they keep back. */
export class RunPolicies {
  readonly #state: State;
  readonly #policies: JoinPolicies;
  readonly #held = new Map<CallId, Complete>();
  /** The next time for which a `time` input was asked for. */
  #wakeAt = Infinity;
  readonly #replayed: Decided["cuts"][number][] = [];

  constructor(state: State, options: Pick<CheckedOptions, "policy" | "answer" | "equal">) {
    const policies = options.policy.map(guarded);
    this.#state = state;
    this.#policies = new JoinPolicies({ state, policies, ...answersBy(options) });
  }

  /** Asks them after a step, before its effects are applied. */
  after(input: Input, effects: readonly Effect[]): Orders {
    const { cuts, released, wakeAt = Infinity } = this.#policies.after(input, effects);
    if (this.#wakeAt <= input.at) this.#wakeAt = Infinity;
    const isNews = wakeAt < this.#wakeAt;
    if (isNews) this.#wakeAt = wakeAt;
    const free = new Set(released);
    const begin = [...this.#held.values()].filter(({ call }) => free.has(callOf(this.#state, call).sequence));
    for (const { call } of begin) this.#held.delete(call);
    return { cuts, begin, wakeAt: isNews ? wakeAt : undefined };
  }

  /** Keeps a call back, if its thread must not begin yet. @returns whether it did. */
  keepsBack(effect: Complete): boolean {
    const isHeld = this.#policies.holds(callOf(this.#state, effect.call).sequence);
    if (isHeld) this.#held.set(effect.call, effect);
    return isHeld;
  }

  /** Forgets a call that was kept back. @returns whether it was. */
  forget(call: CallId): boolean {
    return this.#held.delete(call);
  }

  /** A step of a record that a run goes on from. */
  replayed(input: Input, effects: readonly Effect[]): void {
    this.#replayed.push(...this.after(input, effects).cuts);
  }

  /** What was decided before an interruption and is missing in the record. */
  leftOver(): Pick<Orders, "cuts" | "wakeAt"> {
    const cuts = this.#replayed.filter(({ sequence }) => endingOf(sequenceOf(this.#state, sequence)) === undefined);
    return { cuts, wakeAt: this.#wakeAt === Infinity ? undefined : this.#wakeAt };
  }
}

/** A policy of the user may throw. */
function guarded(policy: JoinPolicy): JoinPolicy {
  const { name, needs } = policy;
  return { name, needs, decide: (view) => called(`the policy ${name}`, () => policy.decide(view)) };
}
