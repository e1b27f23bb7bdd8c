import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inputSchema, type Input } from "../../src/core/machine/protocol.ts";
import type { Piece } from "../../src/core/trie/piece.ts";
import { decodeInput, encodeInput } from "../../src/trace/codec.ts";

const id = fc.oneof(fc.nat({ max: 200_000 }), fc.integer());
const ids = fc.array(id, { maxLength: 4 });
// Every code unit, lone surrogates too.
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.nat({ max: 0xffff })).map((units) => String.fromCharCode(...units)),
);
const logprob = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, -0, -Infinity));
const top = fc.record({ id, text, logprob }, { requiredKeys: ["logprob"] });
const chat = fc.array(fc.record({ role: fc.constantFrom("user", "assistant"), content: text }), { maxLength: 2 });
const generated = {
  ids,
  text,
  logprobs: fc.array(logprob, { maxLength: 3 }),
  topLogprobs: fc.array(fc.array(top, { maxLength: 3 }), { maxLength: 2 }),
};
const piece: fc.Arbitrary<Piece> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ ids, text }, { requiredKeys: [] }) },
  { weight: 2, arbitrary: fc.record(generated, { requiredKeys: [] }) },
  { weight: 1, arbitrary: fc.record({ ids, text, chat, prefill: text }, { requiredKeys: [] }) },
);
const at = fc.nat({ max: 1e12 }).map((thousandths) => thousandths / 1000);
const index = fc.nat({ max: 1000 });
const sampling = fc.record(
  { temperature: fc.double({ min: 0, max: 10, noNaN: true }).map((t) => t + 0), topK: index },
  { requiredKeys: [] },
);
const usage = fc.record({ cachedTokens: index, completionTokens: index, weightVersion: text }, { requiredKeys: [] });
const reason = fc.oneof(
  fc.record({ kind: fc.constant("stop" as const), eos: id }, { requiredKeys: ["kind"] }),
  fc.constantFrom(
    { kind: "length" as const },
    { kind: "context" as const },
    { kind: "refused" as const, limit: "context" as const },
  ),
  fc.record({ kind: fc.constant("failed" as const), message: text }),
);
const vocabulary = fc.record({
  eos: ids,
  markers: fc.dictionary(fc.constantFrom("<Thread>", "</think>"), id, { noNullPrototype: true }),
});
const is = <T extends string>(t: T) => fc.constant(t);
const inputs: fc.Arbitrary<Input> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ t: is("pieces"), at, call: index, pieces: fc.array(piece, { maxLength: 5 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      t: is("start"),
      at,
      prompt: fc.record({ ids, text, chat, prefill: text }, { requiredKeys: [] }),
      vocabulary,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        t: is("sent"),
        at,
        call: index,
        attempt: fc.integer({ min: 1, max: 9 }),
        promptTokens: index,
        promptIds: ids,
        sampling,
        seed: index,
      },
      { requiredKeys: ["t", "at", "call", "attempt", "promptTokens"] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        t: is("broke"),
        at,
        call: index,
        attempt: fc.integer({ min: 1, max: 9 }),
        code: text,
        message: text,
        status: index,
        waitMs: index,
        usage,
      },
      { requiredKeys: ["t", "at", "call", "attempt", "code", "message", "waitMs"] },
    ),
  },
  { weight: 1, arbitrary: fc.record({ t: is("warned"), at, code: text, message: text, threadId: text }) },
  {
    weight: 1,
    arbitrary: fc.record(
      { t: is("encoded"), at, segment: index, ids, text },
      { requiredKeys: ["t", "at", "segment", "ids"] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record(
      { t: is("ended"), at, call: index, reason, usage },
      { requiredKeys: ["t", "at", "call", "reason"] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      t: is("cut"),
      at,
      sequence: index,
      by: fc.constantFrom("user" as const, "quorum" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ t: fc.constantFrom("time" as const, "stop" as const), at }) },
);

describe("an input as a line", () => {
  it("is one line of JSON, and gives exactly the input again", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const line = encodeInput(input);
        expect(line).not.toContain("\n");
        expect(decodeInput(JSON.parse(line))).toStrictEqual(structuredClone(input));
      }),
      { numRuns: 2_000 },
    );
  });

  it("has pieces in columns, without those that are empty", () => {
    const pieces: Piece[] = [
      { ids: [259], text: "<think>" },
      { ids: [10], text: "\n" },
      { ids: [226, 130, 172], text: "€" },
    ];
    expect(encodeInput({ t: "pieces", at: 1.5, call: 0, pieces })).toBe(
      String.raw`{"t":"pieces","at":1.5,"call":0,"ids":[259,10,[226,130,172]],"texts":["<think>","\n","€"]}`,
    );
    expect(encodeInput({ t: "pieces", at: 2, call: 1, pieces: [{ text: "a" }] })).toBe(
      '{"t":"pieces","at":2,"call":1,"texts":["a"]}',
    );
    const withLogprobs = [{ ids: [1], text: "a", logprobs: [-0.5] }, { text: "b" }];
    expect(encodeInput({ t: "pieces", at: 2, call: 1, pieces: withLogprobs })).toBe(
      '{"t":"pieces","at":2,"call":1,"ids":[1,null],"texts":["a","b"],"logprobs":[[-0.5],null]}',
    );
  });

  it("may have its pieces as the protocol has them, too", () => {
    const input: Input = { t: "pieces", at: 1, call: 0, pieces: [{ ids: [1], text: "a" }] };
    expect(decodeInput(JSON.parse(JSON.stringify(input)))).toEqual(input);
    expect(inputSchema.parse(input)).toEqual(input);
  });

  it.each([
    ["no input", { t: "begin", at: 1 }],
    ["a column that is too short", { t: "pieces", at: 1, call: 0, ids: [1], texts: ["a", "b"] }],
    ["an id that is none", { t: "pieces", at: 1, call: 0, ids: [1.5], texts: ["a"] }],
    ["a text that is none", { t: "pieces", at: 1, call: 0, ids: [1], texts: [2] }],
  ])("is refused where it is %s", (_, value) => {
    expect(() => decodeInput(value)).toThrow();
  });
});
