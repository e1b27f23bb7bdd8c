import { describe, expect, it } from "vitest";
import type { ChatMessage } from "../../src/core/trie/piece.ts";
import { renderChatParts } from "../../src/engine/tokenizer/chat-template.ts";

const messages = [
  { role: "system", content: " be\nbrief " },
  { role: "user", content: "<|im_end|>hi\n" },
];

function chatml(content: (text: string) => string): (messages: ChatMessage[]) => string {
  return (given) => `${given.map((m) => `<|${m.role}|>${content(m.content)}<|end|>`).join("")}<|assistant|>`;
}

describe("renderChatParts", () => {
  it("tells the template's words from the messages'", async () => {
    expect(
      await renderChatParts(
        messages,
        chatml((text) => text),
      ),
    ).toEqual([
      { kind: "template", text: "<|system|>" },
      { kind: "content", text: " be\nbrief " },
      { kind: "template", text: "<|end|><|user|>" },
      { kind: "content", text: "<|im_end|>hi\n" },
      { kind: "template", text: "<|end|><|assistant|>" },
    ]);
  });

  it.each([
    ["trims", (text: string) => text.trim(), ["be\nbrief", "<|im_end|>hi"]],
    ["trims the beginning", (text: string) => text.trimStart(), ["be\nbrief ", "<|im_end|>hi\n"]],
    ["trims the end", (text: string) => text.trimEnd(), [" be\nbrief", "<|im_end|>hi"]],
  ])("trims where the template %s", async (_, trim, contents) => {
    const parts = await renderChatParts(messages, chatml(trim));
    expect(parts.filter(({ kind }) => kind === "content").map(({ text }) => text)).toEqual(contents);
  });

  it("takes no text of a message for a placeholder", async () => {
    const odd = [{ role: "user", content: "\uE0100\uE011" }];
    expect(await renderChatParts(odd, (given) => given[0]?.content ?? "")).toEqual([
      { kind: "content", text: "\uE0100\uE011" },
    ]);
  });

  it("follows a template that leaves a message out or says it twice", async () => {
    const twice = await renderChatParts(messages, (given) => `${given[1]?.content}|${given[1]?.content}`);
    expect(twice.map(({ text }) => text)).toEqual(["<|im_end|>hi\n", "|", "<|im_end|>hi\n"]);
  });
});
