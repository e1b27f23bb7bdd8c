import { isRefusal } from "./http/refusal.ts";

/**
 * Sends fields that strict servers may refuse because they do not know them. A refused request is made once more
 * without these fields. If that one is accepted, they are not sent again.
 */
export class OptionalFields {
  #areRefused = false;

  /**
   * @param request makes the request, with those fields or without. It calls `onPart` when a part of the answer
   * arrives.
   */
  async ask(request: (optional: boolean, onPart: () => void) => Promise<void>): Promise<void> {
    let hasBegun = false;
    if (!this.#areRefused) {
      try {
        await request(true, () => (hasBegun = true));
        return;
      } catch (error) {
        if (hasBegun || !isRefusal(error)) throw error;
      }
    }
    await request(false, () => (this.#areRefused = true));
  }
}
