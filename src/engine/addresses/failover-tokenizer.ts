import type { ChatMessage } from "../../core/trie/piece.ts";
import { untilAborted } from "../abort.ts";
import type { Abortable, EncodeOptions, RenderChatOptions, Tokenizer } from "../engine.ts";
import type { ServerEngine } from "../server-engine.ts";
import type { Address } from "./address.ts";
import type { Addresses } from "./addresses.ts";

/** The tokenizer of several addresses of one model. It asks the one that worked last. */
export class FailoverTokenizer implements Tokenizer {
  readonly bos: number | undefined;
  readonly controls: readonly string[];
  readonly vocabularySize: number | undefined;
  readonly #first: Tokenizer;
  readonly #addresses: Addresses;
  readonly #connected: (address: Address) => Promise<ServerEngine>;

  constructor(first: Tokenizer, addresses: Addresses, connected: (address: Address) => Promise<ServerEngine>) {
    this.bos = first.bos;
    this.controls = first.controls;
    this.vocabularySize = first.vocabularySize;
    this.#first = first;
    this.#addresses = addresses;
    this.#connected = connected;
  }

  /** Of every address: each of them may learn of more. */
  get eos(): readonly number[] {
    return [...new Set(this.#known().flatMap(({ eos }) => eos))];
  }

  encode(text: string, options: EncodeOptions & Abortable): Promise<number[]> {
    return this.#ask(options.signal, (tokenizer) => tokenizer.encode(text, options));
  }

  encodeSync(text: string, options: EncodeOptions): readonly number[] | undefined {
    for (const tokenizer of this.#known()) {
      const ids = tokenizer.encodeSync?.(text, options);
      if (ids !== undefined) return ids;
    }
    return undefined;
  }

  decode(ids: readonly number[], options: Abortable = {}): Promise<string> {
    return this.#ask(options.signal, (tokenizer) => tokenizer.decode(ids, options));
  }

  renderChat(messages: readonly ChatMessage[], options: RenderChatOptions = {}): Promise<number[]> {
    return this.#ask(options.signal, (tokenizer) => tokenizer.renderChat(messages, options));
  }

  hasChatTemplate(options: Abortable = {}): Promise<boolean> {
    return this.#ask(options.signal, (tokenizer) => tokenizer.hasChatTemplate?.(options) ?? false);
  }

  #known(): Tokenizer[] {
    const known = this.#addresses.list.flatMap(({ engine }) => engine?.tokenizer ?? []);
    return known.length > 0 ? known : [this.#first];
  }

  async #ask<T>(signal: AbortSignal | undefined, ask: (tokenizer: Tokenizer) => T | Promise<T>): Promise<T> {
    const address = this.#addresses.of(undefined);
    try {
      const { tokenizer } = await untilAborted(this.#connected(address), signal);
      const answer = await ask(tokenizer);
      return answer;
    } catch (error) {
      throw this.#addresses.failed(address, undefined, error);
    }
  }
}
