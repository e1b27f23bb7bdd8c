import type { TopLogprob } from "../../core/trie/piece.ts";
import { answerPaths } from "./answer-paths.ts";
import type { AnswerPaths } from "./answer-paths.ts";
import { idsAt, isRecord, numberAt, readPath, textAt } from "./json-path.ts";
import { readLogprobs, readTopLogprobs } from "./logprobs.ts";
import type { EngineProfile } from "../profile.ts";

/** A part of a streamed answer, in one form for every server. */
export interface CompletionChunk {
  /** Undefined in text mode. */
  ids: readonly number[] | undefined;
  text: string;
  /** One per id, where they were requested. */
  logprobs?: readonly number[] | undefined;
  /** One list per id, best first, where they were requested. */
  topLogprobs?: readonly (readonly TopLogprob[])[] | undefined;
  /** Set on the last part: the server's finish reason. */
  finish?: string | undefined;
  /** With `finish`: the server's message about it. */
  finishMessage?: string | undefined;
  /** With `finish`: the id that ended the call, where the server returns it. */
  stopId?: number | undefined;
}

export interface ReplyPart {
  chunk?: CompletionChunk | undefined;
  cachedTokens?: number | undefined;
  completionTokens?: number | undefined;
  weightVersion?: string | undefined;
  /** The server's error, where it refuses or breaks off inside an answer that began with HTTP 200. */
  error?: { message: string; status: number } | undefined;
  /** The server sent text where ids were expected. */
  idless?: boolean | undefined;
}

/** Reads the parts of one answer. Where they repeat what came before, the repeated beginning is removed. */
export class ReplyReader {
  readonly #paths: AnswerPaths;
  readonly #top: number;
  #ids = 0;
  #text = 0;
  #logprobs = 0;
  #topLogprobs = 0;

  /** @param top how many likely tokens were requested at each place. */
  constructor({ answer }: EngineProfile, top = 0) {
    this.#paths = answerPaths(answer);
    this.#top = top;
  }

  /** @throws SyntaxError for data that is not JSON, TypeError for JSON that is not an object. */
  read(data: string): ReplyPart {
    const part: unknown = JSON.parse(data);
    if (!isRecord(part)) throw new TypeError("an answer is an object");
    const error = errorIn(part);
    if (error !== undefined) return { error };
    const { cachedTokens, completionTokens, weightVersion } = this.#paths;
    const reply: ReplyPart = {
      chunk: undefined,
      idless: undefined,
      cachedTokens: cachedTokens === null ? undefined : numberAt(part, cachedTokens),
      completionTokens: completionTokens === null ? undefined : numberAt(part, completionTokens),
      weightVersion: weightVersion === null ? undefined : textAt(part, weightVersion),
    };
    this.#readChunk(part, reply);
    return reply;
  }

  #readChunk(part: Record<string, unknown>, reply: ReplyPart): void {
    const { ids: idsPath, text: textPath, finish: finishPath, finishMessage, stopId } = this.#paths;
    const text = textAt(part, textPath);
    const finish = textAt(part, finishPath);
    const ids = idsPath === null ? undefined : idsAt(part, idsPath);
    if (text === undefined && ids === undefined && finish === undefined) return;
    if (idsPath !== null && ids === undefined && text !== undefined && text !== "") {
      reply.idless = true;
      return;
    }
    reply.chunk = {
      ids: idsPath === null ? undefined : this.#newIds(ids ?? []),
      text: this.#newText(text ?? ""),
      logprobs: this.#newLogprobs(part),
      topLogprobs: this.#newTopLogprobs(part),
      // llama.cpp writes "none" on every part that is not the last.
      finish: finish === "none" ? undefined : finish,
      finishMessage: finishMessage === null ? undefined : textAt(part, finishMessage),
      stopId: stopId === null ? undefined : numberAt(part, stopId),
    };
  }

  #newIds(ids: readonly number[]): readonly number[] {
    if (!this.#paths.cumulative) return ids;
    const fresh = ids.slice(this.#ids);
    this.#ids = Math.max(this.#ids, ids.length);
    return fresh;
  }

  #newText(text: string): string {
    if (!this.#paths.cumulative) return text;
    const fresh = text.slice(this.#text);
    this.#text = Math.max(this.#text, text.length);
    return fresh;
  }

  #newLogprobs(part: Record<string, unknown>): readonly number[] | undefined {
    const { logprobs: path } = this.#paths;
    const list = path === null ? undefined : readPath(part, path);
    if (!this.#paths.cumulative || !Array.isArray(list)) return readLogprobs(list);
    const fresh = readLogprobs(list.slice(this.#logprobs));
    this.#logprobs = list.length;
    return fresh;
  }

  #newTopLogprobs(part: Record<string, unknown>): readonly (readonly TopLogprob[])[] | undefined {
    const { topLogprobs: path, cumulative } = this.#paths;
    const list = path === null || this.#top === 0 ? undefined : readPath(part, path);
    if (!cumulative || !Array.isArray(list)) return readTopLogprobs(list, this.#top);
    const fresh = readTopLogprobs(list.slice(this.#topLogprobs), this.#top);
    this.#topLogprobs = list.length;
    return fresh;
  }
}

/** `{"error":{"message","code"}}`, `{"error":"…"}` or `{"object":"error","message","code"}`, all inside HTTP 200. */
function errorIn(part: Record<string, unknown>): ReplyPart["error"] {
  const nested = part["error"] ?? (part["object"] === "error" ? part : undefined);
  if (nested === undefined || nested === null) return undefined;
  const message = textAt(nested, "message") ?? (typeof nested === "string" ? nested : "an error without a message");
  return { message, status: numberAt(nested, "code") ?? 500 };
}
