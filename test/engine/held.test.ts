import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FakeAnswer } from "../../src/testing/index.ts";
import { connect, idWays, outcomeOf } from "./support.ts";

const prompt = [256, 81, 10];
const eos = 257;
const thread = 268;
const texts = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
describe.each(idWays)("a call that breaks off, on %s with parts of %i", (kind, coalesce) => {
  it("goes on with what it held, and is then the same as one that was not disturbed", async () => {
    let answer: FakeAnswer = { text: "" };
    const { engine, server } = await connect({ kind, model: () => answer });
    await fc.assert(
      fc.asyncProperty(texts, fc.nat(48), fc.boolean(), async (text, after, wants) => {
        const ids = [...Buffer.from(text)];
        const came = ids.slice(0, after);
        const rest = ids.slice(after);
        const probability = (id: number): number => -id / 1000;
        const say = (said: number[], ending: FakeAnswer["ending"]): void => {
          answer = { text: "", ids: said, logprobs: said.map(probability), ending };
        };
        const call = { coalesce, logprobs: wants, stop: { ids: [thread] } };
        say(ids, "eos");
        const whole = await outcomeOf(engine, { ...call, prompt });
        say(came, "drop");
        const first = await outcomeOf(engine, { ...call, prompt });
        expect(first.error).toMatchObject({ code: "engine_failed", retryable: true });
        const held = first.broken?.held;
        expect([...first.ids, ...(held?.ids ?? [])]).toEqual(came);
        say(rest, "eos");
        const second = await outcomeOf(engine, { ...call, prompt: [...prompt, ...came], held });
        expect(server.calls.at(-1)?.prompt).toEqual([...prompt, ...came]);
        const ending = { ids: [eos], text: "" };
        expect(whole.pieces.at(-1)).toMatchObject(ending);
        expect([...first.pieces, ...second.pieces].slice(0, -1)).toEqual(whole.pieces.slice(0, -1));
        expect(second.pieces.at(-1)).toMatchObject(ending);
      }),
      { numRuns: 40 },
    );
  });
});

describe("a call that breaks off", () => {
  it("says nothing more where nothing is known", async () => {
    const { engine } = await connect({ model: () => ({ text: "ab", ending: "drop" }) });
    const { ids, broken, error } = await outcomeOf(engine);
    expect(ids).toEqual([97, 98]);
    expect(broken).toBeUndefined();
    expect(error).toMatchObject({ retryable: true });
  });

  it("says what the server counted by then", async () => {
    const { engine } = await connect({
      kind: "sglang",
      model: () => ({ text: "ab", ending: "drop" }),
      usage: "continuous",
    });
    const { broken } = await outcomeOf(engine);
    expect(broken).toMatchObject({ type: "broken", completionTokens: 2 });
  });

  it("says nothing at all where its caller ended it", async () => {
    const { engine } = await connect({ model: () => ({ text: "", ids: [97, 226], ending: "silence" }) });
    const controller = new AbortController();
    const types: string[] = [];
    const request = { prompt, stop: { ids: [] }, maxTokens: 9, sampling: {}, signal: controller.signal };
    const reading = (async () => {
      for await (const event of engine.complete(request)) {
        types.push(event.type);
        controller.abort();
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: "aborted" });
    expect(types).toEqual(["pieces"]);
  });

  it("gives back what it was given where nothing more came", async () => {
    const { engine } = await connect({ model: () => ({ text: "", ending: "drop" }) });
    const held = { ids: [226, 130], text: "\uFFFD" };
    const { pieces, broken } = await outcomeOf(engine, { prompt: [...prompt, 226, 130], held });
    expect(pieces).toEqual([]);
    expect(broken).toEqual({ type: "broken", held });
  });

  it("is refused held tokens that are not the last of its prompt", async () => {
    const { engine, server } = await connect({ model: () => "a" });
    const { error } = await outcomeOf(engine, { prompt: [...prompt, 226], held: { ids: [130] } });
    expect(error).toMatchObject({ code: "invalid_prompt" });
    expect(server.calls).toEqual([]);
  });
});
