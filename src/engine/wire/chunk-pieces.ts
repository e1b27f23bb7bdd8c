import type { Piece } from "../../core/trie/piece.ts";
import { createAsyncPieceDecoder } from "./piece-decoder.ts";
import type { AsyncPieceDecoder } from "./piece-decoder.ts";
import type { CompletionChunk } from "./reply.ts";
import { alignToServerText } from "./server-text.ts";
import { TokenDetails } from "./token-details.ts";
import { Undecoded } from "./undecoded.ts";

const replacement = "\uFFFD";

export interface ChunkPiecesSetup {
  /** Decodes tokens. Control tokens are shown. */
  decode: (ids: readonly number[]) => Promise<string>;
  /** Begin and end of sequence, whose text is empty by contract. */
  isSilent: (id: number) => boolean;
  /** How a server that shows every token writes a silent one. @defaultValue unknown */
  shownAs?: ((id: number) => string | undefined) | undefined;
  promptTokens: number;
  /** Tokens at the end of the prompt that an earlier call generated and made no pieces of. @defaultValue none */
  held?: Piece | undefined;
  /** Whether ids arrive while a character is incomplete. @defaultValue true */
  idsInsideCharacters?: boolean | undefined;
  /** Whether pieces get log-probabilities. @defaultValue false */
  logprobs?: boolean | undefined;
}

/** What a part of an answer is to its call. */
export interface PartPlace {
  /** Whether nothing follows, because the call ended as it should. */
  isLast?: boolean | undefined;
  /** What the last id of this part is, where it ended the call. The text of an end of sequence is empty. */
  end?: CallEnd | undefined;
  /** Whether the server's text may end inside a token, at a stop string. */
  isTrimmed?: boolean | undefined;
}

/** A token that ends calls: one of the stop ids of the call, or an end of sequence. */
export type CallEnd = "stop" | "eos";

/**
 * Makes pieces of the parts of a streamed answer. A part is usually one token and its text. A part is decoded token by
 * token if it has several tokens (a loaded server), or ends inside a character (its text arrives later, or is empty).
 * So is a long first part, since vLLM puts the whole prompt before its text when the prompt ends inside a character.
 *
 * A server that dies may take its tokenizer with it before the last part was decoded. What cannot be decoded any more
 * becomes no piece here, and neither does what comes after it: it stays `held`, for a later call that begins with it.
 *
 * Where a server does not return the ids of tokens inside a character, the piece has a text and no ids.
 */
export class ChunkPieces {
  /** The error that decoding failed with. From then on, nothing becomes a piece. */
  failure: unknown;
  /** Whether the server left out the ids of a piece. */
  lackedIds = false;
  readonly #decode: (ids: readonly number[]) => Promise<string>;
  readonly #decoder: AsyncPieceDecoder;
  readonly #isSilent: (id: number) => boolean;
  readonly #shownAs: (id: number) => string | undefined;
  /** Texts of at least this length may hold the whole prompt, since three of its tokens make a character or more. */
  #promptLength: number;
  readonly #idsInsideCharacters: boolean;
  readonly #details: TokenDetails;
  readonly #undecoded = new Undecoded();
  /** What an earlier call held back, until it is decoded. */
  #seed: Piece | undefined;
  /** Whether no text has come. */
  #first = true;
  /** Whether tokens were left out because their ids are not all known. What follows them is left out too. */
  #isLost = false;

  constructor({
    decode,
    isSilent,
    shownAs = () => undefined,
    promptTokens,
    held,
    idsInsideCharacters = true,
    logprobs = false,
  }: ChunkPiecesSetup) {
    this.#decode = decode;
    this.#decoder = createAsyncPieceDecoder(decode, isSilent);
    this.#isSilent = isSilent;
    this.#shownAs = shownAs;
    this.#promptLength = promptTokens / 3;
    this.#idsInsideCharacters = idsInsideCharacters;
    this.#details = new TokenDetails(logprobs);
    if (held?.ids !== undefined && held.ids.length > 0) this.#seed = held;
  }

  push(chunk: CompletionChunk, place: PartPlace = {}): Piece[] | Promise<Piece[]> {
    const { ids, text, logprobs, topLogprobs } = chunk;
    if (ids === undefined) return text === "" ? [] : [{ text }];
    if (place.end === "eos" || place.isTrimmed === true || !this.#isPlain(ids, text))
      return this.#decodePart(chunk, ids, place);
    this.#first = false;
    this.#details.add(ids, logprobs, topLogprobs);
    return this.#details.attach([{ ids, text }]);
  }

  /**
   * Returns the pieces of what an earlier call held back. The first part does this by itself.
   *
   * @param end what the last of these tokens is, where it ended that call.
   */
  async begin(end?: CallEnd): Promise<Piece[]> {
    const { ids = [], text, logprobs, topLogprobs } = this.#seed ?? {};
    this.#seed = undefined;
    this.#details.add(ids, logprobs, topLogprobs);
    // An incomplete character has no text at the server.
    const pieces = await this.#take(ids, text?.endsWith(replacement) === true ? undefined : text, end);
    // The first text may then be the prompt's.
    if (this.#decoder.holds) this.#promptLength = 0;
    return this.#details.attach(pieces);
  }

  /**
   * Returns the tokens that became no pieces, where the call broke off: those of an incomplete character, or those that
   * could not be decoded. Nothing may be pushed after it.
   */
  held(): Piece | undefined {
    if (this.#seed !== undefined) return this.#seed;
    const undecoded = this.#undecoded.piece;
    return this.#details.attach(undecoded === undefined ? this.#decoder.flush() : [undecoded])[0];
  }

  async #decodePart(
    { text, logprobs, topLogprobs }: CompletionChunk,
    ids: readonly number[],
    { isLast = false, end, isTrimmed = false }: PartPlace,
  ): Promise<Piece[]> {
    const begun = this.#seed === undefined ? [] : await this.begin();
    if (this.#isUnreadable(text)) return begun;
    if (await this.#lacksIds(ids, text)) return [...begun, { text }];
    this.#details.add(ids, logprobs, topLogprobs);
    const pieces = await this.#take(ids, this.#mayHoldPrompt(text) ? undefined : text, end, isTrimmed);
    if (text !== "") this.#first = false;
    if (isLast && this.failure === undefined) pieces.push(...this.#decoder.flush());
    return [...begun, ...this.#details.attach(pieces)];
  }

  #isPlain(ids: readonly number[], text: string): boolean {
    const [id] = ids;
    const simple = id !== undefined && ids.length === 1 && text !== "" && !text.includes(replacement);
    const certain = this.#idsInsideCharacters && !this.#mayHoldPrompt(text);
    const isFree = !this.#decoder.holds && this.#seed === undefined && this.failure === undefined;
    return simple && certain && isFree && !this.#isSilent(id);
  }

  #mayHoldPrompt(text: string): boolean {
    return this.#first && text.length >= this.#promptLength;
  }

  /** Whether a part that cannot be decoded may lack ids: then they cannot be held either. */
  #isUnreadable(text: string): boolean {
    this.#isLost ||= this.failure !== undefined && !this.#idsInsideCharacters && hasLongCharacters(text);
    return this.#isLost;
  }

  /** Whether whole characters arrived with only the ids of their last tokens. */
  async #lacksIds(ids: readonly number[], text: string): Promise<boolean> {
    if (this.failure !== undefined || this.#idsInsideCharacters || this.#decoder.holds) return false;
    if (text === "" || text.includes(replacement)) return false;
    const decoded = await this.#tryToDecode(ids);
    // Where this cannot be found out, no ids are better than ids that may be too few.
    const lacks = decoded === undefined ? hasLongCharacters(text) : decoded.includes(replacement);
    this.lackedIds ||= lacks;
    return lacks;
  }

  /** @param text the server's. Undefined: unknown. */
  async #take(
    ids: readonly number[],
    text: string | undefined,
    end: CallEnd | undefined,
    isTrimmed = false,
  ): Promise<Piece[]> {
    const pieces: Piece[] = [];
    let taken = 0;
    // All at once first, so that a part of many tokens costs one round trip. The answers are cached. Each one only once:
    // whoever waits listens to the call's signal, and what adds a listener looks through those that are there.
    const loud = new Set(this.failure === undefined ? ids.filter((id) => !this.#isSilent(id)) : []);
    await Promise.all(Array.from(loud, (id) => this.#tryToDecode([id])));
    while (this.failure === undefined && taken < ids.length) {
      const ending = taken === ids.length - 1 ? end : undefined;
      try {
        // oxlint-disable-next-line no-await-in-loop -- in the order of the tokens
        pieces.push(...(await this.#takeOne(ids[taken] ?? 0, ending)));
        taken += 1;
      } catch (error) {
        this.failure = error;
      }
    }
    const aligned = text === undefined ? undefined : alignToServerText(pieces, text, isTrimmed);
    if (taken < ids.length) {
      // Tokens that are held back are not in the server's text yet, so they belong to the rest.
      const open = this.#decoder.flush().flatMap((piece) => [...(piece.ids ?? [])]);
      this.#undecoded.add([...open, ...ids.slice(taken)], this.#withoutEnd(aligned?.rest, ids, end));
    }
    return aligned?.pieces ?? pieces;
  }

  /** The text without a silent token at its end, whose text is empty although the server shows it. */
  #withoutEnd(text: string | undefined, ids: readonly number[], ended: CallEnd | undefined): string | undefined {
    const last = ids.at(-1);
    const isSilent = ended === "eos" || (last !== undefined && this.#isSilent(last));
    const end = last === undefined || !isSilent ? "" : (this.#shownAs(last) ?? "");
    return end !== "" && text?.endsWith(end) === true ? text.slice(0, -end.length) : text;
  }

  /** Makes a piece of its own of the token that ended the call. */
  async #takeOne(id: number, ending: CallEnd | undefined): Promise<Piece[]> {
    if (ending === undefined) return this.#decoder.push(id);
    const text = ending === "eos" || this.#isSilent(id) ? "" : await this.#decode([id]);
    return [...this.#decoder.flush(), { ids: [id], text }];
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

/** Characters that can take several tokens of a vocabulary of bytes. */
function hasLongCharacters(text: string): boolean {
  return /[\u0080-\uFFFF]/.test(text);
}
