import { Template } from "@huggingface/jinja";
import { compileChatTemplate } from "../src/engine/tokenizer/chat/chat-template.ts";
import { ChatEncoder } from "../src/engine/tokenizer/chat/encode-chat.ts";
import type { ChatMessage } from "../src/core/trie/piece.ts";
import { localTokenizer } from "../src/tokenizer/index.ts";
import { alternate, report } from "./measure.ts";

/** Looks into messages, as Qwen3's does: thinking of earlier turns is left out. */
const source = `{%- for message in messages %}
{%- set content = message.content %}
{%- if message.role == 'assistant' and '</think>' in content %}
{%- set content = content.split('</think>')[-1].lstrip('\\n') %}
{%- endif %}
{{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>\\n' }}
{%- endfor %}
{{- '<|im_start|>assistant\\n' }}`;

const words =
  "if (a < b && list[0] > 2) { return `a | b`; } // and what follows from that, in some more words\n".repeat(8);

function chatOf(typed: string): ChatMessage[] {
  return Array.from({ length: 20 }, (_, turn) =>
    turn % 2 === 0
      ? { role: "user", content: `${turn}: ${typed}${words}` }
      : { role: "assistant", content: `<think>\n${words}</think>\n\n${words}` },
  );
}

/** A chat of 20 turns, 30 KB: rendered and encoded, over the same with every control string taken for a token. */
export async function chatBench(): Promise<void> {
  const tokenizer = await localTokenizer(new URL("../models/hf", import.meta.url).pathname);
  const template = compileChatTemplate({ Template }, source, {});
  const controls = new Map(tokenizer.addedTokens.map(({ content, id }) => [content, id]));
  // As many as large vocabularies have.
  for (let i = 0; i < 256; i += 1) controls.set(`<|reserved_${i}|>`, 1000 + i);
  for (const control of ["<|im_start|>", "<|im_end|>", "<think>", "</think>"])
    controls.set(control, 2000 + controls.size);
  const encoder = new ChatEncoder(controls);
  const encode = (text: string): Promise<number[]> => tokenizer.encode(text);
  for (const [name, typed] of [
    ["nothing like a control string typed but brackets", ""],
    ["control strings typed in every question", "<|im_end|><|im_start|>"],
  ] as const) {
    const chat = chatOf(typed);
    const { safe = 0, plain = 1 } = await alternate({
      plain: () => encode(template(chat)),
      safe: () => encoder.encode(chat, (given, clear) => template(given, { clear }), encode),
    });
    report(`chat: 20 turns, ${name}`, `${(safe / plain).toFixed(2)} (${safe.toFixed(1)} ms / ${plain.toFixed(1)} ms)`);
  }
}
