import { describe, expect, it, onTestFinished } from "vitest";
import { skeleton } from "../../src/core/dialects/bundled/index.ts";
import type { ChatMessage } from "../../src/core/trie/piece.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { createRunner } from "../../src/run/runner.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import { scriptedEngine } from "./scripted-engine.ts";

const question = { role: "user", content: "Cats or dogs?" };
const { system = "", examples = [] } = skeleton.instructions ?? {};
const turns = examples.flatMap(({ user, assistant }) => [
  { role: "user", content: user, trusted: true },
  { role: "assistant", content: assistant, trusted: true },
]);

/** The messages that a run had rendered. */
async function rendered(messages: ChatMessage[], options = {}): Promise<readonly ChatMessage[] | undefined> {
  const inner = scriptedEngine(() => ({ text: "Dogs." }));
  let seen: readonly ChatMessage[] | undefined;
  const renderChat: typeof inner.tokenizer.renderChat = (given, more) => {
    seen = given;
    return inner.tokenizer.renderChat(given, more);
  };
  const engine = { ...inner, tokenizer: { ...inner.tokenizer, renderChat } };
  await createRunner({ engine, dialect: skeleton }).run({ messages }, options).result;
  return seen;
}

describe("the instructions of a dialect", () => {
  it("stand before the messages of a run: a system message and worked turns, all trusted", async () => {
    expect(await rendered([question])).toEqual([
      { role: "system", content: system, trusted: true },
      ...turns,
      question,
    ]);
  });

  it("stand before a system message of the run's own, in the same message, which is trusted as it was", async () => {
    const own = { role: "system", content: "Be brief." };
    const both = `${system}\n\nBe brief.`;
    expect(await rendered([own, question])).toEqual([{ role: "system", content: both }, ...turns, question]);
    const trusted = { ...own, trusted: true };
    expect((await rendered([trusted, question]))?.[0]).toEqual({ role: "system", content: both, trusted: true });
  });

  it("are there in one pass, and not for the plain question", async () => {
    expect(await rendered([question], { mode: "one-pass" })).toHaveLength(turns.length + 2);
    expect(await rendered([question], { mode: "sequential" })).toEqual([question]);
  });
});

const plan = "<plan>\n1. cats\n2. dogs\n</plan>";
const steps = "\n<step>\n1. cats\nCats purr.\n</step>\n<step>\n2. dogs\nDogs bark.\n</step>";

it.each(["vllm", "sglang", "sglang-native", "llamacpp"] as const)(
  "a plan is forked, its items are worked on and the answer follows, byte for byte: %s",
  async (kind) => {
    const asked: string[] = [];
    const server = await startFakeServer({
      kind,
      model: (prompt) => {
        asked.push(prompt);
        if (prompt.endsWith("1. cats\n")) return "Cats purr.\n</step>";
        if (prompt.endsWith("2. dogs\n")) return "Dogs bark.\n<step>\n3. more";
        return prompt.endsWith("<answer>\n") ? "Both." : plan;
      },
    });
    onTestFinished(() => server.close());
    await using engine = await createEngine({ baseURL: server.baseURL });
    asked.length = 0;
    const { text, threads } = await createRunner({ engine, dialect: skeleton }).run({ messages: [question] }).result;
    expect(text).toBe(`${plan}${steps.replace("Dogs bark.\n", "Dogs bark.\n\n")}\n<answer>\nBoth.`);
    expect(threads.map(({ ending }) => ending)).toEqual([
      { kind: "marker", marker: "</step>" },
      { kind: "marker", marker: "<step>" },
    ]);
    const [first = "", ...others] = asked;
    expect(first).toContain(turns.at(-1)?.content);
    expect(others.map((prompt) => prompt.slice(first.length)).toSorted()).toEqual(
      [`${plan}\n<step>\n1. cats\n`, `${plan}\n<step>\n2. dogs\n`, text.slice(0, -"Both.".length)].toSorted(),
    );
  },
);
