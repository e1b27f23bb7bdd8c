import * as z from "zod";
import { ThreadweaverError } from "../../errors.ts";
import { templateFields } from "../wire/template-fields.ts";
import type { TemplateOptions } from "./chat/chat-template.ts";
import type { Codec, CodecOptions } from "./codec.ts";
import { SharedCache } from "./shared-cache.ts";
import type { IdRange } from "../id-range.ts";
import { idsAt, textAt } from "../wire/json-path.ts";
import type { EngineProfile } from "../profile.ts";
import type { ServerClient } from "../http/server-client.ts";

const cachedEntries = 20_000;
const anything = z.unknown();

/** The server's tokenizer, with a cache of its answers. */
export class TextCodec implements Codec {
  readonly #client: ServerClient;
  readonly #model: string;
  readonly #profile: EngineProfile;
  readonly #range: IdRange;
  readonly #encoded: SharedCache<number[]> = new SharedCache(cachedEntries);
  readonly #decoded: SharedCache<string> = new SharedCache(cachedEntries);

  constructor(client: ServerClient, model: string, profile: EngineProfile, range: IdRange) {
    this.#client = client;
    this.#model = model;
    this.#profile = profile;
    this.#range = range;
  }

  async encode(text: string, { bos = false, signal }: CodecOptions & { bos?: boolean } = {}): Promise<number[]> {
    if (text === "" && !bos) return [];
    const compute = (shared: AbortSignal): Promise<number[]> => {
      const { text: field, bos: bosField } = this.#profile.tokenizer;
      return this.#tokenize({ [field]: text, [bosField]: bos }, shared);
    };
    return this.#encoded.get(keyOf(text, bos), compute, signal);
  }

  encodeSync(text: string): readonly number[] | undefined {
    return text === "" ? [] : this.#encoded.peek(keyOf(text, false));
  }

  async decode(ids: readonly number[], { signal }: CodecOptions = {}): Promise<string> {
    if (ids.length === 0) return "";
    const compute = (shared: AbortSignal): Promise<string> => {
      const { ids: field, detokenized, showSpecial } = this.#profile.tokenizer;
      const body = { model: this.#model, [field]: ids, ...showSpecial };
      return this.#ask(this.#profile.paths.detokenize, body, (answer) => textAt(answer, detokenized), shared);
    };
    return this.#decoded.get(ids.join(), compute, signal);
  }

  remember(text: string, ids: readonly number[]): void {
    this.#encoded.put(keyOf(text, false), [...ids]);
    if (ids.length === 1) this.#decoded.put(ids.join(), text);
  }

  async renderTemplate(
    messages: readonly { role: string; content: string }[],
    { signal, variables }: CodecOptions & TemplateOptions = {},
  ): Promise<string> {
    const { template } = this.#profile.tokenizer;
    const body = { messages, ...templateFields(variables) };
    if (template !== "tokenize") return this.#ask(template, body, (answer) => textAt(answer, "prompt"), signal);
    return this.decode(await this.#tokenize({ ...body, add_generation_prompt: true }, signal), { signal });
  }

  async #tokenize(body: Record<string, unknown>, signal: AbortSignal | undefined): Promise<number[]> {
    const { ids: field } = this.#profile.tokenizer;
    const path = this.#profile.paths.tokenize;
    const ids = await this.#ask(path, { model: this.#model, ...body }, (answer) => idsAt(answer, field), signal);
    this.#range.saw(ids);
    return ids;
  }

  async #ask<T>(
    path: string | null,
    body: Record<string, unknown>,
    read: (answer: unknown) => T | undefined,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    if (path === null) throw new ThreadweaverError("engine_refused", `${this.#client.address} has no route for this.`);
    const answer = await this.#client.post(path, body, anything, signal);
    const found = read(answer);
    if (found !== undefined) return found;
    const message = `${this.#client.address} answered ${path} in an unknown form.`;
    // An empty answer is none of any form, and may come whole the next time.
    throw new ThreadweaverError("engine_refused", message, { retryable: answer === undefined });
  }
}

/** A whole text and a text that continues another one are encoded differently. */
function keyOf(text: string, bos: boolean): string {
  return `${bos ? 1 : 0}${text}`;
}
