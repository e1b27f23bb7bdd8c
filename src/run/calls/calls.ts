import type { LimitFunction } from "p-limit";
import type { CallId } from "../../core/machine/state.ts";
import { LiveCall, type CallSetup } from "./live-call.ts";
import type { Complete } from "./request.ts";

export interface CallsSetup extends Omit<CallSetup, "failed"> {
  /**
   * Slots for requests, shared by all runs of a runner. Only a call takes one: a parent that waits for its threads holds
   * none. A call that waits to be tried again keeps its own, which keeps others away from a server that is busy.
   */
  slots: LimitFunction;
  /** The stream of a call is closed. */
  onClose: () => void;
}

/** The calls of one run: begins them as slots are free, cancels them, and knows when none is left. */
export class Calls {
  readonly #setup: CallsSetup & CallSetup;
  readonly #active = new Map<CallId, LiveCall>();
  readonly #failures = new Map<string, unknown>();

  constructor(setup: CallsSetup) {
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

  /** Makes the call as soon as a slot is free. */
  begin(effect: Complete): void {
    const call = new LiveCall(this.#setup, effect);
    this.#active.set(effect.call, call);
    this.#setup
      .slots(() => {
        void call
          .make()
          .catch(this.#setup.die)
          .then(() => this.#close(call));
        return call.slot.promise;
      })
      .catch(this.#setup.die);
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

  #cancel(call: LiveCall): void {
    call.cancel();
    if (!call.hasStarted) this.#active.delete(call.effect.call);
  }

  #close(call: LiveCall): void {
    call.slot.resolve();
    this.#active.delete(call.effect.call);
    this.#setup.onClose();
  }
}
