import { ThreadweaverError } from "../errors.ts";
import type { Logprobs } from "./engine.ts";

/** Knows which token ids a server can take, and how many there are: one too large ends some servers for everybody. */
export class IdRange {
  /** Ids of the vocabulary, once known; undefined where the server does not reveal it. */
  size: number | undefined;
  readonly #strict: boolean;
  #largestSeen = -1;

  /** @param strict while the size is unknown: take only ids up to the largest that came from the server itself. */
  constructor(strict: boolean) {
    this.#strict = strict;
  }

  /** Ids that came from the server. */
  saw(ids: readonly number[]): void {
    for (const id of ids) if (id > this.#largestSeen) this.#largestSeen = id;
  }

  /** @throws `invalid_option` where more likely tokens are asked for than there are: SGLang does not survive that. */
  checkTop(logprobs: Logprobs): void {
    const end = this.#end;
    if (typeof logprobs === "boolean" || logprobs.top <= end) return;
    throw new ThreadweaverError(
      "invalid_option",
      `logprobs.top is ${logprobs.top}, and the model has ${end} tokens, as far as is known. It was not sent.`,
    );
  }

  /** @throws `invalid_prompt` for the first id that the server cannot have. */
  check(ids: readonly number[], what: string): void {
    const end = this.#end;
    const at = ids.findIndex((id) => !(Number.isInteger(id) && id >= 0 && id < end));
    if (at === -1) return;
    const range = end === Infinity ? "whole numbers from 0 on" : `whole numbers from 0 to ${end - 1}`;
    throw new ThreadweaverError(
      "invalid_prompt",
      `Token ${at} of ${what} is ${String(ids[at])}; ids of this model are ${range}. It was not sent.`,
    );
  }

  /** Ids below it are sent. */
  get #end(): number {
    return this.size ?? (this.#strict ? this.#largestSeen + 1 : Infinity);
  }
}
