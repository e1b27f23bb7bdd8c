import type { TopLogprob } from "../../core/trie/piece.ts";
import { answerPaths } from "./answer-paths.ts";
import type { AnswerPaths } from "./answer-paths.ts";
import { readContent, textOf } from "./content.ts";
import type { Content } from "./content.ts";
import { meaningOf } from "./finish-reasons.ts";
import type { Path } from "./json-path.ts";
import { idsAt, isRecord, numberAt, readPath, textAt } from "./json-path.ts";
import { readLogprobs, readTopLogprobs } from "./logprobs.ts";
import { errorIn } from "./reply-error.ts";
import { saidIn } from "./said.ts";
import type { ReplyError } from "./reply-error.ts";
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
  /** With `finish`: the stop string that ended the call. The server's text may end with it, inside a token. */
  stopString?: string | undefined;
}

export interface ReplyPart {
  chunk?: CompletionChunk | undefined;
  cachedTokens?: number | undefined;
  completionTokens?: number | undefined;
  weightVersion?: string | undefined;
  /** Thinking that the server keeps apart from the text. */
  reasoning?: string | undefined;
  /** What in the content cannot be read, if anything: the type of a part. */
  unread?: string | undefined;
  /** How many tokens the prompt had. */
  promptTokens?: number | undefined;
  /** What the server says in a part that is neither text nor a count. */
  said?: string | undefined;
  /** The server's error, where it refuses or breaks off inside an answer that began with HTTP 200. */
  error?: ReplyError | undefined;
  /** The server sent text where ids were expected. */
  idless?: boolean | undefined;
}

/**
 * Reads the parts of one answer. Where they repeat what came before, the repeated beginning is removed. An answer that
 * is not streamed is one part.
 */
export class ReplyReader {
  readonly #answer: EngineProfile["answer"];
  readonly #paths: AnswerPaths;
  readonly #top: number;
  /** Whether a part of the answer has come. */
  #hasBegun = false;
  #ids = 0;
  #text = 0;
  #reasoning = 0;
  #logprobs = 0;
  #topLogprobs = 0;

  /** @param top how many likely tokens were requested at each place. */
  constructor({ answer }: EngineProfile, top = 0) {
    this.#answer = answer;
    this.#paths = answerPaths(answer);
    this.#top = top;
  }

  /** @throws SyntaxError for data that is not JSON, TypeError for JSON that is neither an object nor an empty list. */
  read(data: string): ReplyPart {
    const part: unknown = JSON.parse(data);
    if (Array.isArray(part) && part.length === 0) return {};
    if (!isRecord(part)) throw new TypeError("an answer is an object");
    const error = errorIn(part);
    if (error !== undefined) return { error };
    const { cachedTokens, promptTokens, completionTokens, weightVersion } = this.#paths;
    const reply: ReplyPart = {
      chunk: undefined,
      idless: undefined,
      cachedTokens: cachedTokens === null ? undefined : numberAt(part, cachedTokens),
      promptTokens: promptTokens === null ? undefined : numberAt(part, promptTokens),
      completionTokens: completionTokens === null ? undefined : numberAt(part, completionTokens),
      weightVersion: weightVersion === null ? undefined : textAt(part, weightVersion),
    };
    this.#readChunk(part, reply);
    if (reply.chunk === undefined && reply.promptTokens === undefined)
      reply.said = textAt(part, "said") ?? saidIn(part);
    return reply;
  }

  #readChunk(part: Record<string, unknown>, reply: ReplyPart): void {
    const { ids: idsPath, finishMessage, stopId } = this.#paths;
    const text = this.#readText(part, reply);
    const finish = this.#readFinish(part);
    reply.error = this.#refusalIn(part, finish);
    if (reply.error !== undefined) return;
    const ids = idsPath === null ? undefined : idsAt(part, idsPath);
    if (text === undefined && ids === undefined && finish === undefined) return;
    const stop = stopId === null ? undefined : numberAt(part, stopId);
    const fresh = idsPath === null ? undefined : this.#newIds(ids ?? []);
    const freshText = this.#newText(text ?? "");
    this.#hasBegun = true;
    // A character that stays incomplete may come after all of its tokens.
    const isWithoutTokens = fresh?.length === 0 && stop === undefined && !freshText.includes("\uFFFD");
    if (idsPath !== null && freshText !== "" && (ids === undefined || isWithoutTokens)) {
      reply.idless = true;
      return;
    }
    reply.chunk = {
      ids: fresh,
      text: freshText,
      logprobs: this.#newLogprobs(part),
      topLogprobs: this.#newTopLogprobs(part),
      finish,
      finishMessage: finishMessage === null ? undefined : textAt(part, finishMessage),
      stopId: stop,
      stopString: stopId === null ? undefined : textAt(part, stopId),
    };
  }

  /** The text of a part. Undefined where it has none. Thinking goes into the reply. */
  #readText(part: Record<string, unknown>, reply: ReplyPart): string | undefined {
    const found = firstAt(part, this.#paths.text);
    const content: Content | undefined =
      typeof found === "string" ? { text: found, thinking: "", unread: undefined } : readContent(found);
    const reasoning = (content?.thinking ?? "") + (this.#readReasoning(part) ?? "");
    if (reasoning !== "") reply.reasoning = this.#newReasoning(reasoning);
    if (content?.unread !== undefined) reply.unread = content.unread;
    return content?.text;
  }

  /** Some servers send the same thinking under two names, so only the first one counts. */
  #readReasoning(part: Record<string, unknown>): string | undefined {
    for (const path of this.#paths.reasoning) {
      const found = textOf(readPath(part, path));
      if (found !== undefined && found !== "") return found;
    }
    return undefined;
  }

  /** Words for "not yet" are no finish reason. */
  #readFinish(part: Record<string, unknown>): string | undefined {
    const finish = textAt(part, this.#paths.finish);
    return finish === undefined || meaningOf(finish, this.#answer) === "pending" ? undefined : finish;
  }

  /**
   * The server's refusal, where it ends an answer that has not begun with the status that it could not send. SGLang puts
   * a token of a run of its own into such an answer, which is none of the model's.
   */
  #refusalIn(part: Record<string, unknown>, finish: string | undefined): ReplyError | undefined {
    const { finishStatus, finishMessage } = this.#paths;
    if (this.#hasBegun || finish === undefined || finishStatus === null) return undefined;
    const status = numberAt(part, finishStatus);
    if (status === undefined || meaningOf(finish, this.#answer) !== "failed") return undefined;
    return { status, message: (finishMessage === null ? undefined : textAt(part, finishMessage)) ?? finish };
  }

  #newReasoning(reasoning: string): string {
    if (!this.#paths.cumulative) return reasoning;
    const fresh = reasoning.slice(this.#reasoning);
    this.#reasoning = Math.max(this.#reasoning, reasoning.length);
    return fresh;
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

/** What is at the first of these paths where there is anything. */
function firstAt(part: Record<string, unknown>, paths: readonly Path[]): unknown {
  for (const path of paths) {
    const found = readPath(part, path);
    if (found !== undefined && found !== null) return found;
  }
  return undefined;
}
