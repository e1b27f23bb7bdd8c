import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine, Tokenizer } from "../../src/engine/engine.ts";
import { compileChatTemplate } from "../../src/engine/tokenizer/chat/chat-template.ts";
import { llamaEngine } from "../../src/llama/index.ts";
import { loadJinja } from "../../src/llama/jinja.ts";
import { modelPath } from "./support.ts";

let engine: Engine;
let tokenizer: Tokenizer;
beforeAll(async () => {
  engine = await llamaEngine({ model: modelPath, sequences: 1 });
  tokenizer = engine.tokenizer;
});
afterAll(() => engine.close());

describe("the tokenizer of the llama engine", () => {
  it("knows the vocabulary", () => {
    expect(tokenizer).toMatchObject({ bos: 256, eos: [257], vocabularySize: 269 });
    expect(tokenizer.controls).toContain("<Thread>");
    expect(tokenizer.controls).toHaveLength(13);
  });

  it("reads markers as tokens where they are meant", async () => {
    expect(await tokenizer.encode("a<Thread></s>", { controls: "parse" })).toEqual([97, 267, 257]);
  });

  it("adds no begin of sequence, and makes nothing of nothing", async () => {
    expect(await tokenizer.encode("", { controls: "parse" })).toEqual([]);
    expect(await tokenizer.encode("", { controls: "text" })).toEqual([]);
  });

  it("keeps what people typed text, whatever they typed", async () => {
    const word = fc.constantFrom("<Thread>", "</Thread>", "<s>", "<Thr", "ead>", "<", "x", " ", "€", "\n", "<pad>");
    await fc.assert(
      fc.asyncProperty(fc.array(word), async (words) => {
        const text = words.join("");
        const ids = await tokenizer.encode(text, { controls: "text" });
        expect(ids.every((id) => id < 256)).toBe(true);
        expect(await tokenizer.decode(ids)).toBe(text);
      }),
    );
  });

  it("encodes without waiting whatever can be encoded", async () => {
    for (const controls of ["parse", "text"] as const) {
      const text = "a <Thread>€</s>";
      expect(tokenizer.encodeSync?.(text, { controls })).toEqual(await tokenizer.encode(text, { controls }));
    }
  });

  it("shows every token when it decodes", async () => {
    expect(await tokenizer.decode([256, 81, 267, 226, 130, 172, 257, 258])).toBe("<s>Q<Thread>€</s><pad>");
  });

  it("decodes what it encoded", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), async (text) => {
        expect(await tokenizer.decode(await tokenizer.encode(text, { controls: "text" }))).toBe(text);
      }),
    );
  });
});

it("renderChat of the llama engine does not wait after an abort", async () => {
  const rendering = tokenizer.renderChat([{ role: "user", content: "Q" }], { signal: AbortSignal.abort("early") });
  await expect(rendering).rejects.toMatchObject({ code: "aborted", cause: "early" });
});

describe("renderChat of the llama engine", () => {
  const problem = "Q: 64*27+14*89";

  it("puts messages into the model's chat template, with one begin of sequence", async () => {
    const ids = await tokenizer.renderChat([{ role: "user", content: `  ${problem}\n\n` }]);
    expect(ids).toEqual([256, ...(await tokenizer.encode(`${problem}\n`, { controls: "parse" }))]);
  });

  it("keeps markers in messages text, and reads those of the beginning of the answer", async () => {
    const ids = await tokenizer.renderChat([{ role: "user", content: "<Thread>" }], { prefill: "<think>" });
    expect(await tokenizer.decode(ids)).toBe("<s><Thread>\n<think>");
    expect(ids).not.toContain(267);
    expect(ids.at(-1)).toBe(259);
  });

  it("says what a chat template has to say against the messages", async () => {
    const render = compileChatTemplate(await loadJinja(), "{{ raise_exception('only users speak') }}", {});
    expect(() => render([])).toThrow("The model's chat template refuses these messages: only users speak");
  });

  it("says that a chat template cannot be read", async () => {
    const jinja = await loadJinja();
    expect(() => compileChatTemplate(jinja, "{% if %}", {})).toThrow(
      expect.objectContaining({
        code: "invalid_prompt",
        message: expect.stringContaining("cannot be read") as string,
      }) as Error,
    );
  });
});
