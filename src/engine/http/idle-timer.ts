/** Aborts when nothing has arrived for too long, or when one of the other signals does. */
export class IdleTimer {
  readonly #limitMs: number;
  readonly #controller: AbortController;
  #timer: NodeJS.Timeout;
  /** When something arrived last. */
  #last = performance.now();
  readonly #others: readonly AbortSignal[];
  #expired = false;

  /**
   * @param limitMs longest silence, in milliseconds.
   * @param others signals that abort it too. They are watched by hand: `AbortSignal.any` takes several times as much
   * memory.
   * @param controller the controller that it aborts.
   */
  constructor(limitMs: number, others: readonly AbortSignal[], controller: AbortController = new AbortController()) {
    this.#limitMs = limitMs;
    this.#controller = controller;
    this.#others = others;
    for (const other of others) {
      if (other.aborted) this.#abort();
      else other.addEventListener("abort", this.#abort, { once: true });
    }
    this.#timer = setTimeout(this.#look, limitMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether it aborted because of the silence. */
  get expired(): boolean {
    return this.#expired;
  }

  /** Restarts the time, because something arrived. This runs for every read, so the timer itself is left alone. */
  reset(): void {
    this.#last = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const other of this.#others) other.removeEventListener("abort", this.#abort);
  }

  readonly #look = (): void => {
    const left = this.#last + this.#limitMs - performance.now();
    if (left > 0) {
      this.#timer = setTimeout(this.#look, Math.ceil(left));
      return;
    }
    this.#expired = true;
    this.#abort();
  };

  readonly #abort = (): void => this.#controller.abort();
}
