import type { ChatMessage } from "../../core/trie/piece.ts";
import { ThreadweaverError } from "../../errors.ts";
import { renderChatParts } from "./chat-template.ts";
import type { Codec } from "./codec.ts";
import { refuseControls, splitControls } from "./control-strings.ts";
import type { Tokenizer } from "../engine.ts";
import type { ServerVocabulary } from "../detect/server-vocabulary.ts";

/** What a run needs of a tokenizer, made of a codec and of what is known of the vocabulary. */
export class ServerTokenizer implements Tokenizer {
  readonly bos: number | undefined;
  readonly eos: readonly number[];
  readonly controls: readonly string[];
  readonly vocabularySize: number | undefined;
  readonly #codec: Codec;
  readonly #controlIds: ReadonlySet<number>;
  readonly #takesIds: boolean;

  /** @param suspects for servers whose prompts are text: what they may read as control strings. */
  constructor(codec: Codec, { bos, eos, controls, size }: ServerVocabulary, suspects?: readonly string[]) {
    this.bos = bos;
    this.eos = eos;
    this.controls = [...new Set([...controls.keys(), ...(suspects ?? [])])];
    this.vocabularySize = size;
    this.#codec = codec;
    this.#takesIds = suspects === undefined;
    this.#controlIds = new Set(controls.values());
  }

  encode(text: string, options: { controls: "parse" | "text" }): Promise<number[]> {
    return options.controls === "parse" ? this.#codec.encode(text) : this.#encodeText(text);
  }

  decode(ids: readonly number[]): Promise<string> {
    return this.#codec.decode(ids);
  }

  async renderChat(messages: readonly ChatMessage[], prefill = ""): Promise<number[]> {
    const parts = await renderChatParts(messages, (given) => this.#renderTemplate(given));
    const encoded = await Promise.all(
      parts.map(({ kind, text }) => this.encode(text, { controls: kind === "template" ? "parse" : "text" })),
    );
    const ids = [...encoded.flat(), ...(await this.encode(prefill, { controls: "parse" }))];
    return this.bos === undefined || ids[0] === this.bos ? ids : [this.bos, ...ids];
  }

  async #encodeText(text: string): Promise<number[]> {
    if (!this.#takesIds) refuseControls(text, this.controls);
    const parts = splitControls(text, this.controls);
    const ids = (await Promise.all(parts.map((part) => this.#codec.encode(part)))).flat();
    const forged = ids.find((id) => this.#controlIds.has(id));
    if (forged === undefined) return ids;
    const shown = await this.#codec.decode([forged]);
    throw new ThreadweaverError("invalid_prompt", `The text holds ${shown}, a control token of this model.`);
  }

  async #renderTemplate(messages: ChatMessage[]): Promise<string> {
    return this.#codec.renderTemplate(messages).catch((error: unknown) => {
      if (!ThreadweaverError.isInstance(error) || error.code !== "engine_refused") throw error;
      throw new ThreadweaverError(
        "invalid_prompt",
        `The server cannot render these messages; give the text as a prompt instead. ${error.message}`,
        { cause: error },
      );
    });
  }
}
