import type { Piece } from "../core/piece.ts";
import { createAsyncPieceDecoder } from "./piece-decoder.ts";
import type { AsyncPieceDecoder } from "./piece-decoder.ts";
import type { CompletionChunk } from "./vllm.ts";

/**
 * Makes pieces of the parts of a streamed answer. A part is usually one token and its text. One of several tokens (a
 * loaded server), or inside a character (its text then comes later, or is empty), is decoded token by token; and so is
 * the first, since vLLM puts the whole prompt before its text when the prompt ends inside a character.
 */
export class ChunkPieces {
  readonly #decoder: AsyncPieceDecoder;
  readonly #isSilent: (id: number) => boolean;
  #first = true;

  constructor(decode: (ids: readonly number[]) => Promise<string>, isSilent: (id: number) => boolean) {
    this.#decoder = createAsyncPieceDecoder(decode, isSilent);
    this.#isSilent = isSilent;
  }

  async push({ ids, text, finish }: CompletionChunk): Promise<Piece[]> {
    const pieces = this.#isPlain(ids, text) ? [{ ids, text }] : await this.#decode(ids);
    this.#first = false;
    return finish === undefined ? pieces : [...pieces, ...this.#decoder.flush()];
  }

  #isPlain(ids: readonly number[], text: string): boolean {
    const [id, ...more] = ids;
    const simple = id !== undefined && more.length === 0 && text !== "" && !text.includes("\uFFFD");
    return simple && !this.#first && !this.#decoder.holds && !this.#isSilent(id);
  }

  async #decode(ids: readonly number[]): Promise<Piece[]> {
    const pieces: Piece[] = [];
    // oxlint-disable-next-line no-await-in-loop -- in the order of the tokens
    for (const id of ids) pieces.push(...(await this.#decoder.push(id)));
    return pieces;
  }
}
