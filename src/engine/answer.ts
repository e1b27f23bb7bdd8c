import type { Piece } from "../core/trie/piece.ts";
import { ThreadweaverError } from "../errors.ts";
import type { Fitted } from "./detect/inspection.ts";
import type { CompletionRequest } from "./engine.ts";
import type { Lease } from "./prefill-gate.ts";
import type { EngineProfile } from "./profile.ts";
import { ChunkPieces } from "./wire/chunk-pieces.ts";
import type { PartPlace } from "./wire/chunk-pieces.ts";
import { EndInIds } from "./wire/end-in-ids.ts";
import { idlessError, replyError, strangeIdError } from "./wire/endings.ts";
import { isWhole, meaningOf } from "./wire/finish-reasons.ts";
import { ReplyReader } from "./wire/reply.ts";
import type { CompletionChunk, ReplyPart } from "./wire/reply.ts";

/** What is known about a call when its stream is over. */
export interface AnswerFacts
  extends
    Pick<ReplyPart, "cachedTokens" | "completionTokens" | "weightVersion">,
    Pick<CompletionChunk, "finish" | "finishMessage"> {
  /** What the server said outside of the answer, last. */
  said?: string | undefined;
  /** Parts of the content that could not be read. */
  unread?: string | undefined;
  /** How many token ids arrived. */
  generated: number;
  /** Whether the last token is a stop id or an end of sequence. */
  isStop: boolean;
  /** The end of sequence that ended the call, if one did. */
  eos?: number | undefined;
  /** The stop string that ended the call, if one did. */
  stopString?: string | undefined;
}

export interface AnswerSetup {
  /** The server's address, for error messages. */
  address: string;
  found: Pick<Fitted, "codec" | "vocabulary" | "range">;
  profile: EngineProfile;
  request: CompletionRequest;
  lease: Lease;
  /** Removes secrets from words of the server. */
  mask: (said: string) => string;
  /** Takes thinking that the server keeps apart from the text. */
  onReasoning?: ((text: string) => void) | undefined;
}

/** Reads one streamed answer: turns its parts into pieces and collects facts about the call. */
export class Answer {
  readonly facts: AnswerFacts = { generated: 0, isStop: false };
  /** The error for an id outside the vocabulary. What came before it became pieces, or is held; nothing is taken after it. */
  strangeId: ThreadweaverError | undefined;
  /** Whether a token, a text or a thought has come. What is refused before that can be asked for again. */
  hasBegun = false;
  readonly #setup: AnswerSetup;
  readonly #reader: ReplyReader;
  /** For servers that send the token that ends a call before the last part. */
  readonly #order: EndInIds | undefined;
  readonly #pieces: ChunkPieces;

  constructor(setup: AnswerSetup) {
    const { profile, request, found } = setup;
    const { logprobs = false } = request;
    this.#setup = setup;
    this.#reader = new ReplyReader(profile, typeof logprobs === "object" ? logprobs.top : 0);
    this.#order = profile.answer.endInIds ? undefined : new EndInIds();
    this.#pieces = new ChunkPieces({
      decode: (ids) => found.codec.decode(ids, { signal: request.signal }),
      isSilent: (id) => id === found.vocabulary.bos || found.vocabulary.eos.includes(id),
      shownAs: (id) => [...found.vocabulary.controls].find(([, own]) => own === id)?.[0],
      promptTokens: request.prompt.length,
      held: request.held,
      idsInsideCharacters: profile.answer.idsInsideCharacters,
      logprobs: logprobs !== false,
    });
  }

  /** The error that decoding failed with. Some tokens are then held, and are no pieces. */
  get failure(): unknown {
    return this.#pieces.failure;
  }

  /** Whether the server left out the ids of a piece. */
  get lackedIds(): boolean {
    return this.#pieces.lackedIds;
  }

  /**
   * Returns the pieces that one event completes.
   *
   * @throws the server's own error, or `engine_failed` for data that is not part of an answer.
   */
  take(data: string): Piece[] | Promise<Piece[]> {
    const { address, mask } = this.#setup;
    const part = readPart(this.#reader, data, this.#setup);
    if (part.error !== undefined) throw replyError(address, { ...part.error, message: mask(part.error.message) });
    if (part.idless === true) throw idlessError(address);
    if (this.#order === undefined) return this.#takePart(part);
    const parts = this.#order.push(part);
    const [one] = parts;
    if (one === undefined) return [];
    return parts.length === 1 ? this.#takePart(one) : this.#takeAll(parts);
  }

  /** Returns the pieces of the parts that waited for the next one. Call it when nothing more arrives. */
  async rest(): Promise<Piece[]> {
    return this.#takeAll(this.#order?.rest() ?? []);
  }

  /** Returns the pieces of the held tokens of the request, which end with the token that ended their call. */
  async whole(): Promise<Piece[]> {
    const { held, stop } = this.#setup.request;
    return this.#pieces.begin(stop.ids.includes(held?.ids?.at(-1) ?? -1) ? "stop" : "eos");
  }

  /** Returns the tokens that became no pieces, where the answer broke off. Nothing may be taken after it. */
  held(): Piece | undefined {
    return this.#pieces.held();
  }

  async #takeAll(parts: readonly ReplyPart[]): Promise<Piece[]> {
    const pieces: Piece[] = [];
    // oxlint-disable-next-line no-await-in-loop -- in the order of the tokens
    for (const part of parts) pieces.push(...(await this.#takePart(part)));
    return pieces;
  }

  #takePart(part: ReplyPart): Piece[] | Promise<Piece[]> {
    const { facts } = this;
    const { lease } = this.#setup;
    facts.cachedTokens = part.cachedTokens ?? facts.cachedTokens;
    facts.completionTokens = part.completionTokens ?? facts.completionTokens;
    facts.weightVersion = part.weightVersion ?? facts.weightVersion;
    if (part.said !== undefined) facts.said = this.#setup.mask(part.said);
    facts.unread ??= part.unread;
    if (part.reasoning !== undefined) {
      this.hasBegun = true;
      this.#setup.onReasoning?.(part.reasoning);
    }
    if (part.chunk === undefined || this.strangeId !== undefined) return [];
    lease.prefilled();
    this.hasBegun ||= part.chunk.text !== "" || (part.chunk.ids ?? []).length > 0;
    const lacksAll = part.chunk.ids?.length === 0 && part.chunk.text !== "";
    const whole = complete(part.chunk);
    if (this.#isOver(whole)) return [];
    const chunk = this.#ofVocabulary(whole);
    facts.finish = chunk.finish ?? facts.finish;
    if (chunk.finishMessage !== undefined) facts.finishMessage = this.#setup.mask(chunk.finishMessage);
    if (chunk.finish !== undefined) {
      facts.stopString = chunk.stopString;
      lease.finishing();
    }
    this.#learn(chunk);
    if (chunk.finish === undefined) return this.#pieces.push(chunk);
    const { answer } = this.#setup.profile;
    const end = facts.eos === undefined ? (facts.isStop ? "stop" : undefined) : "eos";
    const isTrimmed = chunk.stopString !== undefined;
    const place: PartPlace = { isLast: isWhole(chunk.finish, answer), end, isTrimmed };
    return lacksAll ? this.#pushEnd(chunk, place) : this.#pieces.push(chunk, place);
  }

  /**
   * Whether a part comes after the end. Text that follows a finish reason shows that it was none: it is read. Ids that
   * follow one are those of another answer, unless the reason is an unknown word.
   */
  #isOver({ ids, text }: CompletionChunk): boolean {
    const { finish } = this.facts;
    if (finish === undefined) return false;
    if (ids === undefined) return text === "";
    return meaningOf(finish, this.#setup.profile.answer) !== "unknown";
  }

  /** A last part that has only the token that ended the call. Its text may not be that of further tokens. */
  async #pushEnd(chunk: CompletionChunk, place: PartPlace): Promise<Piece[]> {
    const { address, found, request } = this.#setup;
    const own = await found.codec.decode(chunk.ids ?? [], { signal: request.signal }).catch(() => chunk.text);
    if (own !== chunk.text) throw idlessError(address);
    return this.#pieces.push(chunk, place);
  }

  /** The beginning of a part, up to the first id that is not in the vocabulary. The text of a beginning is not known. */
  #ofVocabulary(chunk: CompletionChunk): CompletionChunk {
    const { ids } = chunk;
    const { address, found } = this.#setup;
    const at = ids === undefined ? -1 : found.range.outside(ids);
    if (ids === undefined || at < 0) return chunk;
    this.strangeId = strangeIdError(address, ids[at] ?? -1, found.range.size);
    return { ...chunk, ids: ids.slice(0, at), text: "", finish: undefined, stopId: undefined };
  }

  /**
   * A token that ended the call and is neither one of its stop ids nor the end of a stop string is an end of sequence, for
   * this call. No other call takes
   * it for one: what a server names once may be wrong, and each call is told of its own end.
   */
  #learn({ ids, finish, stopId, stopString }: CompletionChunk): void {
    if (ids === undefined) return;
    const { facts } = this;
    const { found, profile, request } = this.#setup;
    const { eos } = found.vocabulary;
    found.range.saw(ids);
    facts.generated += ids.length;
    const id = ids.at(-1);
    if (id === undefined) return;
    if (finish !== undefined && stopString === undefined && meaningOf(finish, profile.answer) === "stop") {
      const ended = stopId ?? id;
      if (!request.stop.ids.includes(ended)) facts.eos = ended;
    }
    facts.isStop = request.stop.ids.includes(id) || eos.includes(id) || id === facts.eos;
  }
}

function readPart(reader: ReplyReader, data: string, { address, mask }: AnswerSetup): ReplyPart {
  try {
    return reader.read(data);
  } catch (cause) {
    const message = `${address} sent data that is not part of an answer.`;
    // The error of a parser repeats some of the data.
    const isClean = mask(data) === data;
    throw new ThreadweaverError("engine_failed", message, { retryable: true, ...(isClean && { cause }) });
  }
}

/** Adds the token that ended the call, where a server leaves it out. */
function complete(chunk: CompletionChunk): CompletionChunk {
  const { ids, stopId, finish } = chunk;
  if (ids === undefined || stopId === undefined || finish === undefined || ids.at(-1) === stopId) return chunk;
  return { ...chunk, ids: [...ids, stopId] };
}
