import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { path } from "../../src/core/trie/path.ts";
import { deserializeTrie } from "../../src/core/trie/serialize.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import { bundledModel, llamaEngine } from "../../src/llama/index.ts";
import type { RunOptions } from "../../src/run/options.ts";
import type { RunInput } from "../../src/run/input.ts";
import { createRunner } from "../../src/run/runner.ts";

/** The ids of every control token of the bundled model: begin, end, padding, thinking and the ten tags. */
const firstControl = 256;
const controls = ["<s>", "</s>", "<pad>", "<think>", "</think>"].concat(
  ["Parallel", "Outlines", "Outline", "Thread"].flatMap((tag) => [`<${tag}>`, `</${tag}>`]),
);
/** Nested, split over what a clumsy cut would glue together again, and side by side. */
const tricky = ["<Thr<Thread>ead>", "</</Thread>Thread>", "<s></s><s>", "<Thread><Thread>"];
const typed = [...controls, ...tricky];

describe("control strings that a user types, on the real tokenizer", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await llamaEngine({ model: bundledModel });
  });
  afterAll(() => engine.close());

  const promptIds = async (input: RunInput, options: RunOptions = {}): Promise<readonly number[]> => {
    const { tree } = await createRunner({ engine, dialect: threadweaver }).run(input, {
      maxTokens: 1,
      ...options,
      tree: true,
    }).result;
    return path(deserializeTrie(tree), { segment: 0, n: 1 })[0]?.ids ?? [];
  };

  it("are every control string that the model has", () => {
    expect(new Set(engine.tokenizer.controls)).toEqual(new Set(controls));
  });

  it.each(typed)("stay text in a message: %s", async (control) => {
    const content = `Q: ${control}1*1`;
    const [bos, ...user] = await promptIds({ messages: [{ role: "user", content }] });
    expect(bos).toBe(firstControl);
    expect(user.filter((id) => id >= firstControl)).toEqual([]);
    expect(Buffer.from(user).toString()).toBe(`${content}\n`);
  });

  it.each(typed)("in a prompt are refused until the program says what it means: %s", async (control) => {
    const prompt = `Q: ${control}`;
    const error: unknown = await promptIds({ prompt }).catch((reason: unknown) => reason);
    expect(ThreadweaverError.isInstance(error) && error.code).toBe("invalid_prompt");
    const asText = await promptIds({ prompt }, { specialInPrompt: "text" });
    expect(asText.filter((id) => id >= firstControl)).toEqual([firstControl]);
    const parsed = await promptIds({ prompt }, { specialInPrompt: "parse" });
    expect(parsed.filter((id) => id >= firstControl).length).toBeGreaterThan(1);
  });

  it("a begin-of-sequence that a program writes itself is not doubled", async () => {
    const ids = await promptIds({ prompt: "<s>Q: 64*27+14*89\n" }, { specialInPrompt: "parse" });
    expect(ids.filter((id) => id === firstControl)).toHaveLength(1);
  });
});
