import type { Piece } from "../../core/trie/piece.ts";
import { createAsyncPieceDecoder } from "./piece-decoder.ts";
import type { AsyncPieceDecoder } from "./piece-decoder.ts";
import type { CompletionChunk } from "./reply.ts";

const replacement = "\uFFFD";

/**
 * Makes pieces of the parts of a streamed answer. A part is usually one token and its text. One of several tokens (a
 * loaded server), or inside a character (its text then comes later, or is empty), is decoded token by token; and so is
 * a first one that is long, since vLLM puts the whole prompt before its text when the prompt ends inside a character.
 *
 * A server that dies may take its tokenizer along before the last part has been decoded. Nothing that came is lost then:
 * each part becomes one piece, with the text that came with it.
 *
 * Where a server does not tell the ids of tokens inside a character, its piece has a text and no ids.
 */
export class ChunkPieces {
  /** What decoding failed with: since then, pieces may be of several tokens and end inside a character. */
  failure: unknown;
  /** Whether there was a piece whose ids did not come. */
  lackedIds = false;
  readonly #decode: (ids: readonly number[]) => Promise<string>;
  readonly #decoder: AsyncPieceDecoder;
  readonly #isSilent: (id: number) => boolean;
  /** Texts of at least this length may hold the whole prompt: three of its tokens make a character or more. */
  readonly #promptLength: number;
  readonly #idsInsideCharacters: boolean;
  #first = true;
  /** Log-probabilities of tokens that are held back. */
  #waiting: number[] = [];

  constructor(
    decode: (ids: readonly number[]) => Promise<string>,
    isSilent: (id: number) => boolean,
    promptTokens: number,
    idsInsideCharacters = true,
  ) {
    this.#idsInsideCharacters = idsInsideCharacters;
    this.#promptLength = promptTokens / 3;
    this.#decode = decode;
    this.#decoder = createAsyncPieceDecoder(decode, isSilent);
    this.#isSilent = isSilent;
  }

  async push({ ids, text, logprobs, finish }: CompletionChunk): Promise<Piece[]> {
    if (ids === undefined) return text === "" ? [] : [{ text }];
    const pieces = this.#isPlain(ids, text) ? [{ ids, text }] : await this.#take(ids, text);
    if (ids.length > 0) this.#first = false;
    const all = finish === undefined ? pieces : [...pieces, ...this.#decoder.flush()];
    return logprobs === undefined ? all : this.#withLogprobs(all, logprobs);
  }

  #isPlain(ids: readonly number[], text: string): boolean {
    const [id, ...more] = ids;
    const simple = id !== undefined && more.length === 0 && text !== "" && !text.includes(replacement);
    const certain = this.#idsInsideCharacters && !this.#mayHoldPrompt(text);
    return simple && certain && !this.#decoder.holds && !this.#isSilent(id);
  }

  #mayHoldPrompt(text: string): boolean {
    return this.#first && text.length >= this.#promptLength;
  }

  async #take(ids: readonly number[], text: string): Promise<Piece[]> {
    const pieces: Piece[] = [];
    let taken = 0;
    const began = this.#decoder.holds;
    if (this.failure === undefined) {
      try {
        // All at once first, so that a part of many tokens costs one round trip; the answers are remembered.
        await Promise.all(ids.map((id) => this.#decode([id])));
        if (!began && (await this.#lacksIds(ids, text))) {
          this.lackedIds = true;
          return [{ text }];
        }
        for (const id of ids) {
          // oxlint-disable-next-line no-await-in-loop -- in the order of the tokens
          pieces.push(...(await this.#decoder.push(id)));
          taken += 1;
        }
        return began || this.#decoder.holds ? pieces : this.#spaced(pieces, text);
      } catch (error) {
        this.failure = error;
      }
    }
    pieces.push(...this.#decoder.flush());
    const rest = ids.slice(taken);
    const known = taken === 0 && !this.#mayHoldPrompt(text);
    return rest.length === 0 ? pieces : [...pieces, { ids: rest, text: known ? text : undefined }];
  }

  /** Whole characters came with the ids of their last tokens alone. */
  async #lacksIds(ids: readonly number[], text: string): Promise<boolean> {
    if (this.#idsInsideCharacters || text === "" || text.includes(replacement)) return false;
    return (await this.#decode(ids)).includes(replacement);
  }

  /** Some vocabularies lose a leading space when a token is decoded alone: the server's own text has it. */
  #spaced(pieces: Piece[], text: string): Piece[] {
    const [first, ...rest] = pieces;
    if (first?.text === undefined || first.text === "") return pieces;
    const joined = pieces.map((piece) => piece.text).join("");
    return text === ` ${joined}` ? [{ ...first, text: ` ${first.text}` }, ...rest] : pieces;
  }

  #withLogprobs(pieces: Piece[], logprobs: readonly number[]): Piece[] {
    const values = [...this.#waiting, ...logprobs];
    const marked = pieces.map((piece) => ({ ...piece, logprobs: values.splice(0, piece.ids?.length ?? 0) }));
    this.#waiting = values;
    return marked;
  }
}
