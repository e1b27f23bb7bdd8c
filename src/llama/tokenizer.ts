import type { LlamaModel } from "node-llama-cpp";
import type { ChatMessage } from "../core/trie/piece.ts";
import { ThreadweaverError } from "../errors.ts";
import { renderChatParts } from "../engine/tokenizer/chat-template.ts";
import { splitControls } from "../engine/tokenizer/control-strings.ts";
import type { Tokenizer } from "../engine/engine.ts";
import { compileChatTemplate } from "../engine/tokenizer/jinja-template.ts";
import type { RenderChat } from "../engine/tokenizer/jinja-template.ts";
import { createPieceDecoder } from "../engine/wire/piece-decoder.ts";
import type { Decode } from "../engine/wire/piece-decoder.ts";
import { createCodec } from "./codec.ts";
import { loadJinja } from "./jinja.ts";
import { readVocabulary } from "./vocabulary.ts";

export interface LlamaTokenizer extends Tokenizer {
  readonly vocabularySize: number;
  encode(text: string, options: { controls: "parse" | "text" }): number[];
  decode(ids: readonly number[]): string;
  renderChat(messages: readonly ChatMessage[], prefill?: string): Promise<number[]>;
  /** Decodes what may be the beginning of a character. */
  readonly decodeRun: Decode;
  /** Begin, end of sequence and padding: tokens without a text. */
  readonly isSilent: (id: number) => boolean;
}

export function createTokenizer(model: LlamaModel): LlamaTokenizer {
  const { bos, eos, controls, vocabularySize, silent } = readVocabulary(model);
  const { tokenize, decodeRun } = createCodec(model);
  const controlIds = new Set(controls.values());
  let template: Promise<RenderChat> | undefined;

  function decode(ids: readonly number[]): string {
    const decoder = createPieceDecoder(decodeRun, () => false);
    return [...ids.flatMap((id) => decoder.push(id)), ...decoder.flush()].map(({ text }) => text).join("");
  }

  function encodeText(text: string): number[] {
    const ids = splitControls(text, controls.keys()).flatMap((part) => tokenize(part, false));
    const forged = ids.find((id) => controlIds.has(id));
    if (forged === undefined) return ids;
    throw new ThreadweaverError("invalid_prompt", `The text holds ${decode([forged])}, a control token of this model.`);
  }

  function encode(text: string, options: { controls: "parse" | "text" }): number[] {
    return options.controls === "parse" ? tokenize(text, true) : encodeText(text);
  }

  async function renderChat(messages: readonly ChatMessage[], prefill = ""): Promise<number[]> {
    template ??= chatTemplateOf(model);
    const render = await template;
    const parts = await renderChatParts(messages, render);
    const ids = parts.flatMap(({ kind, text }) => encode(text, { controls: kind === "template" ? "parse" : "text" }));
    ids.push(...encode(prefill, { controls: "parse" }));
    return bos === undefined || ids[0] === bos ? ids : [bos, ...ids];
  }

  return {
    bos,
    eos,
    controls: [...controls.keys()],
    vocabularySize,
    encode,
    decode,
    renderChat,
    decodeRun,
    isSilent: (id) => silent.has(id),
  };
}

async function chatTemplateOf(model: LlamaModel): Promise<RenderChat> {
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
