import { z } from "zod";
import { ThreadweaverError } from "../../errors.ts";
import { BoundedCache } from "./bounded-cache.ts";
import type { Codec } from "./codec.ts";
import type { IdRange } from "../id-range.ts";
import { idsAt, textAt } from "../wire/json-path.ts";
import type { EngineProfile } from "../profile.ts";
import type { ServerClient } from "../http/server-client.ts";

const cachedEntries = 20_000;
const anything = z.unknown();

/** The server's tokenizer, with what it said before remembered. */
export class TextCodec implements Codec {
  readonly #client: ServerClient;
  readonly #model: string;
  readonly #profile: EngineProfile;
  readonly #range: IdRange;
  readonly #encoded: BoundedCache<number[]> = new BoundedCache(cachedEntries);
  readonly #decoded: BoundedCache<string> = new BoundedCache(cachedEntries);

  constructor(client: ServerClient, model: string, profile: EngineProfile, range: IdRange) {
    this.#client = client;
    this.#model = model;
    this.#profile = profile;
    this.#range = range;
  }

  async encode(text: string, { bos = false } = {}): Promise<number[]> {
    if (text === "" && !bos) return [];
    return this.#encoded.get(`${bos ? 1 : 0}${text}`, () => {
      const { text: field, bos: bosField } = this.#profile.tokenizer;
      return this.#tokenize({ [field]: text, [bosField]: bos });
    });
  }

  async decode(ids: readonly number[]): Promise<string> {
    if (ids.length === 0) return "";
    return this.#decoded.get(ids.join(), async () => {
      const { ids: field, detokenized, showSpecial } = this.#profile.tokenizer;
      const body = { model: this.#model, [field]: ids, ...showSpecial };
      return this.#ask(this.#profile.paths.detokenize, body, (answer) => textAt(answer, detokenized));
    });
  }

  remember(id: number, text: string): void {
    void this.#decoded.get(String(id), () => Promise.resolve(text));
  }

  async renderTemplate(messages: readonly { role: string; content: string }[]): Promise<string> {
    const { template } = this.#profile.tokenizer;
    if (template === "tokenize") return this.decode(await this.#tokenize({ messages, add_generation_prompt: true }));
    return this.#ask(template, { messages }, (answer) => textAt(answer, "prompt"));
  }

  async #tokenize(body: Record<string, unknown>): Promise<number[]> {
    const { ids: field } = this.#profile.tokenizer;
    const path = this.#profile.paths.tokenize;
    const ids = await this.#ask(path, { model: this.#model, ...body }, (answer) => idsAt(answer, field));
    this.#range.saw(ids);
    return ids;
  }

  async #ask<T>(
    path: string | null,
    body: Record<string, unknown>,
    read: (answer: unknown) => T | undefined,
  ): Promise<T> {
    if (path === null) throw new ThreadweaverError("engine_refused", `${this.#client.address} cannot do this.`);
    const found = read(await this.#client.post(path, body, anything));
    if (found !== undefined) return found;
    const message = `${this.#client.address} answered ${path} in a form that is not known here.`;
    throw new ThreadweaverError("engine_refused", message);
  }
}
