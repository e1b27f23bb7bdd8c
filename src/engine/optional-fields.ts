import { isRefusal } from "./http/refusal.ts";

/**
 * Asks with fields that a server may refuse, as strict ones do with what they do not know. A request that was refused is
 * made once more without them; where that is taken, they are not sent again.
 */
export class OptionalFields {
  #areRefused = false;

  /** @param request makes the request, with those fields or without; calls `onPart` for what it brings. */
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
