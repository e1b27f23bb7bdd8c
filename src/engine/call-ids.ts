import { randomBytes } from "node:crypto";

/**
 * Names for calls at a server, never used twice, not even by two engines at one server. They end in a full stop: SGLang
 * aborts every call whose name begins with the given one, so none may be the beginning of another.
 */
export class CallIds {
  readonly #prefix: string = `tw-${randomBytes(8).toString("hex")}`;
  #count = 0;

  next(): string {
    this.#count += 1;
    return `${this.#prefix}-${this.#count}.`;
  }
}
