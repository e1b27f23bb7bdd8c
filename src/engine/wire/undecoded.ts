import type { Piece } from "../../core/trie/piece.ts";

/** Tokens that cannot become pieces in this call, because the tokenizer failed, with the text that came with them. */
export class Undecoded {
  #ids: number[] | undefined;
  #text: string | undefined = "";

  /** @param text the server's text of these tokens. Undefined: unknown, and so is the text of all. */
  add(ids: readonly number[], text: string | undefined): void {
    this.#ids ??= [];
    for (const id of ids) this.#ids.push(id);
    this.#text = this.#text === undefined || text === undefined ? undefined : this.#text + text;
  }

  get piece(): Piece | undefined {
    if (this.#ids === undefined || this.#ids.length === 0) return undefined;
    return { ids: this.#ids, ...(this.#text !== undefined && { text: this.#text }) };
  }
}
