import type { Piece } from "../../core/trie/piece.ts";
import { createAsyncPieceDecoder } from "./piece-decoder.ts";
import type { AsyncPieceDecoder } from "./piece-decoder.ts";
import type { CompletionChunk } from "./reply.ts";
import { TokenDetails } from "./token-details.ts";

const replacement = "\uFFFD";

export interface ChunkPiecesSetup {
  /** Decodes tokens. Control tokens are shown. */
  decode: (ids: readonly number[]) => Promise<string>;
  /** Begin and end of sequence, whose text is empty by contract. */
  isSilent: (id: number) => boolean;
  promptTokens: number;
  /** Whether ids arrive while a character is incomplete. @defaultValue true */
  idsInsideCharacters?: boolean | undefined;
  /** Whether pieces get log-probabilities. @defaultValue false */
  logprobs?: boolean | undefined;
}

/**
 * Makes pieces of the parts of a streamed answer. A part is usually one token and its text. A part is decoded token by
 * token if it has several tokens (a loaded server), or ends inside a character (its text arrives later, or is empty).
 * So is a long first part, since vLLM puts the whole prompt before its text when the prompt ends inside a character.
 *
 * A server that dies may take its tokenizer with it before the last part was decoded. Nothing that arrived is lost
 * then: each part becomes one piece with the text that came with it, and the token that ended the call becomes a piece
 * of its own.
 *
 * Where a server does not return the ids of tokens inside a character, the piece has a text and no ids.
 */
export class ChunkPieces {
  /** The error that decoding failed with. From then on, pieces may have several tokens and end inside a character. */
  failure: unknown;
  /** Whether the server left out the ids of a piece. */
  lackedIds = false;
  readonly #decode: (ids: readonly number[]) => Promise<string>;
  readonly #decoder: AsyncPieceDecoder;
  readonly #isSilent: (id: number) => boolean;
  /** Texts of at least this length may hold the whole prompt, since three of its tokens make a character or more. */
  readonly #promptLength: number;
  readonly #idsInsideCharacters: boolean;
  readonly #details: TokenDetails;
  #first = true;

  constructor({ decode, isSilent, promptTokens, idsInsideCharacters = true, logprobs = false }: ChunkPiecesSetup) {
    this.#decode = decode;
    this.#decoder = createAsyncPieceDecoder(decode, isSilent);
    this.#isSilent = isSilent;
    this.#promptLength = promptTokens / 3;
    this.#idsInsideCharacters = idsInsideCharacters;
    this.#details = new TokenDetails(logprobs);
  }

  /** @param endsCall whether the last id of this part is the token that ended the call. */
  push(chunk: CompletionChunk, endsCall = false): Piece[] | Promise<Piece[]> {
    const { ids, text, logprobs, topLogprobs } = chunk;
    if (ids === undefined) return text === "" ? [] : [{ text }];
    if (!this.#isPlain(ids, text)) return this.#decodePart(chunk, ids, endsCall);
    this.#first = false;
    this.#details.add(ids, logprobs, topLogprobs);
    return this.#details.attach([{ ids, text }]);
  }

  /** Returns the tokens held back for the rest of their character. Call it when nothing more arrives. */
  flush(): Piece[] {
    return this.#details.attach(this.#decoder.flush());
  }

  async #decodePart(
    { text, finish, logprobs, topLogprobs }: CompletionChunk,
    ids: readonly number[],
    endsCall: boolean,
  ): Promise<Piece[]> {
    if (await this.#lacksIds(ids, text)) return [{ text }];
    this.#details.add(ids, logprobs, topLogprobs);
    const pieces = endsCall ? await this.#takeEnding(ids, text) : await this.#take(ids, text);
    if (ids.length > 0) this.#first = false;
    return this.#details.attach(finish === undefined ? pieces : [...pieces, ...this.#decoder.flush()]);
  }

  #isPlain(ids: readonly number[], text: string): boolean {
    const [id] = ids;
    const simple = id !== undefined && ids.length === 1 && text !== "" && !text.includes(replacement);
    const certain = this.#idsInsideCharacters && !this.#mayHoldPrompt(text);
    return simple && certain && !this.#decoder.holds && !this.#isSilent(id);
  }

  #mayHoldPrompt(text: string): boolean {
    return this.#first && text.length >= this.#promptLength;
  }

  /** Whether whole characters arrived with only the ids of their last tokens. */
  async #lacksIds(ids: readonly number[], text: string): Promise<boolean> {
    if (this.#idsInsideCharacters || this.#decoder.holds || text === "" || text.includes(replacement)) return false;
    const decoded = await this.#tryToDecode(ids);
    // Where this cannot be found out, no ids are better than ids that may be too few.
    const lacks = decoded === undefined ? /[\u0080-\uFFFF]/.test(text) : decoded.includes(replacement);
    this.lackedIds ||= lacks;
    return lacks;
  }

  /** Makes a piece of its own of the last token, whatever becomes of the others. */
  async #takeEnding(ids: readonly number[], text: string): Promise<Piece[]> {
    const id = ids.at(-1);
    if (id === undefined) return [];
    const others = ids.slice(0, -1);
    const isKnown = others.length === 0 && this.#isSilent(id);
    const shown = isKnown ? "" : await this.#tryToDecode([id]);
    const isLast = shown !== undefined && text.endsWith(shown);
    const pieces = await this.#take(others, isLast ? text.slice(0, text.length - shown.length) : text);
    const own = this.#isSilent(id) ? "" : (shown ?? (others.length === 0 ? text : ""));
    return [...pieces, ...this.#decoder.flush(), { ids: [id], text: own }];
  }

  async #take(ids: readonly number[], text: string): Promise<Piece[]> {
    const pieces: Piece[] = [];
    const began = this.#decoder.holds;
    // All at once first, so that a part of many tokens costs one round trip. The answers are cached.
    if (this.failure === undefined) await Promise.all(ids.map((id) => this.#tryToDecode([id])));
    let taken = 0;
    while (this.failure === undefined && taken < ids.length) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- in the order of the tokens
        pieces.push(...(await this.#decoder.push(ids[taken] ?? 0)));
        taken += 1;
      } catch (error) {
        this.failure = error;
      }
    }
    if (taken === ids.length) return began || this.#decoder.holds ? pieces : spaced(pieces, text);
    // Tokens that are held back are not in the server's text yet, so they belong to the rest.
    const held = this.#decoder.flush().flatMap((piece) => [...(piece.ids ?? [])]);
    const rest = this.#mayHoldPrompt(text) ? undefined : textAfter(pieces, text);
    return [...pieces, { ids: [...held, ...ids.slice(taken)], text: rest }];
  }

  async #tryToDecode(ids: readonly number[]): Promise<string | undefined> {
    try {
      return await this.#decode(ids);
    } catch (error) {
      this.failure ??= error;
      return undefined;
    }
  }
}

/** Some vocabularies lose a leading space when a token is decoded alone. The server's own text has it. */
function spaced(pieces: Piece[], text: string): Piece[] {
  const [first, ...rest] = pieces;
  if (first?.text === undefined || first.text === "") return pieces;
  return text === ` ${textOf(pieces)}` ? [{ ...first, text: ` ${first.text}` }, ...rest] : pieces;
}

/** The rest of a part's text after its first pieces. Undefined where the text does not begin with theirs. */
function textAfter(pieces: readonly Piece[], text: string): string | undefined {
  const before = textOf(pieces);
  return text.startsWith(before) ? text.slice(before.length) : undefined;
}

function textOf(pieces: readonly Piece[]): string {
  return pieces.map((piece) => piece.text).join("");
}
