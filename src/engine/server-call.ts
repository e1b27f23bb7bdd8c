import { ThreadweaverError } from "../errors.ts";
import { CacheWatch } from "./cache-watch.ts";
import type { Turn } from "./call-gate.ts";
import { CallIds } from "./call-ids.ts";
import { cancellation } from "./cancellation.ts";
import { ChunkPieces } from "./wire/chunk-pieces.ts";
import { completionBody } from "./wire/completion-body.ts";
import { endingOf, idlessError, replyError } from "./wire/endings.ts";
import { endInIds } from "./wire/end-in-ids.ts";
import type { CompletionEvent, CompletionRequest } from "./engine.ts";
import type { Inspection } from "./detect/inspection.ts";
import { profileOfUnheard } from "./profile.ts";
import type { EngineProfile } from "./profile.ts";
import { ReplyReader } from "./wire/reply.ts";
import type { CompletionChunk, ReplyPart } from "./wire/reply.ts";
import type { ServerClient } from "./http/server-client.ts";

/** What is known of a call when its stream is over. */
type Last = Pick<ReplyPart, "cachedTokens" | "weightVersion"> &
  Pick<CompletionChunk, "finish" | "finishMessage"> & {
    /** The end of sequence that ended it. */
    eos?: number | undefined;
    /** The last token. */
    id?: number | undefined;
  };

/** Makes the calls to one server: asked for and read as its profile says, ended by what we know to be an ending. */
export class ServerCalls {
  readonly #client: ServerClient;
  readonly #found: Inspection;
  readonly #ids = new CallIds();
  readonly #cache = new CacheWatch();
  #hasWarned = false;
  /** For calls that nobody listens to. */
  readonly #unheard: EngineProfile;

  constructor(client: ServerClient, found: Inspection) {
    this.#client = client;
    this.#found = found;
    this.#unheard = profileOfUnheard(found.profile);
  }

  /** @param turn hears of the first and the last part before anybody else does. */
  async *make(
    request: CompletionRequest,
    room: number,
    turn: Pick<Turn, "answered" | "closing">,
  ): AsyncGenerator<CompletionEvent, void, undefined> {
    const profile = request.unheard === true ? this.#unheard : this.#found.profile;
    const assembler = new ChunkPieces(
      (ids) => this.#found.codec.decode(ids),
      (id) => this.#isSilent(id),
      request.prompt.length,
      profile.answer.idsInsideCharacters,
    );
    const last: Last = {};
    let generated = 0;
    const parts = this.#parts(profile, request, room);
    for await (const part of profile.answer.endInIds ? parts : endInIds(parts)) {
      last.cachedTokens = part.cachedTokens ?? last.cachedTokens;
      last.weightVersion = part.weightVersion ?? last.weightVersion;
      if (part.chunk === undefined || last.finish !== undefined) continue;
      turn.answered();
      const chunk = complete(part.chunk);
      last.finish = chunk.finish;
      last.finishMessage = chunk.finishMessage;
      if (chunk.finish !== undefined) turn.closing();
      generated += chunk.ids?.length ?? 0;
      this.#learn(profile, chunk, request, last);
      const pieces = await assembler.push(chunk);
      if (pieces.length > 0) yield { type: "pieces", pieces };
    }
    if (assembler.failure !== undefined) throw assembler.failure;
    if (assembler.lackedIds) yield* this.#warnOfLackingIds();
    // In text mode nobody counted what came.
    const gotLess = this.#found.tier === "ids" ? generated < request.maxTokens : room < request.maxTokens;
    yield* this.#end(profile, request, last, gotLess);
  }

  *#end(
    profile: EngineProfile,
    { prompt, stop, signal, extends: parent }: CompletionRequest,
    last: Last,
    gotLess: boolean,
  ): Generator<CompletionEvent, void, undefined> {
    // A server that was told to end the call may end it in good order before the connection is closed.
    const isLost = last.finish === undefined || profile.answer.finishes[last.finish] === undefined;
    if (isLost && signal.aborted)
      throw new ThreadweaverError("aborted", "The call was aborted.", { cause: signal.reason });
    const told = endingOf(this.#client.address, profile, last, gotLess);
    // Some count before they look: what ended the call may be a marker at the last token that was asked for.
    const isStop =
      last.id !== undefined && (stop.ids.includes(last.id) || this.#found.vocabulary.eos.includes(last.id));
    const reason = isStop ? "stop" : told;
    const { eos, cachedTokens, weightVersion } = last;
    const warning = parent === undefined ? undefined : this.#cache.observe(prompt.length, cachedTokens);
    if (warning !== undefined) yield { type: "warning", warning };
    const known = { ...(eos === undefined ? {} : { eos }), ...(weightVersion === undefined ? {} : { weightVersion }) };
    yield { type: "end", reason, cachedTokens, ...known };
  }

  async *#parts(
    profile: EngineProfile,
    request: CompletionRequest,
    room: number,
  ): AsyncGenerator<ReplyPart, void, undefined> {
    const { paths, request: fields } = profile;
    const { model } = this.#found.identity;
    const id = fields.id === null ? undefined : this.#ids.next();
    const prompt = await this.#found.promptOf(request.prompt);
    // Of a chat the room is counted in characters: what nobody limits is the server's to limit.
    const isFree = fields.promptAs === "messages" && request.maxTokens >= room;
    const maxTokens = isFree ? undefined : Math.min(request.maxTokens, room);
    const body = completionBody(profile, request, { model, maxTokens, prompt, id });
    const reader = new ReplyReader(profile);
    const headers = headersOf(profile, request);
    using cancel = cancellation(this.#client, profile, request.signal, id);
    for await (const data of this.#client.stream(paths.completions, body, cancel.signal, headers)) {
      const part = this.#read(reader, data);
      if (part.error !== undefined) throw replyError(this.#client.address, part.error);
      if (part.idless === true) throw idlessError(this.#client.address);
      yield part;
    }
  }

  #read(reader: ReplyReader, data: string): ReplyPart {
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

  /** What ended a call and was no stop of ours is an end of sequence. */
  #learn({ answer }: EngineProfile, chunk: CompletionChunk, { stop }: CompletionRequest, last: Last): void {
    const { ids, finish, stopId } = chunk;
    if (ids === undefined) return;
    this.#found.range.saw(ids);
    last.id = ids.at(-1) ?? last.id;
    if (finish !== undefined && answer.finishes[finish] === "stop") {
      const id = stopId ?? ids.at(-1);
      if (id !== undefined && !stop.ids.includes(id)) last.eos = id;
      const { eos } = this.#found.vocabulary;
      if (last.eos !== undefined && !eos.includes(last.eos)) eos.push(last.eos);
    }
  }

  *#warnOfLackingIds(): Generator<CompletionEvent, void, undefined> {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const message = `${this.#client.address} does not tell the ids of tokens inside a character: those are encoded anew.`;
    yield { type: "warning", warning: { code: "ids-withheld", message } };
  }
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
