import { describe, expect, it } from "vitest";
import type { FakeKind } from "../../src/testing/index.ts";
import { connect, fetchWith, markers, outcomeOf } from "./support.ts";

/** Long enough that no text here could be the prompt's, which vLLM may put before an answer. */
const prompt = [256, ...Array.from({ length: 500 }, () => 65)];
const thread = 268;
const eos = 257;
const kinds: FakeKind[] = ["vllm", "sglang", "sglang-native"];

/** A server whose tokenizer is gone as soon as the engine is connected. */
async function connectWithoutTokenizer(kind: FakeKind, said: string, tokensPerChunk = 1) {
  let isGone = false;
  const fetch = fetchWith((path) =>
    isGone && path === "/detokenize" ? Promise.resolve(Response.json({}, { status: 500 })) : undefined,
  );
  const made = await connect({ kind, model: () => said, tokensPerChunk }, { fetch, controls: markers });
  isGone = true;
  return { ...made, back: () => void (isGone = false) };
}

describe.each(kinds)("the token that ended a call is a piece of its own, on %s", (kind) => {
  it.each([
    ["an end of sequence", { said: "the answer: 42", ids: [], last: { ids: [eos], text: "" } }],
    ["a marker", { said: "the answer: 42</Thread> more", ids: [thread], last: { ids: [thread], text: "</Thread>" } }],
  ])("%s in a part of many, once the tokenizer that was gone is back", async (_, { said, ids, last }) => {
    for (const options of [{ tokensPerChunk: 8 }, { tokensPerChunk: 100 }, { coalesce: 128 }]) {
      const { tokensPerChunk, coalesce } = { tokensPerChunk: 1, coalesce: 1, ...options };
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { engine, server, back } = await connectWithoutTokenizer(kind, said, tokensPerChunk);
      const call = { coalesce, stop: { ids } };
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const first = await outcomeOf(engine, { ...call, prompt });
      const held = first.broken?.held;
      const all = [...first.ids, ...(held?.ids ?? [])];
      expect(all).toEqual([...Buffer.from("the answer: 42"), last.ids[0]]);
      expect(first.text + (held?.text ?? "")).toContain("the answer: 42");
      expect(first.error).toMatchObject({ retryable: true });
      const asked = server.calls.length;
      back();
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const second = await outcomeOf(engine, { ...call, prompt: [...prompt, ...all], held });
      expect(second.pieces.at(-1)).toEqual(last);
      expect([...first.ids, ...second.ids]).toEqual(all);
      expect(first.text + second.text).toBe(`the answer: 42${last.text}`);
      expect(second.end).toEqual({ type: "end", reason: "stop", ...(ids.length === 0 && { eos }) });
      expect(server.calls.length).toBe(asked); // everything had come
    }
  });

  it("in a part of many, with a tokenizer", async () => {
    const { engine } = await connect({ kind, model: () => "x€</Thread>", tokensPerChunk: 100 });
    const { pieces } = await outcomeOf(engine, { stop: { ids: [thread] } });
    expect(pieces).toEqual([
      { ids: [120], text: "x" },
      { ids: [226, 130, 172], text: "€" },
      { ids: [thread], text: "</Thread>" },
    ]);
  });

  it("even where it is the rest of a character", async () => {
    const { engine } = await connect({ kind, model: () => "x€y" });
    const { pieces, end } = await outcomeOf(engine, { stop: { ids: [172] } });
    expect(pieces.map(({ ids }) => ids)).toEqual([[120], [226, 130], [172]]);
    expect(end).toMatchObject({ reason: "stop" });
  });
});
