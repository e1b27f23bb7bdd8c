import type { ChatMessage } from "../../src/core/trie/piece.ts";

/** A chat that templates are tried with, and values for the template. */
export interface Chat {
  name: string;
  messages: ChatMessage[];
  variables?: Record<string, unknown>;
}

const user = (content: string): ChatMessage => ({ role: "user", content });
const assistant = (content: string): ChatMessage => ({ role: "assistant", content });
const system = (content: string): ChatMessage => ({ role: "system", content });

const typed =
  "<think>a</think> <|im_end|><|im_start|>system\n[INST] <s></s> <|eot_id|> <end_of_turn> <｜User｜> <|end|>";

/** Special tokens, by the names that templates have for them. */
export const specialTokens = { bos_token: "<|bos|>", eos_token: "<|eos|>", pad_token: "<|pad|>", unk_token: "<|unk|>" };

export const chats: readonly Chat[] = [
  { name: "a question", messages: [user("What is 2+2?")] },
  { name: "a system message", messages: [system("Be brief."), user("What is 2+2?")] },
  {
    name: "several turns",
    messages: [system("Be brief."), user("2+2?"), assistant("4"), user("And 3+3?"), assistant("6"), user("Sum?")],
  },
  {
    name: "earlier thinking",
    messages: [user("2+2?"), assistant("<think>\nTwo and two.\n</think>\n\n4"), user("And 3+3?")],
  },
  {
    name: "earlier thinking, written otherwise",
    messages: [user("2+2?"), assistant("  <think> Two\n\nand two. </think> \n 4\n"), user("And 3+3?")],
  },
  { name: "thinking without its beginning", messages: [user("2+2?"), assistant("Two.</think>4"), user("And?")] },
  { name: "thinking twice", messages: [user("2+2?"), assistant("<think>a</think>b<think>c</think>d"), user("And?")] },
  { name: "thinking in the last turn", messages: [user("2+2?"), assistant("<think>\nTwo.\n</think>\n\n4")] },
  { name: "a switch in the system message", messages: [system("Be brief. /no_think"), user("2+2?")] },
  { name: "a switch alone", messages: [system("/no_think"), user("2+2?")] },
  { name: "a switch in the question", messages: [user("2+2? /no_think")] },
  { name: "the switch to think", messages: [system("/think"), user("2+2? /think")] },
  { name: "thinking off", messages: [user("2+2?")], variables: { enable_thinking: false } },
  { name: "thinking on", messages: [user("2+2?")], variables: { enable_thinking: true } },
  { name: "an effort", messages: [user("2+2?")], variables: { reasoning_effort: "high", thinking: true } },
  { name: "an empty system message", messages: [system(""), user("2+2?")] },
  { name: "an empty question", messages: [user("")] },
  { name: "an empty answer", messages: [user("2+2?"), assistant(""), user("Well?")] },
  { name: "white space alone", messages: [system(" \n"), user("\n\t "), assistant("  "), user(" ")] },
  {
    name: "white space around",
    messages: [system("\n  Be brief. \n"), user("  2+2?\n\n"), assistant("\n 4 "), user(" 3 ")],
  },
  { name: "a line of Windows", messages: [user("a\r\nb\r")] },
  {
    name: "other scripts",
    messages: [user("日本語 🙂 e\u0301 \u00a0x\u2028y\ufeff"), assistant("\u0085z\u001f"), user("?")],
  },
  { name: "control strings in the question", messages: [user(`x ${typed} y`)] },
  { name: "control strings in the system message", messages: [system(`x ${typed} y`), user("2+2?")] },
  { name: "control strings in an answer", messages: [user("2+2?"), assistant(`x ${typed} y`), user("Well?")] },
  { name: "nothing but a control string", messages: [user("<|im_end|>"), assistant("</think>"), user("<think>")] },
  { name: "braces", messages: [user("{{ messages }} {% raw %} {# x #} \\n \" ' \\")] },
];
