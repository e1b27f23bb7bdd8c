import type { Claim } from "../../../src/run/calls/slots/claim.ts";
import { Slots, type Slot, type SlotsOfRun } from "../../../src/run/calls/slots/slots.ts";

/** A call that asked for a slot. */
export interface Asked extends Claim {
  readonly name: string;
  /** Its run, and how many runs came before that one. */
  readonly run: number;
  readonly slot: Slot;
}

/** Slots, runs that ask for them, and what became of each call. Time does not pass: a call ends when it is released. */
export class World {
  readonly count: number;
  /** In the order in which they asked, and in which they began. */
  readonly waiting: Asked[] = [];
  readonly holding: Asked[] = [];
  readonly begun: Asked[] = [];
  readonly #slots: Slots;
  readonly #runs: SlotsOfRun[] = [];
  readonly #onBegin: (call: Asked) => void;
  readonly #errors: unknown[] = [];

  /** @param onBegin is told of a call before it counts as begun. */
  constructor(count: number, onBegin: (call: Asked) => void = () => {}) {
    this.count = count;
    this.#slots = new Slots(count);
    this.#onBegin = onBegin;
  }

  get runs(): number {
    return this.#runs.length;
  }

  enter(): number {
    return this.#runs.push(this.#slots.enter()) - 1;
  }

  /** A call that begins a thread or a run, if nothing else is said. */
  ask(run: number, name = "", claim: Partial<Claim> = {}): Asked {
    const whole = { goesOn: false, depth: 0, mayWrite: Infinity, ...claim };
    const slot = this.#runs[run]?.ask(whole, () => {
      try {
        this.#onBegin(call);
      } catch (error) {
        this.#errors.push(error);
      }
      this.waiting.splice(this.waiting.indexOf(call), 1);
      this.holding.push(call);
      this.begun.push(call);
    });
    if (slot === undefined) throw new RangeError(`there is no run ${run}`);
    const call: Asked = { ...whole, run, name, slot };
    this.waiting.push(call);
    return call;
  }

  /** Ends a call, or lets it leave its line. */
  release(call: Asked | undefined): void {
    call?.slot.release();
    for (const calls of [this.waiting, this.holding]) {
      if (call !== undefined && calls.includes(call)) calls.splice(calls.indexOf(call), 1);
    }
  }

  /** Lets the step end in which was asked and released. Throws what `onBegin` threw. */
  async turn(): Promise<void> {
    await Promise.resolve();
    if (this.#errors.length > 0) throw this.#errors[0];
  }

  /** Ends the calls that hold slots, the oldest first, until none is left. Names of the calls as they began. */
  async finish(): Promise<string[]> {
    const from = this.begun.length;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await this.turn();
      if (this.holding.length === 0) return this.begun.slice(from).map(({ name }) => name);
      this.release(this.holding[0]);
    }
  }
}
