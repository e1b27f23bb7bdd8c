import type { Piece } from "../../core/trie/piece.ts";
import { createAsyncPieceDecoder } from "./piece-decoder.ts";
import type { AsyncPieceDecoder } from "./piece-decoder.ts";
import type { CompletionChunk } from "./reply.ts";
import { TokenDetails } from "./token-details.ts";

const replacement = "\uFFFD";

export interface ChunkPiecesSetup {
  /** The text of tokens, control tokens shown. */
  decode: (ids: readonly number[]) => Promise<string>;
  /** Begin and end of sequence, whose text is empty by contract. */
  isSilent: (id: number) => boolean;
  promptTokens: number;
  /** Whether ids come while a character is incomplete. @defaultValue true */
  idsInsideCharacters?: boolean | undefined;
  /** Whether pieces get log-probabilities. @defaultValue false */
  logprobs?: boolean | undefined;
}

/**
 * Makes pieces of the parts of a streamed answer. A part is usually one token and its text. One of several tokens (a
 * loaded server), or inside a character (its text then comes later, or is empty), is decoded token by token; and so is
 * a first one that is long, since vLLM puts the whole prompt before its text when the prompt ends inside a character.
 *
 * A server that dies may take its tokenizer along before the last part has been decoded. Nothing that came is lost then:
 * each part becomes one piece, with the text that came with it, and the token that ended the call one of its own.
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

  /** What is held back for want of the rest of its character, when nothing more will come. */
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

  /** Whether whole characters came with the ids of their last tokens alone. */
  async #lacksIds(ids: readonly number[], text: string): Promise<boolean> {
    if (this.#idsInsideCharacters || this.#decoder.holds || text === "" || text.includes(replacement)) return false;
    const decoded = await this.#tryToDecode(ids);
    // Where it cannot be found out, ids that may be too few are worse than none.
    const lacks = decoded === undefined ? /[\u0080-\uFFFF]/.test(text) : decoded.includes(replacement);
    this.lackedIds ||= lacks;
    return lacks;
  }

  /** The last token apart, however the others come out. */
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
    // All at once first, so that a part of many tokens costs one round trip; the answers are remembered.
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
    // What is held back is not in the server's text yet either: it belongs to the rest.
    const held = this.#decoder.flush().flatMap((piece) => [...(piece.ids ?? [])]);
    const rest = this.#mayHoldPrompt(text) ? undefined : behind(pieces, text);
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

/** Some vocabularies lose a leading space when a token is decoded alone: the server's own text has it. */
function spaced(pieces: Piece[], text: string): Piece[] {
  const [first, ...rest] = pieces;
  if (first?.text === undefined || first.text === "") return pieces;
  return text === ` ${textOf(pieces)}` ? [{ ...first, text: ` ${first.text}` }, ...rest] : pieces;
}

/** What is left of a part's text behind its first pieces; undefined where its text does not begin with theirs. */
function behind(pieces: readonly Piece[], text: string): string | undefined {
  const before = textOf(pieces);
  return text.startsWith(before) ? text.slice(before.length) : undefined;
}

function textOf(pieces: readonly Piece[]): string {
  return pieces.map((piece) => piece.text).join("");
}
