import { describe, expect, it } from "vitest";
import type { FakeAnswer, FakeKind, FakeServerOptions } from "../../src/testing/index.ts";
import { connect, outcomeOf } from "./support.ts";

/** Three letters, a character of three tokens, and the end. */
const logprobs = [-0.1, -0.2, -0.3, -0.4, -0.5, -0.6, -0.7];
/** At the second place, another token is likelier than the one that was said. */
const others = [-1, -0.15, -1, -1, -1, -1, -1].map((logprob) => [
  { id: 90, logprob },
  { id: 91, logprob: -5 },
]);
const said: FakeAnswer = { text: "abc€", logprobs, topLogprobs: others };
const ids = [97, 98, 99, 226, 130, 172, 257];

const ways: [name: string, fake: Partial<FakeServerOptions> & { kind: FakeKind }, coalesce: number][] = [
  ["vllm", { kind: "vllm" }, 1],
  ["vllm, three tokens a part", { kind: "vllm", tokensPerChunk: 3 }, 1],
  ["vllm, all in one part", { kind: "vllm" }, 100],
  ["sglang", { kind: "sglang" }, 1],
  ["sglang, many tokens a part", { kind: "sglang" }, 4],
  ["sglang-native", { kind: "sglang-native" }, 1],
];

describe.each(ways)("log-probabilities on %s", (_, fake, coalesce) => {
  it("are told of each token that was chosen", async () => {
    const { engine } = await connect({ ...fake, model: () => said });
    const { pieces } = await outcomeOf(engine, { logprobs: true, coalesce });
    expect(pieces.flatMap((piece) => piece.ids)).toEqual(ids);
    expect(pieces.flatMap((piece) => piece.logprobs)).toEqual(logprobs);
    for (const piece of pieces) expect(piece).not.toHaveProperty("topLogprobs");
  });

  it("are told of the likeliest tokens at each place, best first, and not of more", async () => {
    const { engine } = await connect({ ...fake, model: () => said });
    const { pieces } = await outcomeOf(engine, { logprobs: { top: 2 }, coalesce });
    expect(pieces.flatMap((piece) => piece.logprobs)).toEqual(logprobs);
    const top = pieces.flatMap((piece) => piece.topLogprobs ?? []);
    expect(top.map((place) => place.map(({ logprob }) => logprob))).toEqual([
      [-0.1, -1],
      [-0.15, -0.2],
      ...[-0.3, -0.4, -0.5, -0.6, -0.7].map((value) => [value, -1]),
    ]);
    // SGLang's completions name them by their texts alone.
    const byText = fake.kind === "sglang" && coalesce === 1;
    expect(top[1]).toMatchObject(byText ? [{ text: "Z" }, { text: "b" }] : [{ id: 90 }, { id: 98 }]);
  });

  it("are not told where nobody asks", async () => {
    const { engine } = await connect({ ...fake, model: () => said });
    for (const piece of (await outcomeOf(engine, { logprobs: false, coalesce })).pieces) {
      expect(Object.keys(piece)).toEqual(["ids", "text"]);
    }
  });
});

describe("log-probabilities on llamacpp", () => {
  it("are told of the tokens whose ids are, and of no others", async () => {
    const { engine } = await connect({ kind: "llamacpp", model: () => said });
    const { pieces } = await outcomeOf(engine, { logprobs: { top: 2 } });
    expect(pieces.map((piece) => piece.text)).toEqual(["a", "b", "c", "€", ""]);
    expect(pieces.map((piece) => piece.logprobs)).toEqual([[-0.1], [-0.2], [-0.3], undefined, [-0.7]]);
    expect(pieces[1]?.topLogprobs).toEqual([
      [
        { id: 90, text: "Z", logprob: -0.15 },
        { id: 98, text: "b", logprob: -0.2 },
      ],
    ]);
    const chosen = await outcomeOf(engine, { logprobs: true });
    expect(chosen.pieces[1]).toEqual({ ids: [98], text: "b", logprobs: [-0.2] });
  });
});

describe("log-probabilities that cannot be had", () => {
  it.each<FakeKind>(["text", "chat"])("are refused before the server is asked, on %s", async (kind) => {
    const { engine, server } = await connect({ kind, model: () => "a" });
    for (const wanted of [true, { top: 2 }]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { error } = await outcomeOf(engine, { logprobs: wanted });
      expect(error).toMatchObject({
        code: "invalid_option",
        message: expect.stringContaining("logprobs are not available") as string,
      });
    }
    expect(server.calls).toEqual([]);
  });

  it("are refused where a server tells those of the chosen tokens only", async () => {
    const profile = { request: { topLogprobs: null } };
    const { engine, server } = await connect({ model: () => "a" }, { profile });
    const { error } = await outcomeOf(engine, { logprobs: { top: 2 } });
    expect(error).toMatchObject({
      code: "invalid_option",
      message: expect.stringContaining("logprobs.top is not available") as string,
    });
    expect(server.calls).toEqual([]);
    expect((await outcomeOf(engine, { logprobs: true })).end).toMatchObject({ reason: "stop" });
  });

  it.each([0, -1, 1.5, Number.NaN])("are refused where %d of them are wanted", async (top) => {
    const { engine } = await connect({ model: () => "a" });
    expect((await outcomeOf(engine, { logprobs: { top } })).error).toMatchObject({ code: "invalid_option" });
  });

  it.each<FakeKind>(["vllm", "sglang", "sglang-native"])(
    "are not asked for where they are more than the model has tokens, which would end SGLang: %s",
    async (kind) => {
      const { engine, server } = await connect({ kind, model: () => "a" });
      for (const top of [270, 5000]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const { error } = await outcomeOf(engine, { logprobs: { top } });
        expect(error).toMatchObject({
          code: "invalid_option",
          message: expect.stringContaining("the model has 269 tokens") as string,
        });
      }
      expect(server.calls).toEqual([]);
    },
  );

  it("are refused in the server's words where they are more than it takes", async () => {
    const { engine } = await connect({ model: () => "a" });
    expect((await outcomeOf(engine, { logprobs: { top: 21 } })).error).toMatchObject({
      code: "engine_refused",
      message: expect.stringContaining("greater than max allowed: 20") as string,
    });
  });
});
