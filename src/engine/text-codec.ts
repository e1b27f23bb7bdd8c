import { BoundedCache } from "./bounded-cache.ts";
import type { ServerClient } from "./server-client.ts";
import { detokenized, tokenized, vllm } from "./vllm.ts";

const cachedEntries = 20_000;

/** The server's tokenizer, with what it said before remembered. */
export class TextCodec {
  readonly #client: ServerClient;
  readonly #model: string;
  readonly #encoded: BoundedCache<number[]> = new BoundedCache(cachedEntries);
  readonly #decoded: BoundedCache<string> = new BoundedCache(cachedEntries);

  constructor(client: ServerClient, model: string) {
    this.#client = client;
    this.#model = model;
  }

  /** Control strings are read as tokens. No begin of sequence is added unless asked for. */
  async encode(text: string, { bos = false } = {}): Promise<number[]> {
    if (text === "" && !bos) return [];
    return this.#encoded.get(`${bos ? 1 : 0}${text}`, async () => {
      const body = { model: this.#model, prompt: text, add_special_tokens: bos };
      return (await this.#client.post(vllm.tokenizePath, body, tokenized)).tokens;
    });
  }

  /** Every token shown. */
  async decode(ids: readonly number[]): Promise<string> {
    if (ids.length === 0) return "";
    return this.#decoded.get(ids.join(), async () => {
      const body = { model: this.#model, tokens: ids };
      return (await this.#client.post(vllm.detokenizePath, body, detokenized)).prompt;
    });
  }

  /** The chat template's rendering, up to where the answer begins. */
  async renderTemplate(messages: readonly { role: string; content: string }[]): Promise<string> {
    const body = { model: this.#model, messages, add_generation_prompt: true };
    return this.decode((await this.#client.post(vllm.tokenizePath, body, tokenized)).tokens);
  }
}
