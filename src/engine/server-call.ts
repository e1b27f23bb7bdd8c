import { ThreadweaverError } from "../errors.ts";
import { abortedError } from "./abort.ts";
import { CacheWatch } from "./cache-watch.ts";
import { CallIds } from "./call-ids.ts";
import { cancellation } from "./cancellation.ts";
import type { Inspection } from "./detect/inspection.ts";
import type { CompletionEvent, CompletionRequest } from "./engine.ts";
import type { ServerClient } from "./http/server-client.ts";
import { OptionalFields } from "./optional-fields.ts";
import { openGate, PrefillGate } from "./prefill-gate.ts";
import type { Lease } from "./prefill-gate.ts";
import { bulkProfile } from "./profile.ts";
import type { EngineProfile } from "./profile.ts";
import { ChunkPieces } from "./wire/chunk-pieces.ts";
import { completionBody } from "./wire/completion-body.ts";
import { endInIds } from "./wire/end-in-ids.ts";
import { endingOf, idlessError, replyError } from "./wire/endings.ts";
import { requireLogprobs } from "./wire/logprobs.ts";
import { ReplyReader } from "./wire/reply.ts";
import type { CompletionChunk, ReplyPart } from "./wire/reply.ts";

/** A call and how it is made. */
interface Call {
  request: CompletionRequest;
  profile: EngineProfile;
  /** Tokens that the context has room for behind the prompt. */
  room: number;
}

/** What is known of a call when its stream is over. */
type Last = Pick<ReplyPart, "cachedTokens" | "completionTokens" | "weightVersion"> &
  Pick<CompletionChunk, "finish" | "finishMessage"> & {
    /** Ids that came. */
    generated: number;
    /** The last token is one that ends calls. */
    isStop: boolean;
    /** The end of sequence that ended it. */
    eos?: number | undefined;
  };

/** Makes the calls to one server: asked for and read as its profile says, ended by what we know to be an ending. */
export class ServerCalls {
  readonly #client: ServerClient;
  readonly #found: Inspection;
  readonly #gate: Pick<PrefillGate, "enter">;
  readonly #ids = new CallIds();
  readonly #cache = new CacheWatch();
  readonly #bulk: EngineProfile;
  readonly #optional = new OptionalFields();
  #hasWarned = false;

  constructor(client: ServerClient, found: Inspection) {
    this.#client = client;
    this.#found = found;
    this.#gate = found.profile.fork === "after-parent" ? new PrefillGate() : openGate;
    this.#bulk = bulkProfile(found.profile);
  }

  /**
   * @param roomOf how many tokens the context has room for behind a request's prompt; throws where it cannot be run.
   */
  async *make(
    request: CompletionRequest,
    roomOf: (request: CompletionRequest) => number,
  ): AsyncGenerator<CompletionEvent, void, undefined> {
    const { coalesce = 1, logprobs = false, signal } = request;
    const profile = coalesce > 1 ? this.#bulk : this.#found.profile;
    const call = { request, profile, room: roomOf(request) };
    requireLogprobs(this.#client.address, profile, logprobs);
    const assembler = this.#assembler(call);
    const last: Last = { generated: 0, isStop: false };
    const lease = await this.#gate.enter(request);
    try {
      if (signal.aborted) throw abortedError(signal);
      const parts = this.#parts(call);
      for await (const part of profile.answer.endInIds ? parts : endInIds(parts)) {
        const chunk = this.#note(call, part, last, lease);
        if (chunk === undefined) continue;
        const pieces = await assembler.push(chunk, chunk.finish !== undefined && last.isStop);
        if (pieces.length > 0) yield { type: "pieces", pieces };
      }
    } catch (error) {
      yield* eventOf(assembler);
      throw error;
    } finally {
      lease.release();
    }
    yield* eventOf(assembler);
    if (assembler.failure !== undefined) throw assembler.failure;
    if (assembler.lackedIds) yield* this.#warnOfLackingIds();
    yield* this.#end(call, last);
  }

  #assembler({ request, profile }: Call): ChunkPieces {
    return new ChunkPieces({
      decode: (ids) => this.#found.codec.decode(ids, { signal: request.signal }),
      isSilent: (id) => this.#isSilent(id),
      promptTokens: request.prompt.length,
      idsInsideCharacters: profile.answer.idsInsideCharacters,
      logprobs: request.logprobs !== undefined && request.logprobs !== false,
    });
  }

  *#end({ request, profile, room }: Call, last: Last): Generator<CompletionEvent, void, undefined> {
    const { prompt, signal, maxTokens, extends: parent } = request;
    // A server that was told to end the call may end it in good order before the connection is closed.
    const isLost = last.finish === undefined || profile.answer.finishes[last.finish] === undefined;
    if (isLost && signal.aborted) throw abortedError(signal);
    const counted = this.#found.tier === "ids" ? last.generated : last.completionTokens;
    const hasRoomLeft = counted === undefined ? room < maxTokens : counted < maxTokens;
    const ending = endingOf(this.#client.address, profile, last, hasRoomLeft);
    // Some count before they look: what ended the call may be a marker at the last token that was asked for.
    const reason = last.isStop ? "stop" : ending;
    const { eos, cachedTokens, completionTokens, weightVersion } = last;
    const warning = parent === undefined ? undefined : this.#cache.observe(prompt.length, cachedTokens);
    if (warning !== undefined) yield { type: "warning", warning };
    const known = { ...(eos === undefined ? {} : { eos }), ...(weightVersion === undefined ? {} : { weightVersion }) };
    yield { type: "end", reason, cachedTokens, completionTokens, ...known };
  }

  async *#parts({ request, profile, room }: Call): AsyncGenerator<ReplyPart, void, undefined> {
    const { paths, request: fields } = profile;
    const { model } = this.#found.identity;
    const id = fields.id === null ? undefined : this.#ids.next();
    const prompt = await this.#found.promptOf(request.prompt, request.signal);
    // Of a chat the room is counted in characters, so the server's own limit is the better one unless the caller has one.
    const isFree = fields.promptAs === "messages" && request.maxTokens >= room;
    const maxTokens = isFree ? undefined : Math.min(request.maxTokens, room);
    const bodyWith = (optional: boolean): Record<string, unknown> =>
      completionBody(profile, request, { model, maxTokens, prompt, id, optional });
    const reader = new ReplyReader(profile, typeof request.logprobs === "object" ? request.logprobs.top : 0);
    const headers = headersOf(profile, request);
    using cancel = cancellation(this.#client, profile, request.signal, id);
    const stream = (optional: boolean): AsyncGenerator<string, void, undefined> =>
      this.#client.stream(paths.completions, bodyWith(optional), cancel.signal, headers);
    const isPlain = Object.keys(fields.optional).length === 0;
    for await (const data of isPlain ? stream(false) : this.#optional.ask(stream)) {
      const part = this.#parse(reader, data);
      if (part.error !== undefined) throw replyError(this.#client.address, part.error);
      if (part.idless === true) throw idlessError(this.#client.address);
      yield part;
    }
  }

  #parse(reader: ReplyReader, data: string): ReplyPart {
    try {
      return reader.read(data);
    } catch (cause) {
      const message = `${this.#client.address} sent something that is no part of an answer.`;
      throw new ThreadweaverError("engine_failed", message, { cause });
    }
  }

  #isSilent(id: number): boolean {
    const { bos, eos } = this.#found.vocabulary;
    return id === bos || eos.includes(id);
  }

  /** Keeps what a part says of the call, and returns its tokens; undefined where it has none, or comes after the end. */
  #note(call: Call, part: ReplyPart, last: Last, lease: Lease): CompletionChunk | undefined {
    last.cachedTokens = part.cachedTokens ?? last.cachedTokens;
    last.completionTokens = part.completionTokens ?? last.completionTokens;
    last.weightVersion = part.weightVersion ?? last.weightVersion;
    if (part.chunk === undefined || last.finish !== undefined) return undefined;
    lease.prefilled();
    const chunk = complete(part.chunk);
    last.finish = chunk.finish;
    last.finishMessage = chunk.finishMessage;
    if (chunk.finish !== undefined) lease.finishing();
    this.#learn(call, chunk, last);
    return chunk;
  }

  /** What ended a call and was no stop of ours is an end of sequence. */
  #learn({ request: { stop }, profile: { answer } }: Call, chunk: CompletionChunk, last: Last): void {
    const { ids, finish, stopId } = chunk;
    if (ids === undefined) return;
    this.#found.range.saw(ids);
    last.generated += ids.length;
    const id = ids.at(-1);
    if (id === undefined) return;
    const { eos } = this.#found.vocabulary;
    if (finish !== undefined && answer.finishes[finish] === "stop") {
      const ended = stopId ?? id;
      if (!stop.ids.includes(ended)) last.eos = ended;
      if (last.eos !== undefined && !eos.includes(last.eos)) eos.push(last.eos);
    }
    last.isStop = stop.ids.includes(id) || eos.includes(id);
  }

  *#warnOfLackingIds(): Generator<CompletionEvent, void, undefined> {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const message = `${this.#client.address} does not return the ids of tokens inside a character: those are encoded anew.`;
    yield { type: "warning", warning: { code: "ids-withheld", message } };
  }
}

/** What an answer still held back. */
function* eventOf(assembler: ChunkPieces): Generator<CompletionEvent, void, undefined> {
  const pieces = assembler.flush();
  if (pieces.length > 0) yield { type: "pieces", pieces };
}

/** The token that ended the call is part of what came, also where a server leaves it out. */
function complete(chunk: CompletionChunk): CompletionChunk {
  const { ids, stopId, finish } = chunk;
  if (ids === undefined || stopId === undefined || finish === undefined || ids.at(-1) === stopId) return chunk;
  return { ...chunk, ids: [...ids, stopId] };
}

function headersOf({ request }: EngineProfile, { session }: CompletionRequest): Record<string, string> {
  if (session === undefined) return {};
  return Object.fromEntries(request.sessionHeaders.map((name) => [name, session]));
}
