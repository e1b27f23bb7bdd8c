import type { CallId } from "../../core/machine/state.ts";
import { LiveCall, type CallSetup } from "./live-call.ts";
import type { Complete } from "./request.ts";
import { claimOf } from "./slots/claim.ts";
import type { Slots, SlotsOfRun } from "./slots/slots.ts";

export interface CallsSetup extends Omit<CallSetup, "failed"> {
  /** Shared by all runs of a runner. */
  slots: Slots;
  /** The stream of a call is closed. */
  onClose: () => void;
}

/** The calls of one run: begins them as slots are free, cancels them, and knows when none is left. */
export class Calls {
  readonly #setup: CallsSetup & CallSetup;
  readonly #slots: SlotsOfRun;
  readonly #active = new Map<CallId, LiveCall>();
  readonly #failures = new Map<string, unknown>();

  constructor(setup: CallsSetup) {
    this.#slots = setup.slots.enter();
    this.#setup = { ...setup, failed: (threadId, error) => void this.#failures.set(threadId, error) };
  }

  /** No call is left: none waits, runs or is being closed. */
  get idle(): boolean {
    return this.#active.size === 0;
  }

  /** What the last call of a sequence failed with. */
  failureOf(threadId: string): unknown {
    return this.#failures.get(threadId);
  }

  /** Makes the call as soon as it gets a slot. */
  begin(effect: Complete): void {
    const slot = this.#slots.ask(claimOf(this.#setup.state, effect), () => this.#make(call));
    const call = new LiveCall(this.#setup, effect, slot);
    this.#active.set(effect.call, call);
  }

  /** Ends a call at once. */
  cancel(id: CallId): void {
    const call = this.#active.get(id);
    if (call !== undefined) this.#cancel(call);
  }

  /** Ends every call, and waits for none. */
  abortAll(): void {
    for (const call of this.#active.values()) this.#cancel(call);
  }

  #make(call: LiveCall): void {
    void call
      .make()
      .catch(this.#setup.die)
      .then(() => this.#close(call));
  }

  #cancel(call: LiveCall): void {
    call.cancel();
    if (!call.hasStarted) this.#active.delete(call.effect.call);
  }

  #close(call: LiveCall): void {
    call.slot.release();
    this.#active.delete(call.effect.call);
    this.#setup.onClose();
  }
}
