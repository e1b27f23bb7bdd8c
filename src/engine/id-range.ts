import { ThreadweaverError } from "../errors.ts";
import type { Logprobs } from "./engine.ts";

/** Knows which token ids a server accepts, and how many there are. One id that is too large crashes some servers. */
export class IdRange {
  /** Number of ids in the vocabulary. Undefined where the server does not reveal it. */
  size: number | undefined;
  readonly #strict: boolean;
  #largestSeen = -1;

  /**
   * @param strict whether only ids up to the largest one that the server itself returned are accepted while the size is
   * unknown.
   */
  constructor(strict: boolean) {
    this.#strict = strict;
  }

  /** Records ids that came from the server. */
  saw(ids: readonly number[]): void {
    for (const id of ids) if (id > this.#largestSeen) this.#largestSeen = id;
  }

  /** Returns the place of the first id that the vocabulary cannot have, or -1. While its size is unknown, that is a negative one. */
  outside(ids: readonly number[]): number {
    const end = this.size ?? Infinity;
    return ids.findIndex((id) => id < 0 || id >= end);
  }

  /** @throws `invalid_option` where more likely tokens are requested than the model has. SGLang crashes on that. */
  checkTop(logprobs: Logprobs): void {
    const end = this.#end;
    if (typeof logprobs === "boolean" || logprobs.top <= end) return;
    throw new ThreadweaverError(
      "invalid_option",
      `logprobs.top is ${logprobs.top}, but the model has ${end} tokens, as far as is known. The request was not sent.`,
    );
  }

  /** @throws `invalid_prompt` for the first id that the model cannot have. */
  check(ids: readonly number[], what: string): void {
    const end = this.#end;
    const at = ids.findIndex((id) => !(Number.isInteger(id) && id >= 0 && id < end));
    if (at === -1) return;
    const range = end === Infinity ? "whole numbers from 0 on" : `whole numbers from 0 to ${end - 1}`;
    throw new ThreadweaverError(
      "invalid_prompt",
      `Token ${at} of ${what} is ${String(ids[at])}; ids of this model are ${range}. The request was not sent.`,
    );
  }

  /** Ids below this one are sent. */
  get #end(): number {
    return this.size ?? (this.#strict ? this.#largestSeen + 1 : Infinity);
  }
}
