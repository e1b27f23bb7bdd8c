/** Aborts when nothing has come for too long, or when one of other signals does. */
export class IdleTimer {
  readonly signal: AbortSignal;
  readonly #expiry: AbortController = new AbortController();
  readonly #timer: NodeJS.Timeout;

  /** @param limitMs longest silence, in milliseconds. */
  constructor(limitMs: number, others: readonly AbortSignal[]) {
    this.signal = AbortSignal.any([this.#expiry.signal, ...others]);
    this.#timer = setTimeout(() => this.#expiry.abort(), limitMs);
  }

  /** Whether it aborted because of the silence. */
  get expired(): boolean {
    return this.#expiry.signal.aborted;
  }

  /** Something came: the time begins anew. */
  reset(): void {
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
