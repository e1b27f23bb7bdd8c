import type { WaitedFor } from "../../errors.ts";
import type { TimeLimits } from "./timeouts.ts";

/** How long a server may take to end an answer of which everything has come. */
const closingMs = 2000;

/** Aborts when a server is silent for too long, or when one of the other signals fires. */
export class SilenceTimer {
  #limits: TimeLimits;
  readonly #controller: AbortController;
  #timer: NodeJS.Timeout;
  /** When something arrived last. */
  #last = performance.now();
  #waitsFor: Exclude<WaitedFor, "connection"> = "first-token";
  readonly #others: readonly AbortSignal[];
  #expired = false;

  /**
   * @param others signals that abort it too. They are watched by hand: `AbortSignal.any` takes several times as much
   * memory.
   * @param controller the controller that it aborts.
   */
  constructor(limits: TimeLimits, others: readonly AbortSignal[], controller: AbortController = new AbortController()) {
    this.#limits = limits;
    this.#controller = controller;
    this.#others = others;
    for (const other of others) {
      if (other.aborted) this.#abort();
      else other.addEventListener("abort", this.#abort, { once: true });
    }
    this.#timer = setTimeout(this.#look, limits.firstTokenMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What did not come in time, where it aborted because of that. */
  get expired(): WaitedFor | undefined {
    return this.#expired ? this.#waitsFor : undefined;
  }

  /** Bytes arrived. This runs for every read, so the timer itself is left alone. */
  heard(): void {
    if (this.#waitsFor === "next-token") this.#last = performance.now();
  }

  /** A part of the answer arrived. From the first one on, the time between two reads counts. */
  answered(): void {
    if (this.#waitsFor === "next-token") return;
    this.#waitsFor = "next-token";
    this.#last = performance.now();
    clearTimeout(this.#timer);
    if (!this.signal.aborted) this.#timer = setTimeout(this.#look, this.#limits.idleMs);
  }

  /** The server said that nothing follows: only the end of the connection is waited for, and not long. */
  finishing(): void {
    this.#limits = { ...this.#limits, idleMs: Math.min(this.#limits.idleMs, closingMs) };
    clearTimeout(this.#timer);
    if (!this.signal.aborted) this.#timer = setTimeout(this.#look, this.#limits.idleMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const other of this.#others) other.removeEventListener("abort", this.#abort);
  }

  readonly #look = (): void => {
    const limit = this.#waitsFor === "next-token" ? this.#limits.idleMs : this.#limits.firstTokenMs;
    const left = this.#last + limit - performance.now();
    if (left > 0) {
      this.#timer = setTimeout(this.#look, Math.ceil(left));
      return;
    }
    this.#expired = true;
    this.#abort();
  };

  readonly #abort = (): void => this.#controller.abort();
}
