import { describe, expect, it } from "vitest";
import { ThreadweaverError } from "../../../src/errors.ts";
import type { ForkBranch, ForkOptions } from "../../../src/run/fork/options.ts";
import type { RunInput } from "../../../src/run/input.ts";
import type { RunResult, ThreadResult } from "../../../src/run/result.ts";
import { createRunner } from "../../../src/run/runner.ts";
import { textEngine } from "../text-engine.ts";
import { chatEngine, contextsOf } from "./chat-engine.ts";

const messages = [{ role: "user", content: "Doc" }];
const ask = { ask: "Who?" };
const combined = (combine: unknown) => ({ join: { combine } });

describe("what cannot be meant is refused at once, by name", () => {
  it.each<[string, unknown, unknown, string]>([
    ["no branches", [], {}, "branches is empty: a fork needs at least one branch"],
    ["no list", ask, {}, "branches is an object; it must be a list of branches"],
    ["too many", Array.from({ length: 4097 }, () => ask), {}, "there are 4097 branches, and a fork has 4096 at most"],
    ["no branch", ["Who?"], {}, 'branches[0] is "Who?"; it must be { ask: "…" } or { continue: "…" }'],
    ["equal names", [ask, { ...ask, name: "1" }], {}, 'branches[0] and branches[1] are both named "1"'],
    ["neither text", [ask, { name: "b" }], {}, "branches[1] has neither ask (a turn of the user) nor continue (text)"],
    [
      "both texts",
      [{ ...ask, continue: "so" }],
      {},
      "branches[0] has both ask (a turn of the user) and continue (text)",
    ],
    ["an empty text", [{ ask: "" }], {}, "Invalid options for branches[0]: ask: "],
    ["half a character", [{ ask: "\ud83d" }], {}, "branches[0] holds half a character (a lone surrogate)"],
    ["an unknown field", [{ ...ask, limit: 3 }], {}, "there is no option limit (there are temperature"],
    ["a bad limit", [{ ...ask, maxTokens: 0 }], {}, "Invalid options for branches[0]: maxTokens: "],
    ["an option of models' forks", [ask], { maxThreads: 3 }, "there is no option maxThreads"],
    ["a join that is none", [ask], { join: "all" }, 'join: must be "none" or { combine }'],
    ["a combine that is none", [ask], combined(3), 'join: must be "none" or { combine }'],
    ["a template without results", [ask], combined("{resluts}"), "the template of combine has none of {results}, {1}"],
  ])("%s", (_, branches, options, expected) => {
    const engine = chatEngine(() => ({ text: "." }));
    const runner = createRunner({ engine });
    const fork = () => runner.fork({ messages }, branches as ForkBranch[], options as ForkOptions);
    expect(fork).toThrow(expected);
    expect(fork).toThrow(expect.objectContaining({ code: "invalid_option" }) as Error);
    expect(engine.requests).toEqual([]);
  });
});

describe("what the model cannot do is refused before it is asked for anything", () => {
  const noTemplate = () => {
    throw new ThreadweaverError("invalid_prompt", "this model has no chat template");
  };
  const long = "x".repeat(60);

  it.each<[string, RunInput, ForkBranch[], Parameters<typeof chatEngine>[1], string, string]>([
    ["ask after a prompt", { prompt: "Doc" }, [{ continue: "a" }, ask], {}, "invalid_prompt", "branches[1] asks"],
    [
      "ask without a template",
      { messages },
      [ask],
      { template: noTemplate },
      "invalid_prompt",
      'branches[0] ("1"): this model has no chat template',
    ],
    [
      "continue without a template",
      { messages },
      [{ continue: "a" }],
      { template: noTemplate },
      "invalid_prompt",
      "no chat template",
    ],
    ["no messages", { messages: [] }, [ask], {}, "invalid_prompt", "messages is empty"],
    [
      "a trunk that is too long",
      { prompt: long },
      [{ continue: "a" }],
      { contextTokens: 50 },
      "context_exceeded",
      "The prompt has 61 tokens",
    ],
    [
      "one branch that is too long",
      { prompt: "Doc" },
      [{ continue: "a" }, { name: "b", continue: long }],
      { contextTokens: 50 },
      "context_exceeded",
      'branches[1] ("b"): The prompt has 64 tokens',
    ],
  ])("%s", async (_, input, branches, setup, code, message) => {
    const engine = chatEngine(() => ({ text: "." }), setup);
    const { result } = createRunner({ engine }).fork(input, branches);
    await expect(result).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
    expect(engine.requests).toEqual([]);
  });

  it("a continued turn on an endpoint of whole turns", async () => {
    const engine = textEngine(
      chatEngine(() => ({ text: "." })),
      "chat-only",
    );
    const { result } = createRunner({ engine }).fork({ messages }, [ask, { continue: "a" }]);
    await expect(result).rejects.toMatchObject({
      code: "engine_refused",
      message: "branches[1] continues the assistant's turn, and scripted takes whole turns only (chat-only): use `ask`",
    });
    expect(engine.requests).toEqual([]);
  });

  it("a text whose control strings would become tokens", async () => {
    const engine = chatEngine(() => ({ text: "." }));
    const refusing = {
      ...engine,
      tokenizer: {
        ...engine.tokenizer,
        encode: () => {
          throw new ThreadweaverError("invalid_prompt", "The text holds <s>.");
        },
      },
    };
    const { result } = createRunner({ engine: refusing }).fork({ messages }, [{ name: "b", continue: "<s>" }]);
    await expect(result).rejects.toMatchObject({
      code: "invalid_prompt",
      message: 'branches[0] ("b"): The text holds <s>.',
    });
  });
});

describe("a combine that fails fails the run, and loses nothing", () => {
  it.each<[string, (results: readonly ThreadResult[]) => unknown, string]>([
    [
      "throws",
      () => {
        throw new TypeError("no such field");
      },
      "combine threw: no such field",
    ],
    [
      "returns a promise",
      async () => "text",
      "combine returned a promise; it must return the text that the model goes on after, as a string",
    ],
    ["returns nothing", () => undefined, "combine returned undefined"],
    ["returns an empty text", () => "", "combine returned an empty text"],
  ])("it %s", async (_, combine, message) => {
    const engine = chatEngine(() => ({ text: "mine" }));
    const run = createRunner({ engine }).fork({ messages }, [ask, { ask: "Where?" }], combined(combine) as ForkOptions);
    const error = (await run.result.catch((reason: unknown) => reason)) as ThreadweaverError<RunResult>;
    expect(error.code).toBe("invalid_option");
    expect(error.message).toContain(message);
    expect(error.partial?.threads.map(({ text }) => text)).toEqual(["mine", "mine"]);
    expect(error.partial?.tree).toBeDefined();
    expect(engine.requests).toHaveLength(2);
  });

  it("has what it threw as its cause", async () => {
    const cause = new TypeError("no such field");
    const engine = chatEngine(() => ({ text: "mine" }));
    const join = {
      combine: () => {
        throw cause;
      },
    };
    const error = (await createRunner({ engine })
      .fork({ messages }, [ask], { join })
      .result.catch((reason: unknown) => reason)) as Error;
    expect((error.cause as Error).cause).toBe(cause);
  });

  it("sends what a function cut inside a character, with the rest of it replaced", async () => {
    const engine = chatEngine(() => ({ text: "." }));
    await createRunner({ engine }).fork({ messages }, [ask], { join: { combine: () => "😀".slice(0, 1) } }).result;
    expect(contextsOf(engine)[1]).toContain("‹user\n\uFFFD›");
  });
});
