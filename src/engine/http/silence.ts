/** Aborts when the server says nothing for too long, or when one of other signals does. */
export class Silence {
  readonly signal: AbortSignal;
  readonly #expiry: AbortController = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(limitMs: number, others: readonly AbortSignal[]) {
    this.signal = AbortSignal.any([this.#expiry.signal, ...others]);
    this.#timer = setTimeout(() => this.#expiry.abort(), limitMs);
  }

  get expired(): boolean {
    return this.#expiry.signal.aborted;
  }

  /** Something came: wait anew. */
  broken(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
