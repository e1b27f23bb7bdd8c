import { expect, it } from "vitest";
import type { CompletionEvent, CompletionRequest } from "../../src/engine/engine.ts";
import type { ServerEngine } from "../../src/engine/server-engine.ts";
import { connect, encode, first } from "./support.ts";

interface Completed {
  ids: number[];
  texts: (string | undefined)[];
  logprobs: number[];
  end: Extract<CompletionEvent, { type: "end" }> | undefined;
}

async function complete(engine: ServerEngine, options: Partial<CompletionRequest>): Promise<Completed> {
  const all: Completed = { ids: [], texts: [], logprobs: [], end: undefined };
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
    for (const { ids = [], text, logprobs = [] } of event.pieces) {
      all.ids.push(...ids);
      all.texts.push(text);
      all.logprobs.push(...logprobs);
    }
  }
  return all;
}

it("a marker ends a call with its id and its text as the last piece", async () => {
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
