import { ThreadweaverError } from "../errors.ts";
import { CacheWatch } from "./cache-watch.ts";
import { CallGate } from "./call-gate.ts";
import { CallIds } from "./call-ids.ts";
import { cancellation } from "./cancellation.ts";
import { ChunkPieces } from "./chunk-pieces.ts";
import { completionBody } from "./completion-body.ts";
import { endingOf, idlessError, replyError } from "./endings.ts";
import type { CompletionEvent, CompletionRequest, Engine, EngineWarning, Tokenizer } from "./engine.ts";
import type { Inspection } from "./inspect.ts";
import type { EngineProfile } from "./profile.ts";
import { ReplyReader } from "./reply.ts";
import type { CompletionChunk, ReplyPart } from "./reply.ts";
import type { ServerReport } from "./report.ts";
import type { ServerClient } from "./server-client.ts";
import { ServerTokenizer } from "./server-tokenizer.ts";

/** An engine behind HTTP. Everything that differs between servers is asked of the profile. */
export class ServerEngine implements Engine {
  readonly name: string;
  readonly model: string;
  readonly contextTokens: number;
  readonly maxPromptTokens: number;
  readonly parallelCalls: number | undefined;
  readonly textOnly: boolean;
  readonly warnings: readonly EngineWarning[];
  readonly tokenizer: Tokenizer;
  /** What was found out about the server. */
  readonly report: ServerReport;
  readonly #client: ServerClient;
  readonly #found: Inspection;
  readonly #profile: EngineProfile;
  readonly #gate = new CallGate();
  readonly #ids = new CallIds();
  readonly #cache = new CacheWatch();

  constructor(client: ServerClient, found: Inspection, report: ServerReport) {
    this.name = client.address;
    this.model = report.model;
    this.contextTokens = report.contextTokens;
    this.maxPromptTokens = report.maxPromptTokens;
    this.parallelCalls = found.identity.slots;
    this.textOnly = found.tier === "text";
    this.warnings = report.warnings;
    this.tokenizer = new ServerTokenizer(found.codec, found.vocabulary);
    this.report = report;
    this.#client = client;
    this.#found = found;
    this.#profile = found.profile;
  }

  async *complete(request: CompletionRequest): AsyncGenerator<CompletionEvent, void, undefined> {
    const room = this.#room(request);
    this.#found.range.check(request.prompt, "the prompt");
    this.#found.range.check(request.stop.ids, "the stop ids");
    if (this.#profile.fork === "after-parent") await this.#gate.afterClosing(request.extends, request.signal);
    const turn = this.#gate.begin(request.id, request.signal);
    try {
      yield* this.#call(request, Math.min(request.maxTokens, room), turn);
    } finally {
      turn.over();
    }
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async *#call(
    request: CompletionRequest,
    maxTokens: number,
    turn: { closing(): void },
  ): AsyncGenerator<CompletionEvent, void, undefined> {
    const assembler = new ChunkPieces(
      (ids) => this.#found.codec.decode(ids),
      (id) => this.#isSilent(id),
      request.prompt.length,
    );
    const last: Pick<ReplyPart, "cachedTokens" | "weightVersion"> & { finish?: string | undefined } = {};
    let generated = 0;
    for await (const part of this.#parts(request, maxTokens)) {
      last.cachedTokens = part.cachedTokens ?? last.cachedTokens;
      last.weightVersion = part.weightVersion ?? last.weightVersion;
      if (part.chunk === undefined || last.finish !== undefined) continue;
      const chunk = complete(part.chunk);
      last.finish = chunk.finish;
      // Said before anybody hears of the last token, and may want to go on from it.
      if (chunk.finish !== undefined) turn.closing();
      generated += chunk.ids?.length ?? 0;
      this.#learn(chunk, request);
      const pieces = await assembler.push(chunk);
      if (pieces.length > 0) yield { type: "pieces", pieces };
    }
    if (assembler.failure !== undefined) throw assembler.failure;
    // A server that was told to end the call may end it in good order before the connection is closed.
    const { signal } = request;
    const isLost = last.finish === undefined || this.#profile.answer.finishes[last.finish] === undefined;
    if (isLost && signal.aborted)
      throw new ThreadweaverError("aborted", "The call was aborted.", { cause: signal.reason });
    const wanted = this.textOnly ? maxTokens < request.maxTokens : generated < request.maxTokens;
    const reason = endingOf(this.name, this.#profile, last.finish, wanted);
    const { cachedTokens, weightVersion } = last;
    const warning =
      request.extends === undefined ? undefined : this.#cache.observe(request.prompt.length, cachedTokens);
    if (warning !== undefined) yield { type: "warning", warning };
    yield { type: "end", reason, cachedTokens, ...(weightVersion === undefined ? {} : { weightVersion }) };
  }

  async *#parts(request: CompletionRequest, maxTokens: number): AsyncGenerator<ReplyPart, void, undefined> {
    const { paths, request: fields } = this.#profile;
    const id = fields.id === null ? undefined : this.#ids.next();
    const promptText = fields.promptAs === "text" ? await this.#found.codec.decode(request.prompt) : undefined;
    const body = completionBody(this.#profile, request, { model: this.model, maxTokens, promptText, id });
    const reader = new ReplyReader(this.#profile);
    using cancel = cancellation(this.#client, this.#profile, request.signal, id);
    for await (const data of this.#client.stream(paths.completions, body, cancel.signal, this.#headers(request))) {
      const part = this.#read(reader, data);
      if (part.error !== undefined) throw replyError(this.name, part.error);
      if (part.idless === true) throw idlessError(this.name);
      yield part;
    }
  }

  #read(reader: ReplyReader, data: string): ReplyPart {
    try {
      return reader.read(data);
    } catch (cause) {
      const message = `${this.name} sent something that is no part of an answer.`;
      throw new ThreadweaverError("engine_failed", message, { cause });
    }
  }

  #headers({ session }: CompletionRequest): Record<string, string> {
    if (session === undefined) return {};
    return Object.fromEntries(this.#profile.request.sessionHeaders.map((name) => [name, session]));
  }

  #room({ prompt, maxTokens }: CompletionRequest): number {
    if (prompt.length === 0) throw new ThreadweaverError("invalid_prompt", "The prompt has no tokens.");
    if (!(maxTokens >= 1))
      throw new ThreadweaverError("invalid_option", `maxTokens is ${maxTokens}; it is at least 1.`);
    const room = this.contextTokens - prompt.length;
    if (room >= 1 && prompt.length <= this.maxPromptTokens) return room;
    throw new ThreadweaverError(
      "context_exceeded",
      `The prompt has ${prompt.length} tokens, which leaves no room for one more in the context of ${this.contextTokens}.`,
    );
  }

  #isSilent(id: number): boolean {
    const { bos, eos } = this.#found.vocabulary;
    return id === bos || eos.includes(id);
  }

  /** What ended a call and was no stop of ours is an end of sequence. */
  #learn({ ids, finish, stopId }: CompletionChunk, { stop }: CompletionRequest): void {
    if (ids === undefined) return;
    this.#found.range.saw(ids);
    const last = ids.at(-1);
    const { finishes, endInIds } = this.#profile.answer;
    if (!endInIds || finish === undefined || last === undefined || finishes[finish] !== "stop") return;
    const ours = stop.ids.includes(stopId ?? last);
    const { eos } = this.#found.vocabulary;
    if (!ours && !eos.includes(last)) eos.push(last);
  }
}

/** The token that ended the call is part of what came, also where a server leaves it out. */
function complete(chunk: CompletionChunk): CompletionChunk {
  const { ids, stopId, finish } = chunk;
  if (ids === undefined || stopId === undefined || finish === undefined || ids.at(-1) === stopId) return chunk;
  return { ...chunk, ids: [...ids, stopId] };
}
