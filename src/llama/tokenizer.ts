import type { LlamaModel } from "node-llama-cpp";
import type { ChatMessage } from "../core/trie/piece.ts";
import { ThreadweaverError } from "../errors.ts";
import { untilAborted } from "../engine/abort.ts";
import { compileChatTemplate, type ChatTemplate } from "../engine/tokenizer/chat/chat-template.ts";
import { ChatEncoder } from "../engine/tokenizer/chat/encode-chat.ts";
import { splitControls } from "../engine/tokenizer/control-strings.ts";
import type { EncodeOptions, RenderChatOptions, Tokenizer } from "../engine/engine.ts";
import { createPieceDecoder } from "../engine/wire/piece-decoder.ts";
import type { Decode } from "../engine/wire/piece-decoder.ts";
import { createCodec } from "./codec.ts";
import { loadJinja } from "./jinja.ts";
import { readVocabulary } from "./vocabulary.ts";

export interface LlamaTokenizer extends Tokenizer {
  readonly vocabularySize: number;
  encode(text: string, options: EncodeOptions): number[];
  encodeSync(text: string, options: EncodeOptions): number[] | undefined;
  decode(ids: readonly number[]): string;
  renderChat(messages: readonly ChatMessage[], options?: RenderChatOptions): Promise<number[]>;
  /** Decodes tokens that may end inside a character. */
  readonly decodeRun: Decode;
  /** Begin, end of sequence and padding: tokens without a text. */
  readonly isSilent: (id: number) => boolean;
}

export function createTokenizer(model: LlamaModel): LlamaTokenizer {
  const { bos, eos, controls, vocabularySize, silent } = readVocabulary(model);
  const { tokenize, decodeRun } = createCodec(model);
  const controlIds = new Set(controls.values());
  const chats = new ChatEncoder(controls);
  let template: Promise<ChatTemplate> | undefined;

  function decode(ids: readonly number[]): string {
    const decoder = createPieceDecoder(decodeRun, () => false);
    return [...ids.flatMap((id) => decoder.push(id)), ...decoder.flush()].map(({ text }) => text).join("");
  }

  /** Encodes a text without control tokens. `forged` is one that no way of cutting the text could prevent. */
  function encodeText(text: string): { ids: number[]; forged: number | undefined } {
    const ids = splitControls(text, controls.keys()).flatMap((part) => tokenize(part, false));
    return { ids, forged: ids.find((id) => controlIds.has(id)) };
  }

  function encode(text: string, options: EncodeOptions): number[] {
    if (options.controls === "parse") return tokenize(text, true);
    const { ids, forged } = encodeText(text);
    if (forged === undefined) return ids;
    throw new ThreadweaverError("invalid_prompt", `The text holds ${decode([forged])}, a control token of this model.`);
  }

  function encodeSync(text: string, options: EncodeOptions): number[] | undefined {
    if (options.controls === "parse") return tokenize(text, true);
    const { ids, forged } = encodeText(text);
    return forged === undefined ? ids : undefined;
  }

  async function renderChat(
    messages: readonly ChatMessage[],
    { prefill = "", signal, templateOptions: variables }: RenderChatOptions = {},
  ): Promise<number[]> {
    template ??= chatTemplateOf(model);
    const render = await untilAborted(template, signal);
    const ids = await chats.encode(
      messages,
      (given, clear) => render(given, { variables, clear }),
      (text) => tokenize(text, true),
    );
    ids.push(...encode(prefill, { controls: "parse" }));
    return bos === undefined || ids[0] === bos ? ids : [bos, ...ids];
  }

  return {
    bos,
    eos,
    controls: [...controls.keys()],
    vocabularySize,
    encode,
    encodeSync,
    decode,
    renderChat,
    hasChatTemplate: () => model.fileInfo.metadata.tokenizer?.chat_template !== undefined,
    decodeRun,
    isSilent: (id) => silent.has(id),
  };
}

async function chatTemplateOf(model: LlamaModel): Promise<ChatTemplate> {
  const source = model.fileInfo.metadata.tokenizer?.chat_template;
  if (source === undefined) {
    throw new ThreadweaverError(
      "invalid_prompt",
      `${model.filename} has no chat template, so messages cannot be rendered. Give the text as a prompt instead.`,
    );
  }
  const { bosString, eosString } = model.tokens;
  return compileChatTemplate(await loadJinja(), source, { bos_token: bosString ?? "", eos_token: eosString ?? "" });
}
