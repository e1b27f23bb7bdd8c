import type { Effect, Input } from "../../core/machine/protocol.ts";
import { callOf, forkOf, sequenceOf, threadsOf, type State } from "../../core/machine/state.ts";
import type { Break, Place } from "./timeline.ts";

/** When things happened to a call. */
interface CallTimes {
  readonly asked: number;
  readonly attempts: { readonly sent: number; first?: number; broke?: Break }[];
  end: number | undefined;
}

/**
 * Takes down while a trace is replayed what is not in the machine afterwards: the times, in milliseconds since the run
 * began.
 */
export class Watch {
  readonly calls: CallTimes[] = [];
  /** Where each fork was made, and where it was joined. */
  readonly forks: { at: Place; join?: Place }[] = [];
  readonly #state: State;
  readonly #began: number;

  constructor(state: State, began: number) {
    this.#state = state;
    this.#began = began;
  }

  get now(): number {
    return this.since(this.#state.now);
  }

  /** Milliseconds since the run began, of a time by its clock. */
  since(time: number): number {
    return Math.max(0, Math.round((time - this.#began) * 1000) / 1000);
  }

  step(input: Input, effects: readonly Effect[]): void {
    if (input.t === "sent") this.calls[input.call]?.attempts.push({ sent: this.now });
    if (input.t === "broke") this.#broke(input);
    if (input.t === "pieces" || input.t === "reasoned") this.#came(input.call);
    if (input.t === "pieces" || input.t === "ended") this.#mayHaveEnded(input.call);
    for (const effect of effects) this.#effect(effect);
  }

  #effect(effect: Effect): void {
    if (effect.e === "complete") {
      this.calls[effect.call] = { asked: this.now, attempts: [], end: undefined };
    }
    if (effect.e === "cancel") this.#mayHaveEnded(effect.call);
    if (effect.e === "fork") {
      const [first] = threadsOf(this.#state, forkOf(this.#state, effect.fork));
      this.forks[effect.fork] = { at: { ms: this.now, tokens: first?.critical ?? 0 } };
    }
    if (effect.e === "join") {
      const fork = this.forks[effect.fork];
      const { critical } = sequenceOf(this.#state, forkOf(this.#state, effect.fork).by);
      if (fork !== undefined) fork.join = { ms: this.now, tokens: critical };
    }
  }

  #broke({ call, code, message, status, waitMs }: Extract<Input, { t: "broke" }>): void {
    const attempt = this.calls[call]?.attempts.at(-1);
    const broke = { at: this.now, code, message, status, waitMs };
    if (attempt !== undefined && attempt.broke === undefined) attempt.broke = broke;
    // Its prompt could not be encoded, so it was never sent.
    else this.calls[call]?.attempts.push({ sent: this.now, broke });
  }

  #came(call: number): void {
    const times = this.calls[call];
    const attempt = times?.attempts.at(-1);
    if (times?.end === undefined && attempt !== undefined) attempt.first ??= this.now;
  }

  #mayHaveEnded(call: number): void {
    const times = this.calls[call];
    if (times !== undefined && callOf(this.#state, call).ending !== undefined) times.end ??= this.now;
  }
}
