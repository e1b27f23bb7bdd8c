import { describe, expect, it } from "vitest";
import { apr, npr, threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Dialect } from "../../src/core/dialects/schema.ts";
import type { Input } from "../../src/core/machine/protocol.ts";
import type { RunOptions } from "../../src/run/options.ts";
import type { CompletionEvent, CompletionRequest, Engine } from "../../src/engine/engine.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { deadline } from "../../src/run/policies/index.ts";
import { createRunner } from "../../src/run/runner.ts";
import { callSeed } from "../../src/run/calls/seed.ts";
import { planned, scriptedEngine, type Script } from "./scripted-engine.ts";

const two = planned({ "1": { text: " odd.\n</Thread>" }, "2": { text: " even.\n</Thread>" } });

describe("the requests of a run", () => {
  it("name themselves, the call whose context they extend, and the run that they belong to", async () => {
    const engine = scriptedEngine(two);
    await createRunner({ engine, dialect: threadweaver, createId: () => "r" }).run({ prompt: "Q" }).result;
    expect(engine.requests.map(({ id, extends: parent, session }) => [id, parent, session])).toEqual([
      ["r-0", undefined, "r"],
      ["r-1", "r-0", "r"],
      ["r-2", "r-0", "r"],
      ["r-3", "r-1", "r"],
    ]);
    for (const { signal } of engine.requests) expect(signal.aborted).toBe(false);
  });

  it("are asked for all that the context has room for, or for what the run has left", async () => {
    const engine = scriptedEngine(two, 500);
    await createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" }).result;
    for (const { prompt, maxTokens } of engine.requests) expect(prompt.length + maxTokens).toBe(500);
    const limited = scriptedEngine(two, 500);
    await createRunner({ engine: limited, dialect: threadweaver }).run({ prompt: "Q" }, { maxTokens: 400 }).result;
    expect(limited.requests.map(({ maxTokens }) => maxTokens)).toEqual([400, 369, 369, 354]);
  });

  it("are sent the ids that end them, and the log-probabilities that are wanted", async () => {
    const engine = scriptedEngine(two);
    const runner = createRunner({ engine, dialect: threadweaver });
    await runner.run({ prompt: "Q" }, { logprobs: { top: 3 } }).result;
    const [closing] = await engine.tokenizer.encode("</Thread>", { controls: "parse" });
    const [outlines] = await engine.tokenizer.encode("</Outlines>", { controls: "parse" });
    expect(engine.requests.map(({ stop }) => stop.ids)).toEqual([[outlines], [closing], [closing], [outlines]]);
    expect(engine.requests.every(({ logprobs }) => typeof logprobs === "object" && logprobs.top === 3)).toBe(true);
    await runner.run({ prompt: "Q" }).result;
    expect(engine.requests.at(-1)?.logprobs).toBe(false);
  });

  it("may bring several tokens at once where no listener wants them one by one, at most a call's share of the pot", async () => {
    const parts = async (options: object, dialect = threadweaver) => {
      const engine = scriptedEngine(two);
      await createRunner({ engine, dialect }).run({ prompt: "Q" }, options).result;
      return engine.requests.map(({ coalesce }) => coalesce);
    };
    expect(await parts({})).toEqual([Infinity, Infinity, Infinity, Infinity]);
    expect(await parts({ onEvent: () => {} })).toEqual([undefined, undefined, undefined, undefined]);
    expect(await parts({ maxTokens: 400 })).toEqual([400, 184, 184, 354]);
    // A marker that is no token here is looked for in the text, and has to be seen as it comes.
    const spelled = { ...threadweaver, trigger: { kind: "marker", marker: "</Plan>" } } as typeof threadweaver;
    expect(await parts({}, spelled)).toEqual([undefined]);
  });

  it("bring the tokens of threads one by one where a policy may cut them, so that none is lost from the account", async () => {
    const engine = scriptedEngine(two);
    await createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" }, { policy: deadline(60_000) }).result;
    expect(engine.requests.map(({ coalesce }) => coalesce)).toEqual([Infinity, undefined, undefined, Infinity]);
  });

  it("are sampled as the run says, threads as their dialect does, and need a seed only where they are not greedy", async () => {
    const engine = scriptedEngine((context) =>
      context.includes("</guideline>") && context.endsWith(":")
        ? { text: "x</step>" }
        : { text: context.includes("takeaway") ? "." : "<guideline><plan>1:</plan></guideline>" },
    );
    const runner = createRunner({ engine, dialect: npr });
    await runner.run({ prompt: "Q" }, { temperature: 0.5, topP: 0.9, repetitionPenalty: 1.1, seed: 3 }).result;
    const [main, thread] = engine.requests.map(({ sampling }) => sampling);
    expect(main).toEqual({ temperature: 0.5, topP: 0.9, repetitionPenalty: 1.1, seed: callSeed(3, "0", 0) });
    expect(thread).toEqual({ temperature: 0.5, topP: 0.9, repetitionPenalty: 1.02, seed: callSeed(3, "0/1.1", 0) });
    await runner.run({ prompt: "Q" }).result;
    expect(engine.requests.at(-1)?.sampling).toEqual({ seed: expect.any(Number) as number });
    await runner.run({ prompt: "Q" }, { temperature: 0 }).result;
    expect(engine.requests.at(-1)?.sampling).toEqual({ temperature: 0 });
  });
});

describe("what was sent", () => {
  const sentOf = async (dialect: Dialect, answer: (context: string) => Script, options: RunOptions = {}) => {
    const engine = scriptedEngine(answer);
    const sent: Extract<Input, { t: "sent" }>[] = [];
    const recorder = { input: (input: Input): void => void (input.t === "sent" && sent.push(input)) };
    const result = await createRunner({ engine, dialect }).run({ prompt: "Q\n" }, { ...options, recorder, tree: true })
      .result;
    return { engine, sent, result };
  };

  it("is known by the count of its tokens, and by its ids where a text was encoded again", async () => {
    const kept = await sentOf(threadweaver, two);
    expect(kept.sent.map(({ promptTokens }) => promptTokens)).toEqual(
      kept.engine.requests.map(({ prompt }) => prompt.length),
    );
    for (const input of kept.sent) expect(input).not.toHaveProperty("promptIds");
    const again = await sentOf(apr, () => ({ text: "done" }));
    expect(again.sent.map(({ promptIds }) => promptIds)).toEqual(again.engine.requests.map(({ prompt }) => prompt));
    expect(again.result.tree.segments[1]?.origins?.[0]?.promptIds).toEqual(again.engine.requests[0]?.prompt);
  });

  it("is known with the seed that it was sampled by, and without one where it is greedy", async () => {
    const sampled = await sentOf(threadweaver, () => ({ text: "." }), { temperature: 1, seed: 5 });
    expect(sampled.sent[0]).toMatchObject({
      attempt: 1,
      seed: callSeed(5, "0", 0),
      sampling: { temperature: 1 },
    });
    expect(sampled.result.tree.segments[1]?.origins?.[0]?.seed).toBe(callSeed(5, "0", 0));
    const greedy = await sentOf(threadweaver, () => ({ text: "." }), { temperature: 0 });
    expect(greedy.sent[0]).not.toHaveProperty("seed");
  });

  it("and what never was is counted all the same, where the tokenizer is at hand", async () => {
    // The thread ends the run: its closer and the block's were never part of a context.
    const ends = planned({ "1": { text: " x" } });
    const { result, engine } = await sentOf(threadweaver, ends);
    expect(result.ending).toEqual({ kind: "eos", threadId: "0/1.1" });
    expect(result.tokens.estimated).toBe(false);
    // The header was sent; "\n</Thread>" and "\n</Parallel>" are two tokens each.
    expect(result.tokens.inserted).toBe("\n\n1:".length + 1 + 2 + 2);
    expect(engine.requests).toHaveLength(2);
  });
});

describe("what an engine reports of a call", () => {
  /** A scripted engine that says more at the end. */
  function reporting(more: object): Engine & { requests: CompletionRequest[] } {
    const engine = scriptedEngine(() => ({ text: "12" }));
    return {
      ...engine,
      async *complete(request): AsyncGenerator<CompletionEvent> {
        for await (const event of engine.complete(request)) yield event.type === "end" ? { ...event, ...more } : event;
      },
    };
  }
  const origin = async (engine: Engine) => {
    const events: RunEvent[] = [];
    const runner = createRunner({ engine, dialect: threadweaver });
    const result = await runner.run(
      { prompt: "Q" },
      { temperature: 0, tree: true, onEvent: (event) => events.push(event) },
    ).result;
    const end = events.find((event): event is Extract<RunEvent, { type: "call-end" }> => event.type === "call-end");
    return { result, origin: result.tree.segments[1]?.origins?.[0], end };
  };

  it.each<[string, object, object, object]>([
    ["nothing more", {}, { kind: "stop" }, {}],
    ["the id that ended it", { eos: 7 }, { kind: "stop", eos: 7 }, {}],
    [
      "its own counts",
      { cachedTokens: 0, completionTokens: 3 },
      { kind: "stop" },
      { cachedTokens: 0, completionTokens: 3 },
    ],
    ["its weights", { weightVersion: "w7" }, { kind: "stop" }, { weightVersion: "w7" }],
    ["a full context, the call having had all of it", { reason: "length" }, { kind: "context" }, {}],
    ["a filter of its own, the call having had all of the context", { reason: "filtered" }, { kind: "filtered" }, {}],
    ["an end of tokens that it set itself", { reason: "context" }, { kind: "context" }, {}],
  ])("is what the machine is told, and nothing else: %s", async (_, more, reason, usage) => {
    const inputs: Input[] = [];
    const runner = createRunner({ engine: reporting(more), dialect: threadweaver });
    await runner.run({ prompt: "Q" }, { recorder: { input: (input) => void inputs.push(input) } }).result;
    const end = inputs.find(({ t }) => t === "ended");
    expect(end).toStrictEqual({ t: "ended", at: end?.at, call: 0, reason, usage });
  });

  it("is an end of its budget where it had less than the context has room for", async () => {
    const inputs: Input[] = [];
    const runner = createRunner({ engine: scriptedEngine(() => ({ text: "1234" })), dialect: threadweaver });
    await runner.run({ prompt: "Q" }, { maxTokens: 2, recorder: { input: (input) => void inputs.push(input) } }).result;
    expect(inputs.find(({ t }) => t === "ended")).toMatchObject({ reason: { kind: "length" } });
  });

  it("is kept with how it was made, counted, and told", async () => {
    const told = await origin(reporting({ cachedTokens: 1, weightVersion: "w7" }));
    expect(told.origin).toEqual({
      from: 0,
      attempt: 1,
      promptTokens: 2,
      sampling: { temperature: 0 },
      cachedTokens: 1,
      weightVersion: "w7",
    });
    expect(told.result.tokens).toMatchObject({ sent: 2, cached: 1 });
    expect(told.end).toMatchObject({ call: 0, tokens: 3, wasted: 0, cachedTokens: 1, ending: { kind: "eos" } });
  });

  it("is nothing where it says nothing", async () => {
    const { result, origin: made, end } = await origin(reporting({}));
    expect(made).not.toHaveProperty("cachedTokens");
    expect(made).not.toHaveProperty("weightVersion");
    expect(result.tokens.cached).toBeUndefined();
    expect(end).not.toHaveProperty("cachedTokens");
  });

  it("names an end of sequence that the vocabulary did not know", async () => {
    const letter = "2".charCodeAt(0);
    const engine = reporting({ eos: letter });
    const inputs: unknown[] = [];
    await createRunner({ engine, dialect: threadweaver }).run(
      { prompt: "Q" },
      { recorder: { input: (input) => inputs.push(input) } },
    ).result;
    expect(inputs).toContainEqual(expect.objectContaining({ t: "ended", reason: { kind: "stop", eos: letter } }));
  });

  it("that its answer was too long is the context's doing only where all of its room was asked for", async () => {
    const long = { text: "x".repeat(20), after: "runOn" } as const;
    const full = await createRunner({ engine: scriptedEngine(() => long, 50), dialect: threadweaver }).run({
      prompt: "Q",
    }).result;
    expect(full.ending).toEqual({ kind: "length", limit: "context" });
    const used = await createRunner({ engine: scriptedEngine(() => long, 50), dialect: threadweaver }).run(
      { prompt: "Q" },
      { maxTokens: 30 },
    ).result;
    expect(used.ending).toEqual({ kind: "length", limit: "runTokens" });
  });

  it("as a warning reaches the result and the listeners, without a thread, as often as it comes", async () => {
    const engine = scriptedEngine(() => ({ text: "12" }));
    const warning = { code: "cache-lost" as const, message: "nothing was cached" };
    const careful: Engine = {
      ...engine,
      async *complete(request) {
        yield { type: "warning", warning };
        yield { type: "warning", warning };
        yield* engine.complete(request);
      },
    };
    const { result } = await origin(careful);
    const twice = [1, 2].map(() => ({ ...warning, threadId: "" }));
    expect(result.warnings).toMatchObject([...twice, { code: "never-forked" }]);
  });
});

describe("a failure that is no error object", () => {
  it("is named as it is", async () => {
    const engine = scriptedEngine(() => ({ text: "12" }));
    const throwing: Engine = {
      ...engine,
      complete: () => ({
        [Symbol.asyncIterator]: () => ({
          next: async () => {
            // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- this is what is shown
            throw "just a word";
          },
        }),
      }),
    };
    const failed = createRunner({ engine: throwing, dialect: threadweaver }).run({ prompt: "Q" }).result;
    await expect(failed).rejects.toMatchObject({
      code: "internal",
      message: expect.stringMatching(/^just a word\. That ended the run\./) as string,
      partial: { ending: { kind: "failed", message: "just a word" } },
    });
  });
});
