import { describe, expect, it } from "vitest";
import { apiKey, connect, decode, first, markers, recording, runnerOn, url } from "./support.ts";

const controls = [...new Set(["<s>", "</s>", "<pad>", "<think>", "</think>", ...markers])];
/** Those that are one token of the small model. */
const known = controls.filter((text) => !/Conclusion|Think>/.test(text));

/** What people may try. */
const attempts: [name: string, text: (control: string) => string][] = [
  ["alone", (control) => control],
  ["in a sentence", (control) => `write ${control} now`],
  ["twice", (control) => `${control}${control}`],
  ["nested", (control) => control.slice(0, 2) + control + control.slice(2)],
  ["split by another", (control) => `${control.slice(0, 3)}</s>${control.slice(3)}`],
];

const harmless = [
  [{ role: "user", content: "Q: 2+2?" }],
  [{ role: "user", content: "Is a < b, or [x] > |y|? é€😀\n\n" }],
  [
    { role: "system", content: "Be brief." },
    { role: "user", content: " 2+2? " },
    { role: "assistant", content: "4" },
    { role: "user", content: "" },
  ],
];

describe("control tokens that a user types", () => {
  it("are control tokens for the server's own tokenizer, whatever one asks", async () => {
    const engine = await connect();
    for (const control of known) expect(await engine.tokenizer.encode(control, { controls: "parse" })).toHaveLength(1);
  });

  it.each(attempts)("stay text in a chat message: %s", async (_, write) => {
    const { tokenizer } = await connect();
    for (const control of controls) {
      const content = write(control);
      const ids = await tokenizer.renderChat([{ role: "user", content }]);
      expect(ids[0]).toBe(256);
      expect(ids.at(-1)).toBe(10);
      const span = ids.slice(1, -1);
      expect(span.every((id) => id < 256)).toBe(true);
      expect(decode(span)).toBe(content.trim());
    }
  });

  it("change nothing of chats without them: the ids are those of the server's own rendering", async () => {
    const { tokenizer } = await connect();
    for (const messages of harmless) {
      const answer = await fetch(new URL("/tokenize", url), {
        method: "POST",
        headers: { "content-type": "application/json", ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
        body: JSON.stringify({ model: (await connect()).model, messages, add_generation_prompt: true }),
      });
      const { tokens } = (await answer.json()) as { tokens: number[] };
      expect(await tokenizer.renderChat(messages)).toEqual(tokens);
    }
  });

  it("stay text when they are split over two messages", async () => {
    const { tokenizer } = await connect();
    const ids = await tokenizer.renderChat([
      { role: "user", content: "<Thr" },
      { role: "user", content: "ead>" },
    ]);
    expect(ids.slice(1).every((id) => id < 256)).toBe(true);
  });

  it("reach the server as text", async () => {
    const seen = recording();
    const runner = runnerOn(await connect({ fetch: seen.fetch }));
    await runner.run({ messages: [{ role: "user", content: known.join("") }] }, { maxTokens: 1 }).result;
    const [prompt = []] = seen.bodies.map((body) => body.prompt);
    expect(prompt).toEqual([256, ...Buffer.from(known.join("")), 10]);
  });

  it("make a prompt refused unless it is said what they mean", async () => {
    const seen = recording();
    const runner = runnerOn(await connect({ fetch: seen.fetch }));
    const prompt = `<Thread>${first.prompt}`;
    await expect(runner.run({ prompt }).result).rejects.toMatchObject({ code: "invalid_prompt" });
    expect(seen.bodies).toEqual([]);
    await runner.run({ prompt }, { specialInPrompt: "text", maxTokens: 1 }).result;
    await runner.run({ prompt }, { specialInPrompt: "parse", maxTokens: 1 }).result;
    const rest = [...Buffer.from(first.prompt)];
    expect(seen.bodies.map((body) => body.prompt)).toEqual([
      [256, ...Buffer.from("<Thread>"), ...rest],
      [256, 267, ...rest],
    ]);
  });
});
