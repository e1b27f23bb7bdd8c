import { describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { CompletionEvent, Engine, Tokenizer } from "../../src/engine/engine.ts";
import type { ThreadweaverError } from "../../src/errors.ts";
import type { RunOptions } from "../../src/run/options.ts";
import type { ResultWithTree } from "../../src/run/result.ts";
import { createRunner } from "../../src/run/runner.ts";
import { scriptedEngine } from "./scripted-engine.ts";

const scripted = scriptedEngine(() => ({ text: "" }));
const eos = scripted.tokenizer.eos[0] ?? -1;
const size = scripted.tokenizer.vocabularySize ?? -1;

const said = (...pieces: object[]): CompletionEvent => ({ type: "pieces", pieces });
const unknown = { vocabularySize: undefined };
const end: CompletionEvent = { type: "end", reason: "stop" };

/** An engine that says exactly this. */
function saying(
  events: readonly CompletionEvent[],
  { vocabularySize }: Partial<Tokenizer> = { vocabularySize: size },
): Engine {
  return {
    ...scripted,
    tokenizer: { ...scripted.tokenizer, vocabularySize },
    async *complete() {
      yield* events;
    },
  };
}

const run = (engine: Engine, options: RunOptions = {}) =>
  createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" }, { ...options, tree: true }).result;

const failureOf = (engine: Engine) =>
  run(engine).then(
    () => expect.fail("it should fail"),
    (error: unknown) => error as ThreadweaverError<ResultWithTree>,
  );

describe("an engine that breaks its contract", () => {
  it.each<[string, CompletionEvent[], string]>([
    [
      "pieces after the end",
      [said({ ids: [65], text: "A" }), end, said({})],
      "pieces came after the end; nothing may follow it",
    ],
    ["a second end", [end, end], "a second end came after the end; nothing may follow it"],
    ["no end", [said({ ids: [65], text: "A" })], "the call came to its end without an end event"],
    [
      "an id beyond the vocabulary",
      [said({ ids: [65, size], text: "A" })],
      `it gave the token id ${size}; an id of this vocabulary is a whole number from 0 to ${size - 1}`,
    ],
    [
      "an id below the vocabulary",
      [said({ ids: [-1], text: "A" })],
      `it gave the token id -1; an id of this vocabulary is a whole number from 0 to ${size - 1}`,
    ],
    [
      "an id that is no whole number",
      [said({ ids: [0.5], text: "A" })],
      `it gave the token id 0.5; an id of this vocabulary is a whole number from 0 to ${size - 1}`,
    ],
    ["a text that is none", [said({ ids: [65], text: 65 })], "a piece's text is number; it must be a string"],
    [
      "log-probabilities of other tokens",
      [said({ ids: [65], text: "A", logprobs: [-1, -2] })],
      "a piece has 2 log-probabilities; expected one for each of the 1 ids",
    ],
    [
      "an end of sequence in one piece with other tokens",
      [said({ ids: [65, 66, eos], text: "AB" })],
      `the token ${eos} that ends the call is not a piece of its own`,
    ],
  ])("%s: the error names the contract, the thread, what came and what was expected", async (_, events, what) => {
    const error = await failureOf(saying(events));
    const message = `the engine scripted broke its contract (the doc comment of Engine) in a call of thread 0: ${what}`;
    expect(error.code).toBe("engine_failed");
    expect(error.message.split(". That ended the run.")[0]).toBe(message);
  });

  it("by an id that none can be, where its vocabulary is not known", async () => {
    const error = await failureOf(saying([said({ ids: [-1], text: "A" })], unknown));
    expect(error.message).toMatch(
      /: it gave the token id -1; an id of this vocabulary is a whole number from 0\. That/,
    );
  });
});

describe("an engine that keeps its contract", () => {
  it("may use every id of its vocabulary, and any where that is not known", async () => {
    const events = [said({ ids: [0], text: "a" }, { ids: [size - 1], text: "" }), end];
    expect((await run(saying(events))).text).toBe("a");
    const engine = saying([said({ ids: [10 ** 7], text: "b" }), end], unknown);
    expect((await run(engine)).text).toBe("b");
  });

  it("may leave out the text of a piece that has none", async () => {
    const { text, ending } = await run(saying([said({ ids: [65], text: "A" }, { ids: [eos] }), end]));
    expect({ text, ending }).toEqual({ text: "A", ending: { kind: "eos" } });
  });

  it("may give one log-probability for each token, which the tree has", async () => {
    const events = [
      said({ ids: [226, 130, 172], text: "€", logprobs: [-1, -2, -3] }, { ids: [eos], logprobs: [0] }),
      end,
    ];
    const { tree } = await run(saying(events), { logprobs: true });
    expect(tree.segments[1]?.logprobs).toEqual([[-1, -2, -3], [0]]);
  });
});
