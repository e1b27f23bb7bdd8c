import { randomBytes } from "node:crypto";

/**
 * Makes names for the calls to a server. No name is used twice, not even by two engines on one server. Names end in a
 * full stop: SGLang aborts every call whose name begins with the given one, so no name may be the beginning of another.
 */
export class CallIds {
  readonly #prefix: string = `tw-${randomBytes(8).toString("hex")}`;
  #count = 0;

  next(): string {
    this.#count += 1;
    return `${this.#prefix}-${this.#count}.`;
  }
}
