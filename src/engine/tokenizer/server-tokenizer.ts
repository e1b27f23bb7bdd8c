import type { ChatMessage } from "../../core/trie/piece.ts";
import { ThreadweaverError } from "../../errors.ts";
import { ChatEncoder } from "./chat/encode-chat.ts";
import type { TemplateOptions } from "./chat/chat-template.ts";
import type { Codec, CodecOptions } from "./codec.ts";
import { refuseControls, splitControls } from "./control-strings.ts";
import { untilAborted } from "../abort.ts";
import type { Abortable, EncodeOptions, RenderChatOptions, Tokenizer } from "../engine.ts";
import type { ServerVocabulary } from "../vocabulary.ts";

/** What a renderer says that has no chat template, or nothing to render it with. */
const without: ReadonlySet<string> = new Set(["engine_refused", "invalid_prompt", "missing_dependency"]);

/** The tokenizer of a run, made of a codec and of what is known about the vocabulary. */
export class ServerTokenizer implements Tokenizer {
  readonly bos: number | undefined;
  readonly eos: readonly number[];
  readonly controls: readonly string[];
  readonly vocabularySize: number | undefined;
  readonly #codec: Codec;
  readonly #controlIds: ReadonlySet<number>;
  readonly #chats: ChatEncoder;
  readonly #takesIds: boolean;

  /** @param suspects for servers whose prompts are text: the strings that they may read as control tokens. */
  constructor(codec: Codec, { bos, eos, controls, size }: ServerVocabulary, suspects?: readonly string[]) {
    this.bos = bos;
    this.eos = eos;
    this.controls = [...new Set([...controls.keys(), ...(suspects ?? [])])];
    this.vocabularySize = size;
    this.#codec = codec;
    this.#takesIds = suspects === undefined;
    this.#controlIds = new Set(controls.values());
    this.#chats = new ChatEncoder(controls, suspects);
  }

  encode(text: string, { controls, signal }: EncodeOptions & Abortable): Promise<number[]> {
    const ids = controls === "parse" ? this.#codec.encode(text, { signal }) : this.#encodeText(text, signal);
    // A codec may be a user's own, and may ignore the signal.
    return untilAborted(ids, signal);
  }

  encodeSync(text: string, { controls }: EncodeOptions): readonly number[] | undefined {
    if (controls === "parse") return this.#codec.encodeSync?.(text);
    if (!this.#takesIds && this.controls.some((control) => text.includes(control))) return undefined;
    const ids: number[] = [];
    for (const part of splitControls(text, this.controls)) {
      const known = this.#codec.encodeSync?.(part);
      if (known === undefined || known.some((id) => this.#controlIds.has(id))) return undefined;
      for (const id of known) ids.push(id);
    }
    return ids;
  }

  decode(ids: readonly number[], { signal }: Abortable = {}): Promise<string> {
    return untilAborted(this.#codec.decode(ids, { signal }), signal);
  }

  renderChat(messages: readonly ChatMessage[], options: RenderChatOptions = {}): Promise<number[]> {
    return untilAborted(this.#renderChat(messages, options), options.signal);
  }

  async #renderChat(
    messages: readonly ChatMessage[],
    { prefill = "", signal, templateOptions: variables }: RenderChatOptions,
  ): Promise<number[]> {
    const chat = await this.#chats.encode(
      messages,
      (given, clear) => this.#renderTemplate(given, { signal, variables, clear }),
      (text) => this.#codec.encode(text, { signal }),
      (typed) => this.#takesIds || refuseControls(typed.join(" "), typed),
    );
    const ids = [...chat, ...(await this.encode(prefill, { controls: "parse", signal }))];
    return this.bos === undefined || ids[0] === this.bos ? ids : [this.bos, ...ids];
  }

  /** A short chat is rendered to find out. */
  async hasChatTemplate({ signal }: Abortable = {}): Promise<boolean> {
    try {
      await untilAborted(this.#codec.renderTemplate([{ role: "user", content: "Hello" }], { signal }), signal);
      return true;
    } catch (error) {
      if (ThreadweaverError.isInstance(error) && without.has(error.code)) return false;
      throw error;
    }
  }

  async #encodeText(text: string, signal: AbortSignal | undefined): Promise<number[]> {
    if (!this.#takesIds) refuseControls(text, this.controls);
    const parts = splitControls(text, this.controls);
    const ids = (await Promise.all(parts.map((part) => this.#codec.encode(part, { signal })))).flat();
    const forged = ids.find((id) => this.#controlIds.has(id));
    if (forged === undefined) return ids;
    const shown = await this.#codec.decode([forged], { signal });
    throw new ThreadweaverError("invalid_prompt", `The text holds ${shown}, a control token of this model.`);
  }

  async #renderTemplate(messages: readonly ChatMessage[], options: CodecOptions & TemplateOptions): Promise<string> {
    return this.#codec.renderTemplate(messages, options).catch((error: unknown) => {
      if (!ThreadweaverError.isInstance(error) || error.code !== "engine_refused") throw error;
      throw new ThreadweaverError(
        "invalid_prompt",
        `The server cannot render these messages; give the text as a prompt instead. ${error.message}`,
        { cause: error },
      );
    });
  }
}
