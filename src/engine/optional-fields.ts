import { isRefusal } from "./http/refusal.ts";

/**
 * Asks with fields that a server may refuse, as strict ones do with what they do not know. A request that was refused is
 * made once more without them; where that is taken, they are not sent again.
 */
export class OptionalFields {
  #areRefused = false;

  /** @param request makes the request, with those fields or without. */
  async *ask<T>(request: (optional: boolean) => AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
    if (this.#areRefused) return yield* request(false);
    let hasBegun = false;
    try {
      for await (const part of request(true)) {
        hasBegun = true;
        yield part;
      }
      return;
    } catch (error) {
      if (hasBegun || !isRefusal(error)) throw error;
    }
    for await (const part of request(false)) {
      this.#areRefused = true;
      yield part;
    }
  }
}
