import { expect, it } from "vitest";
import type { TopLogprob } from "../../src/core/trie/piece.ts";
import type { CompletionEvent, CompletionRequest, Sampling } from "../../src/engine/engine.ts";
import type { ServerEngine } from "../../src/engine/server-engine.ts";
import { connect, decode, encode, first, kind } from "./support.ts";

interface Completed {
  ids: number[];
  texts: (string | undefined)[];
  logprobs: number[];
  top: (readonly TopLogprob[])[];
  /** Tokens of each part. */
  sizes: number[];
  end: Extract<CompletionEvent, { type: "end" }> | undefined;
}

async function complete(engine: ServerEngine, options: Partial<CompletionRequest>): Promise<Completed> {
  const all: Completed = { ids: [], texts: [], logprobs: [], top: [], sizes: [], end: undefined };
  const events = engine.complete({
    prompt: [256, ...encode(first.prompt)],
    stop: { ids: [] },
    maxTokens: 1000,
    sampling: { temperature: 0, topP: 1 },
    signal: new AbortController().signal,
    ...options,
  });
  for await (const event of events) {
    if (event.type === "end") all.end = event;
    if (event.type !== "pieces") continue;
    all.sizes.push(event.pieces.flatMap(({ ids = [] }) => [...ids]).length);
    for (const { ids = [], text, logprobs = [], topLogprobs = [] } of event.pieces) {
      all.ids.push(...ids);
      all.texts.push(text);
      all.logprobs.push(...logprobs);
      all.top.push(...topLogprobs);
    }
  }
  return all;
}

// llama.cpp takes no stop ids: its streams are closed by who reads them.
it.skipIf(kind === "llamacpp")("a marker ends a call with its id and its text as the last piece", async () => {
  const { ids, texts, end } = await complete(await connect(), { stop: { ids: encode("</Outlines>") } });
  expect(ids).toEqual(encode(first.pre));
  expect(texts.join("")).toBe(first.pre);
  expect(end).toMatchObject({ reason: "stop" });
});

it("the end of sequence ends a call, with an empty text", async () => {
  const { ids, texts, end } = await complete(await connect(), {});
  expect(ids).toEqual(encode(first.text.slice(first.prompt.length)));
  expect(texts.at(-1)).toBe("");
  expect(end).toMatchObject({ reason: "stop" });
});

it("an end of sequence that is a stop id too ends a call once", async () => {
  const { ids, end } = await complete(await connect(), { stop: { ids: [257] } });
  expect(ids.at(-1)).toBe(257);
  expect(ids.filter((id) => id === 257)).toHaveLength(1);
  expect(end).toMatchObject({ reason: "stop" });
});

it("the number of tokens that was asked for ends a call", async () => {
  const { ids, end } = await complete(await connect(), { maxTokens: 7 });
  expect(ids).toEqual(encode(first.pre).slice(0, 7));
  expect(end).toMatchObject({ reason: "length" });
});

it("a marker at the last token that was asked for is a marker", async () => {
  const maxTokens = encode(first.pre).length;
  const { end } = await complete(await connect(), { maxTokens, stop: { ids: encode("</Outlines>") } });
  expect(end).toMatchObject({ reason: "stop" });
});

it("nothing is lost where tokens come many at a time", async () => {
  const { ids, texts } = await complete(await connect(), { coalesce: 128 });
  expect(ids).toEqual(encode(first.text.slice(first.prompt.length)));
  expect(texts.join("")).toBe(first.text.slice(first.prompt.length, -"</s>".length));
});

it("each token has its log-probability where they are asked for", async () => {
  const { ids, logprobs } = await complete(await connect(), { maxTokens: 20, logprobs: true });
  expect(logprobs).toHaveLength(ids.length);
  for (const value of logprobs) expect(value).toBeLessThanOrEqual(0);
});

it.skipIf(kind === "llamacpp")(
  "parts hold as many tokens as they may, and a server that is loaded at most puts several of them into one",
  async () => {
    const engine = await connect();
    for (const coalesce of [4, 50]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, so that neither loads the server
      const { ids, sizes } = await complete(engine, { coalesce });
      expect(sizes).toContain(coalesce);
      // The first token comes alone, and what is left comes last.
      for (const size of sizes.slice(1, -1)) expect(size % coalesce).toBe(0);
      expect(ids).toEqual(encode(first.text.slice(first.prompt.length)));
    }
  },
);

it("the server counts the tokens that came", async () => {
  const { ids, end } = await complete(await connect(), {});
  expect(end).toMatchObject({ completionTokens: ids.length });
});

it.each([1, 20])("each place has the likeliest tokens there, in parts of %i", async (coalesce) => {
  const { ids, logprobs, top } = await complete(await connect(), { maxTokens: 20, logprobs: { top: 3 }, coalesce });
  expect(logprobs).toHaveLength(ids.length);
  expect(top.map((place) => place.length)).toEqual(ids.map(() => 3));
  // SGLang's completions tell texts alone.
  const named = top.map(([best]) => best?.text ?? decode([best?.id ?? -1]));
  expect(named).toEqual(ids.map((id) => decode([id])));
  expect(top.map(([best]) => best?.logprob)).toEqual(logprobs);
});

it("log-probabilities are of the model's own distribution on vLLM and llama.cpp, and of the sampled one on SGLang", async () => {
  const engine = await connect();
  const secondAt = async (sampling: Sampling): Promise<number> => {
    const { top } = await complete(engine, { maxTokens: 1, logprobs: { top: 2 }, sampling });
    return top[0]?.[1]?.logprob ?? 0;
  };
  const cold = await secondAt({ temperature: 0, topP: 1 });
  const hot = await secondAt({ temperature: 2, topP: 1 });
  expect(cold).toBeLessThan(-13);
  if (kind !== "sglang") expect(hot).toBeCloseTo(cold, 3);
  else expect(hot).toBeGreaterThan(-8);
});

it("more likely tokens than there are, of which SGLang would die, are not asked for", async () => {
  const engine = await connect();
  await expect(complete(engine, { logprobs: { top: 5000 } })).rejects.toMatchObject({ code: "invalid_option" });
  const { top } = await complete(engine, { maxTokens: 1, logprobs: { top: kind === "vllm" ? 20 : 269 } });
  expect(top[0]).toHaveLength(kind === "vllm" ? 20 : 269);
});

it.skipIf(kind !== "vllm")("more likely tokens than vLLM tells are refused in its words", async () => {
  await expect(complete(await connect(), { logprobs: { top: 21 } })).rejects.toMatchObject({
    code: "engine_refused",
    message: expect.stringContaining("greater than max allowed: 20") as string,
  });
});
