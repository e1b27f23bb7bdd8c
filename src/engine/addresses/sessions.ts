/** Sessions that are remembered. One that is forgotten begins like a new one. */
const rememberedSessions = 10_000;

/** Which address each session stays with, so that its calls find what they share in one cache. */
export class Sessions {
  readonly #places = new Map<string, number>();
  readonly #size: number;

  /** @param size how many sessions are remembered: those used last. */
  constructor(size: number = rememberedSessions) {
    this.#size = size;
  }

  /** Returns the address of a session. A new one gets the address that is given. */
  at(session: string, fresh: number): number {
    const place = this.#places.get(session) ?? fresh;
    this.move(session, place);
    return place;
  }

  move(session: string, to: number): void {
    this.#places.delete(session);
    this.#places.set(session, to);
    const [oldest] = this.#places.keys();
    if (this.#places.size > this.#size && oldest !== undefined) this.#places.delete(oldest);
  }
}
