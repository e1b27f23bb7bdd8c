import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../src/engine/openai.ts";
import type { CreateEngineOptions } from "../../src/engine/openai.ts";
import type { ServerEngine } from "../../src/engine/server-engine.ts";
import { createRunner } from "../../src/run/runner.ts";
import type { RunResult } from "../../src/run/result.ts";
import { startFakeServer } from "../../src/testing/index.ts";
import type { FakeKind, FakeServer, FakeServerOptions } from "../../src/testing/index.ts";
import { localTokenizer } from "../../src/tokenizer/index.ts";
import type { LocalTokenizer } from "../../src/tokenizer/index.ts";
import { byteLevel, modelFolder, tokenizerOf } from "./folders.ts";

let tokenizer: LocalTokenizer;
beforeAll(async () => {
  tokenizer = await localTokenizer(modelFolder);
});

let server: FakeServer;
let engine: ServerEngine | undefined;
afterEach(async () => {
  await engine?.close();
  await server?.close();
});

/** Two threads, and what comes of them, with a character of three bytes. */
function model(prompt: string): string {
  if (/<\/Thread>\n?$/.test(prompt)) return "</Parallel>\n€ 2\n</think>\n\\boxed{2}";
  if (/<Thread>\n\d+:$/.test(prompt)) return " a\n1 </Thread>";
  return "<think>\n<Parallel>\n<Outlines>\n<Outline> 1: a</Outline>\n<Outline> 2: b</Outline>\n</Outlines>";
}

async function connect(
  fake: Partial<FakeServerOptions> = {},
  options: Partial<CreateEngineOptions> = {},
): Promise<ServerEngine> {
  server = await startFakeServer({ model, ...fake });
  engine = await createEngine({ baseURL: server.baseURL, tokenizer, ...options });
  return engine;
}

const run = (on: ServerEngine, input: object = { prompt: "Q\n" }): Promise<RunResult> =>
  createRunner({ engine: on, dialect: threadweaver }).run(input as { prompt: string }).result;
const tokenizing = (): string[] => server.requests.filter((line) => /tokenize|template/.test(line));
const failing = (code: string, message: RegExp): object => ({
  code,
  message: expect.stringMatching(message) as string,
});

/** A router that hides everything but models and completions, before a server that is like vLLM. */
const hiding: typeof fetch = async (input, init) => {
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  if (pathname !== "/v1/models" && pathname !== "/v1/completions") return new Response("{}", { status: 404 });
  const answer = await fetch(input, init);
  if (pathname !== "/v1/models") return answer;
  return new Response((await answer.text()).replace('"owned_by":"vllm"', '"owned_by":"somebody"'));
};

describe.each<FakeKind>(["vllm", "sglang", "sglang-native", "llamacpp"])(
  "a run on %s with a local tokenizer",
  (kind) => {
    it("sends what it sends without one, and asks the server's tokenizer once, before it begins", async () => {
      const expected = await run(await connect({ kind }, { tokenizer: undefined }));
      const prompts = server.calls.map(({ prompt }) => prompt);
      await engine?.close();
      await server.close();

      const result = await run(await connect({ kind, tokensPerChunk: 3 }));
      expect(result.text).toBe(expected.text);
      expect(result.threads).toHaveLength(2);
      expect(server.calls.map(({ prompt }) => prompt)).toEqual(prompts);
      expect(tokenizing()).toEqual(["POST /tokenize"]);
    });

    it("renders messages here", async () => {
      await run(await connect({ kind }), { messages: [{ role: "user", content: " <Thread>Q " }] });
      expect(server.calls[0]?.prompt).toEqual([256, ...Buffer.from("<Thread>Q\n")]);
      expect(tokenizing()).toEqual(["POST /tokenize"]);
    });

    it("has the vocabulary from it", async () => {
      const { report, tokenizer: found } = await connect({ kind });
      expect(report).toMatchObject({ tier: "ids", bos: 256, eos: [257], vocabularySize: 269, warnings: [] });
      expect(Object.keys(report.controls)).toHaveLength(13);
      expect(found.controls).toContain("</Thread>");
    });
  },
);

describe("a server of another model", () => {
  it("is refused, with the first difference", async () => {
    const controls = ["<pad>", "<think>", "</think>", "<Thread>", "</Thread>"];
    await expect(connect({ controls })).rejects.toMatchObject(
      failing(
        "invalid_option",
        /differs from that of .*: after ".*<\/think>" it gives 261 \("<Parallel>"\), and the server gives 60\. /,
      ),
    );
    expect(server.calls).toEqual([]);
    expect(server.requests).not.toContain("POST /v1/completions");
  });

  it("is refused where not even the begin of a text is the same", async () => {
    const other = await tokenizerOf({ "tokenizer.json": byteLevel() });
    await expect(connect({}, { tokenizer: other })).rejects.toMatchObject(
      failing("invalid_option", /at the beginning of a text it gives 65 \("A"\), and the server gives 256\./),
    );
  });
});

describe("a server that hides its tokenizer", () => {
  it("is used with ids where it is like vLLM, which it is not without a local one", async () => {
    const on = await connect({}, { fetch: hiding });
    expect(on.report).toMatchObject({ kind: "generic", tier: "ids", bos: 256, eos: [257], warnings: [] });
    const { text, threads } = await run(on);
    expect(text).toContain("€ 2\n</think>");
    expect(threads).toHaveLength(2);
    expect(server.calls.map((call) => call.prompt)).toContainEqual([256, 81, 10]);
    expect(tokenizing()).toEqual([]);
    await on.close();

    engine = await createEngine({ baseURL: server.baseURL, fetch: hiding });
    expect(engine.report.tier).toBe("text");
  });

  it("is refused with another model's, where its completions tell the ids of a text", async () => {
    const other = await tokenizerOf({ "tokenizer.json": byteLevel() });
    await expect(connect({}, { tokenizer: other, fetch: hiding })).rejects.toMatchObject(
      failing("invalid_option", /differs from that of/),
    );
    await server.close();
    expect((await connect({}, { fetch: hiding })).report.tier).toBe("ids");
  });

  it("and ids is used with text, in whose lengths tokens are counted", async () => {
    const subwords = await tokenizerOf({ "tokenizer.json": byteLevel() });
    const on = await connect({ kind: "text" }, { tokenizer: subwords, contextTokens: 200 });
    expect(on.warnings.map(({ message }) => message)).toEqual([expect.stringMatching(/splices are re-tokenised\.$/)]);
    const { text, tokens, threads } = await run(on, { prompt: "hello hello hello" });
    expect(text).toContain("€ 2\n</think>");
    expect(threads).toHaveLength(2);
    expect(tokens.prompt).toBe(3);
    expect(server.calls[0]?.body["prompt"]).toBe("hello hello hello");
    expect(server.calls.at(-1)?.body["prompt"]).toMatch(/^hello hello hello<think>\n[^]*<\/Thread>\n$/);
  });

  it("and takes text is sent no begin of sequence, which it puts itself", async () => {
    const on = await connect({ kind: "text" });
    const { tokens } = await run(on);
    expect(tokens.prompt).toBe(3);
    expect(server.calls[0]?.body["prompt"]).toBe("Q\n");
  });
});

describe("the option", () => {
  it("is what localTokenizer returns", async () => {
    for (const wrong of [{}, "models/hf", { ...tokenizer, encode: undefined }]) {
      await expect(connect({}, { tokenizer: wrong as never })).rejects.toMatchObject(
        failing("invalid_option", /tokenizer: what localTokenizer of threadweaver\/tokenizer returns/),
      );
      await server.close();
    }
  });

  it("adds the ends that the folder names to those that the server is found to have", async () => {
    const more: LocalTokenizer = {
      ...tokenizer,
      source: "here",
      bos: 256,
      vocabularySize: 269,
      addedTokens: tokenizer.addedTokens,
      eos: [258],
      encode: (text, options) => tokenizer.encode(text, options),
      decode: (ids) => tokenizer.decode(ids),
      renderTemplate: (messages) => tokenizer.renderTemplate(messages),
    };
    const on = await connect({}, { tokenizer: more });
    expect(on.tokenizer.eos).toEqual([258, 257]);
  });
});
