/** Draws at most so often, and always once more after the last change. */
export class Frames {
  readonly #draw: () => void;
  readonly #now: () => number;
  readonly #interval: number;
  #drawn = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(draw: () => void, now: () => number, perSecond = 15) {
    this.#draw = draw;
    this.#now = now;
    this.#interval = 1000 / perSecond;
  }

  /** Something has changed. */
  request(): void {
    const wait = this.#drawn + this.#interval - this.#now();
    if (wait <= 0) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), Math.ceil(wait)).unref();
  }

  /** Draws now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drawn = this.#now();
    this.#draw();
  }
}
