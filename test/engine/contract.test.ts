import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CompletionEvent } from "../../src/engine/engine.ts";
import type { FakeAnswer, FakeKind } from "../../src/testing/index.ts";
import { connect, requestOf } from "./support.ts";

const stop = 268;
const eos = 257;

/** What a model may say: letters, characters of several tokens, halves of such, markers. */
const said = fc.array(
  fc.oneof(
    fc.constantFrom([97], [32], [10], [267], [stop]),
    fc.constantFrom("é", "€", "😀").map((character) => [...Buffer.from(character)]),
    fc.constantFrom([226], [0xf0, 0x9f]),
  ),
  { maxLength: 30 },
);

const markers: Record<number, string> = { 267: "<Thread>", [stop]: "</Thread>", [eos]: "" };

function shownOf(ids: readonly number[]): string {
  return Buffer.concat(ids.map((id) => (id < 256 ? Buffer.from([id]) : Buffer.from(markers[id] ?? "")))).toString();
}

/** Up to the first token that ends a call, or as many as were asked for. */
function expectedOf(ids: readonly number[], maxTokens: number): number[] {
  const all = [...ids, eos];
  const end = all.findIndex((id) => id === stop || id === eos) + 1;
  return all.slice(0, Math.min(end, maxTokens));
}

describe.each<FakeKind>(["vllm", "sglang", "sglang-native"])("what every engine promises, on %s", (kind) => {
  it("holds whatever is said, in whatever parts, and however it ends", async () => {
    let answer: FakeAnswer = { text: "" };
    const { engine } = await connect({ kind, model: () => answer });
    const options = fc.record({
      maxTokens: fc.integer({ min: 1, max: 40 }),
      coalesce: fc.constantFrom(1, 2, 7, 128),
      top: fc.constantFrom(0, 1, 3),
    });
    await fc.assert(
      fc.asyncProperty(said, options, async (words, { maxTokens, coalesce, top }) => {
        const ids = words.flat();
        answer = { text: "", ids, logprobs: ids.map((_, at) => -at / 100) };
        const events: CompletionEvent[] = [];
        const logprobs = top === 0 ? false : { top };
        const request = requestOf({ stop: { ids: [stop] }, maxTokens, coalesce, logprobs });
        for await (const event of engine.complete(request)) events.push(event);

        const expected = expectedOf(ids, maxTokens);
        const pieces = events.flatMap((event) => (event.type === "pieces" ? event.pieces : []));
        expect(pieces.flatMap((piece) => [...(piece.ids ?? [])])).toEqual(expected);
        expect(events.filter(({ type }) => type === "end")).toEqual([events.at(-1)]);
        const last = expected.at(-1) ?? -1;
        const isStop = last === stop || last === eos;
        expect(events.at(-1)).toMatchObject({ reason: isStop ? "stop" : "length", completionTokens: expected.length });
        if (isStop) expect(pieces.at(-1)?.ids).toEqual([last]);
        for (const piece of pieces) {
          expect(piece.logprobs?.length).toBe(top === 0 ? undefined : piece.ids?.length);
          expect(piece.topLogprobs?.length).toBe(top === 0 ? undefined : piece.ids?.length);
        }
        const text = pieces.map((piece) => piece.text).join("");
        expect(text.replaceAll(/\uFFFD+/g, "?")).toBe(shownOf(expected).replaceAll(/\uFFFD+/g, "?"));
      }),
      { numRuns: 60 },
    );
  });
});
