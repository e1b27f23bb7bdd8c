import type { Piece } from "../../core/trie/piece.ts";
import { ThreadweaverError } from "../../errors.ts";
import type { TextTokenizer } from "./tokenizer.ts";

/** The most tokens of one character; those of rare scripts and of emoji have four, some vocabularies more. */
const mostTokens = 16;

/** Encodes texts of one maker each, and checks that the same texts come back. */
export class PieceEncoder {
  readonly #tokenizer: TextTokenizer;
  /** What single tokens are, since most come again. */
  readonly #known = new Map<number, string>();

  constructor(tokenizer: TextTokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** @throws `invalid_option` where the tokenizer adds tokens of its own. */
  async ids(text: string): Promise<readonly number[]> {
    const ids = await this.#tokenizer.encode(text);
    const { bos, eos } = this.#tokenizer;
    const [first, last] = [ids[0], ids.at(-1)];
    if (first !== undefined && first === bos && !(await this.#isIn(first, (shown) => text.startsWith(shown)))) {
      throw adds(text, `the begin of sequence ${first}`);
    }
    if (last !== undefined && eos.includes(last) && !(await this.#isIn(last, (shown) => text.endsWith(shown)))) {
      throw adds(text, `the end of sequence ${last}`);
    }
    return ids;
  }

  /** The pieces of a text: one a token, but the tokens of one character are one piece. */
  async pieces(text: string): Promise<Piece[]> {
    const pieces: Piece[] = [];
    let at = 0;
    let open: number[] = [];
    for (const id of await this.ids(text)) {
      open.push(id);
      const shown = await this.#decode(open);
      const found = [shown, ` ${shown}`].find((one) => one !== "" && text.startsWith(one, at));
      if (found === undefined && open.length < mostTokens) continue;
      if (found === undefined) break;
      pieces.push({ ids: open, text: found });
      at += found.length;
      open = [];
    }
    if (open.length === 0 && at === text.length) return pieces;
    const what = `${JSON.stringify(text.slice(at, at + 40))} is encoded as ${open.join(", ") || "nothing"}`;
    const message = `The tokenizer does not match the text: ${what}, which is decoded as ${JSON.stringify(await this.#decode(open))}. Pass the tokenizer of the model that is trained.`;
    throw new ThreadweaverError("invalid_option", message);
  }

  async #isIn(id: number, holds: (shown: string) => boolean): Promise<boolean> {
    const shown = await this.#decode([id]);
    return shown !== "" && holds(shown);
  }

  async #decode(ids: readonly number[]): Promise<string> {
    const [id] = ids;
    if (id === undefined) return "";
    if (ids.length > 1) return this.#tokenizer.decode(ids);
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const shown = await this.#tokenizer.decode(ids);
    this.#known.set(id, shown);
    return shown;
  }
}

function adds(text: string, what: string): ThreadweaverError {
  const message = `The tokenizer adds ${what} to ${JSON.stringify(text.slice(0, 40))}. Pass one that adds nothing: each part of a text is encoded on its own.`;
  return new ThreadweaverError("invalid_option", message);
}
