import { describe, expect, it } from "vitest";
import { apr, asyncthink, threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { defineDialect } from "../../src/core/dialects/dialect.ts";
import type { Dialect } from "../../src/core/dialects/schema.ts";
import type { Input } from "../../src/core/machine/protocol.ts";
import type { CompletionEvent, Engine } from "../../src/engine/engine.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import type { Clock } from "../../src/run/clock.ts";
import type { RunOptions } from "../../src/run/options.ts";
import type { RunResult } from "../../src/run/result.ts";
import type { Run } from "../../src/run/run.ts";
import { createRunner, type RunnerOptions } from "../../src/run/runner.ts";
import { turns } from "./model-engine.ts";
import { planned, scriptedEngine, type Script, type ScriptedEngine } from "./scripted-engine.ts";
import { textsOf } from "./texts.ts";
import type { RunEvent } from "../../src/run/events.ts";

const two = planned({ "1": { text: " odd.\n</Thread>" }, "2": { text: " even.\n</Thread>" } });

type Failure = ThreadweaverError & { partial: RunResult };

/** How a run ended, which it must do within so many turns of the event loop. */
async function outcome(result: Promise<RunResult>, most = 500): Promise<RunResult | Failure> {
  const settled = result.then(
    (value) => value,
    (error: unknown) => error as Failure,
  );
  const first = await Promise.race([settled, turns(most)]);
  if (first === undefined) throw new Error("still pending");
  return first;
}

async function failureOf(result: Promise<RunResult>): Promise<Failure> {
  const error = await outcome(result);
  if (!ThreadweaverError.isInstance(error)) throw new Error("the run did not fail");
  return error;
}

const runnerOf = (engine: Engine, dialect: Dialect, more: Partial<RunnerOptions> = {}) =>
  createRunner({ engine, dialect, ...more });

const aprCall = (node: string) =>
  `Moving to Node #0\nCurrent State: 24:[4], Operations: []\n<Calling Sub Searches>\n` +
  `<Start Sub Search 0 at level 1> Moving to Node #${node}\n<End Calling Sub Searches>`;

describe("a mistake in a dialect's function", () => {
  const fork = "<FORK-1>a</FORK-1>";
  const answers =
    (main: string) =>
    (context: string): Script =>
      context.startsWith("a") ? { text: "worker" } : context.includes("</JOIN") ? { text: "." } : { text: main };

  it.each<[string, string, () => string | undefined]>([
    [
      "throws while its parent waits",
      `${fork}<JOIN-1>`,
      () => {
        throw new Error("my own mistake");
      },
    ],
    [
      "throws while its parent runs",
      `${fork} and a long text that goes on ${"x".repeat(40)}<JOIN-1>`,
      () => {
        throw new Error("my own mistake");
      },
    ],
    ["returns no string", `${fork}<JOIN-1>`, () => 7 as unknown as string],
    ["is asynchronous", `${fork}<JOIN-1>`, (() => Promise.resolve("x")) as unknown as () => string],
  ])("that %s ends the run with an error that names it, and with all that was made", async (_, main, returned) => {
    const dialect = defineDialect({ ...asyncthink, name: "mine", functions: { returned } });
    const engine = scriptedEngine(answers(main));
    const error = await failureOf(runnerOf(engine, dialect).run({ prompt: "Q" }).result);
    expect(error.code).toBe("invalid_dialect");
    expect(error.message).toMatch(
      /^the function returned of dialect mine (threw: my own mistake|returned (number|a promise): it must)/,
    );
    expect(error.partial.text).toContain(fork);
    expect(error.partial.ending).toEqual({ kind: "failed", message: error.message });
    await turns(2);
    expect(engine.running()).toBe(0);
  });

  it("aborts every request that runs, and leaves no slot taken", async () => {
    const dialect = defineDialect({
      ...asyncthink,
      functions: {
        returned: () => {
          throw new Error("boom");
        },
      },
    });
    const engine = scriptedEngine((context) =>
      context.startsWith("slow")
        ? { text: "x", after: "hang" }
        : answers(`<FORK-2>slow</FORK-2>${fork}<JOIN-1>`)(context),
    );
    const runner = runnerOf(engine, dialect, { concurrency: 3 });
    await failureOf(runner.run({ prompt: "Q" }).result);
    await turns(2);
    expect(engine.running()).toBe(0);
    const next = scriptedEngine(() => ({ text: "." }));
    expect((await runnerOf(next, threadweaver, { concurrency: 3 }).run({ prompt: "Q" }).result).text).toBe(".");
    expect(await outcome(runner.run({ prompt: "a" }).result)).toMatchObject({ text: "worker" });
  });

  const shown = (render: () => string): Dialect =>
    defineDialect({
      ...apr,
      name: "shown",
      join: { shape: "display", render: { fn: "render" } },
      functions: { ...apr.functions, render },
    });
  const searching = (): ScriptedEngine =>
    scriptedEngine((context) => (context.startsWith("Moving to Node #0\n") ? { text: "sub" } : { text: aprCall("0") }));

  it("in the rendering of a display join loses no text", async () => {
    const dialect = shown(() => {
      throw new Error("no picture");
    });
    const engine = searching();
    const error = await failureOf(runnerOf(engine, dialect).run({ prompt: "Q\n" }).result);
    expect(error.message).toBe("the function render of dialect shown threw: no picture");
    expect(error.partial.text).toContain("<End Calling Sub Searches>");
  });

  it("is not looked for in the rendering of a run that something else broke: its text is what was written", async () => {
    const engine = searching();
    const flawed: Engine = {
      ...engine,
      async *complete(request) {
        yield* engine.complete(request);
        if (engine.requests.length === 2) yield { type: "end", reason: "stop" };
      },
    };
    const error = await failureOf(
      runnerOf(
        flawed,
        shown(() => "a picture"),
      ).run({ prompt: "Q\n" }).result,
    );
    expect(error.message).toContain("a second end came after the end");
    expect(error.partial.text).toContain("<End Calling Sub Searches>");
  });
});

describe("listening", () => {
  it("changes nothing: a search of an unknown node is joined, and told, with a listener and without", async () => {
    const answer = (context: string): Script =>
      context.includes("</JOIN") || context.includes("<End Sub") ? { text: "." } : { text: aprCall("9") };
    const alone = await outcome(runnerOf(scriptedEngine(answer), apr).run({ prompt: "Q\n" }).result);
    const run = runnerOf(scriptedEngine(answer), apr).run({ prompt: "Q\n" });
    const events: RunEvent[] = [];
    for await (const event of run) events.push(structuredClone(event));
    const heard = await outcome(run.result);
    expect((heard as RunResult).text).toBe((alone as RunResult).text);
    expect(textsOf(events).get("0")).toBe((alone as RunResult).text);
  });

  it("gets a guard's marker taken back that was spelled over several tokens", async () => {
    const answer = (context: string): Script =>
      context.includes("<Calling Sub Searches>") ? { text: " and done" } : { text: "start <Sub Searches> nothing" };
    const run = runnerOf(scriptedEngine(answer), apr).run({ prompt: "Q\n" });
    const events: RunEvent[] = [];
    for await (const event of run) events.push(structuredClone(event));
    expect((await run.result).text).toBe("start <Calling Sub Searches> and done");
    expect(textsOf(events).get("0")).toBe("start <Calling Sub Searches> and done");
  });
});

describe("a recorder or a listener that throws", () => {
  it.each(["recorder", "onEvent"] as const)("never changes a run: %s", async (name) => {
    const expected = await runnerOf(scriptedEngine(two), threadweaver).run({ prompt: "Q" }).result;
    let calls = 0;
    const count = (): void => {
      calls += 1;
      if (calls === 5) throw new Error("disk full");
    };
    const options: RunOptions = name === "recorder" ? { recorder: { input: count } } : { onEvent: count };
    const result = (await outcome(
      runnerOf(scriptedEngine(two), threadweaver).run({ prompt: "Q" }, options).result,
    )) as RunResult;
    expect(result.text).toBe(expected.text);
    expect(result.complete).toBe(true);
    expect(calls).toBe(5);
    const code = name === "recorder" ? "recorder-failed" : "listener-failed";
    expect(result.warnings).toEqual([
      { code, message: `${name} threw, and is not called again: disk full`, threadId: "" },
    ]);
  });

  it("gets inputs that it may change and keep: nothing of the run hangs on them", async () => {
    const expected = await runnerOf(scriptedEngine(two), threadweaver).run({ prompt: "Q" }, { seed: 1 }).result;
    const result = await runnerOf(scriptedEngine(two), threadweaver).run(
      { prompt: "Q" },
      {
        seed: 1,
        recorder: {
          input: (input) => {
            if (input.t === "pieces") (input.pieces as unknown[]).length = 0;
            if (input.t === "start") Object.assign(input.vocabulary.markers, { "<Parallel>": 1 });
          },
        },
      },
    ).result;
    expect(result.tree).toEqual(expected.tree);
  });
});

describe("what came before a call failed for good", () => {
  /** Main is told as it is, but the first call comes to this. */
  function first(events: readonly CompletionEvent[], error?: ThreadweaverError): ScriptedEngine {
    const engine = scriptedEngine(two);
    return {
      ...engine,
      async *complete() {
        yield* events;
        if (error !== undefined) throw error;
      },
    };
  }
  const a = { ids: [65], text: "A" };
  const lost = new ThreadweaverError("engine_failed", "the line was cut");
  const [eos = 0] = scriptedEngine(two).tokenizer.eos;
  const [stop = 0] = scriptedEngine(two).tokenizer.encode("</Outlines>", { controls: "parse" }) as number[];

  it("is kept: the pieces before one that breaks the contract, though all came at once", async () => {
    const engine = first([{ type: "pieces", pieces: [a, a, { ids: [9_999_999], text: "x" }, a] }]);
    const error = await failureOf(runnerOf(engine, threadweaver).run({ prompt: "Q" }).result);
    expect(error).toMatchObject({ code: "engine_failed", partial: { text: "AA", tokens: { generated: 2 } } });
  });

  it("is kept: what was held, when the last pieces break the contract", async () => {
    const engine = first([
      { type: "broken", held: { ids: [66], text: "B" } },
      { type: "pieces", pieces: [{ ids: [-1], text: "x" }] },
    ]);
    const error = await failureOf(runnerOf(engine, threadweaver).run({ prompt: "Q" }).result);
    expect(error.partial).toMatchObject({ text: "B" });
  });

  it.each([
    ["end of sequence", { ids: [65, 66, eos], text: "AB" }, { text: "AB", ending: { kind: "eos" } }],
    ["end of sequence, without a text", { ids: [65, 66, eos] }, { ending: { kind: "eos" } }],
    [
      "marker",
      { ids: [65, 66, stop], text: "AB</Outlines>" },
      { text: expect.stringMatching(/^AB<.Outlines>/) as string },
    ],
  ] as const)("is parted: what was held, and the %s at its end", async (_, held, expected) => {
    const engine = first([{ type: "broken", held }], lost);
    const result = await outcome(
      runnerOf(engine, threadweaver).run({ prompt: "Q" }, { tree: true, retry: false }).result,
    );
    const partial = "partial" in result ? result.partial : result;
    expect(partial).toMatchObject(expected);
    const ids = partial.tree?.segments.flatMap(({ maker, ids: own }) => (maker.by === "model" ? [own] : []));
    expect(ids?.[0]).toEqual([[65, 66], held.ids.at(-1)]);
  });
});

describe("an engine that does not stop at markers", () => {
  it("has its streams closed as soon as a token comes after the marker", async () => {
    const engine = scriptedEngine((context) => ({
      ...two(context),
      after: context.includes("</Parallel>") ? "eos" : "runOn",
    }));
    const deaf: Engine = { ...engine, complete: (request) => engine.complete({ ...request, stop: { ids: [] } }) };
    const answer = planned(
      { "1": { text: " odd.\n</Thread>", after: "runOn" }, "2": { text: " even.\n</Thread>", after: "runOn" } },
      { text: "</Parallel>\nso it is</think>12" },
    );
    const writesOn = scriptedEngine((context) =>
      context.includes("</Outlines>") ? answer(context) : { ...answer(context), after: "runOn" },
    );
    const result = (await outcome(
      runnerOf(
        { ...deaf, complete: (request) => writesOn.complete({ ...request, stop: { ids: [] } }) },
        threadweaver,
      ).run({ prompt: "Q" }).result,
      2_000,
    )) as RunResult;
    expect(result.ending).toEqual({ kind: "eos" });
    expect(result.content).toBe("12");
    // One token for each of the three calls that a marker ended.
    expect(result.tokens.wasted).toBe(3);
    await turns(2);
    expect(writesOn.running()).toBe(0);
  });
});

describe("which failure a run reports", () => {
  it("is that of the call that ended it, not the last one that came", async () => {
    const dialect: Dialect = { ...threadweaver, onThreadEnd: { ...threadweaver.onThreadEnd, failed: "end" } };
    const engine = scriptedEngine(
      planned({ "1": { text: " x", after: "break" }, "2": { text: " a longer text", after: "break" } }),
    );
    let n = 0;
    const named: Engine = {
      ...engine,
      async *complete(request) {
        try {
          yield* engine.complete(request);
        } catch (error) {
          n += 1;
          throw n === 1 ? new ThreadweaverError("engine_refused", "first", { cause: error }) : error;
        }
      },
    };
    const error = await failureOf(runnerOf(named, dialect).run({ prompt: "Q" }).result);
    expect(error.code).toBe("engine_refused");
    expect(error.message).toMatch(
      /^first\. That ended thread 0\/1\.1, and with it the run\. All \d+ generated tokens are kept/,
    );
    expect(error.partial.ending).toEqual({ kind: "failed", message: "first", threadId: "0/1.1" });
    expect(error.cause).toBeInstanceOf(ThreadweaverError);
  });

  it("is nothing where a finished run could only not be counted", async () => {
    const engine = scriptedEngine(planned({ "1": { text: " x" } }, { text: "." }));
    const { encodeSync: _, ...tokenizer } = engine.tokenizer;
    const gone: Engine = {
      ...engine,
      tokenizer: {
        ...tokenizer,
        encode: (text, options) => {
          if (text.includes("</Parallel>") && text.startsWith("\n")) throw new Error("the server is gone");
          return engine.tokenizer.encode(text, options);
        },
      },
    };
    const result = (await outcome(runnerOf(gone, threadweaver).run({ prompt: "Q" }).result)) as RunResult;
    expect(result.ending).toEqual({ kind: "eos", threadId: "0/1.1" });
    expect(result.tokens.estimated).toBe(true);
  });
});

describe("a run that fails", () => {
  it("causes no unhandled rejection where its result is not awaited", async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", listener);
    const engine = scriptedEngine(() => ({ text: "half", after: "break" }));
    runnerOf(engine, threadweaver).run({ prompt: "Q" });
    runnerOf(engine, threadweaver).run({ prompt: "Q" }).abort();
    runnerOf(engine, threadweaver).run({ prompt: "Q" }, { signal: AbortSignal.abort() });
    await turns(20);
    process.off("unhandledRejection", listener);
    expect(unhandled).toEqual([]);
    expect(engine.running()).toBe(0);
  });

  it.each<[string, RunOptions, boolean]>([
    ["whole where it failed, whatever was asked for", { tree: false }, true],
    ["as it was asked for where it did not", {}, false],
  ])("has a tree: %s", async (_, options, isThere) => {
    const engine = scriptedEngine(() => ({ text: "half", ...(isThere && { after: "break" as const }) }));
    const ended = await outcome(runnerOf(engine, threadweaver).run({ prompt: "Q" }, options).result);
    expect("tree" in ("partial" in ended ? ended.partial : ended)).toBe(isThere);
  });

  it("because its tokenizer throws when all is counted at the end keeps its text", async () => {
    const engine = scriptedEngine(planned({ "1": { text: " x" } }, { text: "." }));
    const encodeSync = (text: string): never => {
      throw new Error(`no ids for ${JSON.stringify(text)}`);
    };
    const broken: Engine = { ...engine, tokenizer: { ...engine.tokenizer, encodeSync } };
    const run = runnerOf(broken, threadweaver).run({ prompt: "Q" });
    const error = await failureOf(run.result);
    expect([error.code, error.message]).toEqual(["internal", 'no ids for "\\n</Thread>"']);
    expect(error.partial.text).toMatch(/1: x\n<.Thread>\n<.Parallel>$/);
  });
});

describe("losing every thread", () => {
  it("is told by name, and by a field that cannot be missed", async () => {
    const engine = scriptedEngine(
      planned({ "1": { text: " x", after: "break" }, "2": { text: " y", after: "break" } }),
    );
    const result = await runnerOf(engine, threadweaver).run({ prompt: "Q" }).result;
    expect(result.content).toBe("12");
    expect(result.complete).toBe(false);
    expect(result.incomplete.map(({ threadId, ending }) => [threadId, ending.kind])).toEqual([
      ["0/1.1", "failed"],
      ["0/1.2", "failed"],
    ]);
    expect(result.warnings.map(({ code, threadId }) => [code, threadId])).toEqual([
      ["thread-failed", "0/1.1"],
      ["thread-failed", "0/1.2"],
    ]);
  });
});

describe("what is given to a run or a runner and cannot be used", () => {
  const engine = scriptedEngine(two);
  it.each<[string, () => unknown, RegExp]>([
    [
      "an engine that was not awaited",
      () => createRunner({ engine: Promise.resolve(engine) as never, dialect: threadweaver }),
      /engine is a promise: write `engine: await createEngine/,
    ],
    [
      "no engine",
      () => createRunner({ engine: {} as never, dialect: threadweaver }),
      /engine is an object; it must be what `await createEngine/,
    ],
    [
      "an unknown dialect",
      () => createRunner({ engine, dialect: "threadwaever" }),
      /there is no dialect "threadwaever"; bundled are threadweaver,/,
    ],
    [
      "a dialect that is none",
      () => createRunner({ engine, dialect: 7 as never }),
      /dialect is 7; it must be a bundled dialect/,
    ],
    [
      "an unknown option of a runner",
      () => createRunner({ engine, dialect: threadweaver, retries: 3 } as never),
      /Invalid options for createRunner: there is no option retries \(there are engine, dialect,/,
    ],
    [
      "a clock that only tells the time",
      () => createRunner({ engine, dialect: threadweaver, clock: (() => 0) as never }),
      /clock/,
    ],
    [
      "a number for a callback",
      () => createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" }, { onEvent: 7 as never }),
      /onEvent: must be a function, not 7/,
    ],
  ])("%s is named at once", (_, make, message) => {
    expect(make).toThrow(message);
    try {
      make();
    } catch (error) {
      expect((error as ThreadweaverError).code).toBe("invalid_option");
    }
  });

  it.each<[string, unknown, RegExp]>([
    ["a bare string", "Q", /is given "Q"; it takes \{ prompt: "Q" \} or \{ messages/],
    ["a number for a prompt", { prompt: 5 }, /prompt is 5; it must be a string/],
    [
      "a content that is missing",
      { messages: [{ role: "user", content: null }] },
      /messages\[0\].content is null; it must be a string/,
    ],
    [
      "an image",
      { messages: [{ role: "user", content: [{ type: "image_url" }] }] },
      /messages\[0\].content\[0\] is no text part/,
    ],
    ["a message without a role", { messages: [{ content: "hi" }] }, /messages\[0\] needs a role/],
    ["a string for ids", { promptIds: "12" }, /promptIds is "12"; it must be a list/],
    ["a word that is none of the three", { text: "Q" }, /exactly one of messages, prompt and promptIds; it got text/],
  ])("%s rejects the result as invalid_prompt", async (_, input, message) => {
    const error = await failureOf(runnerOf(engine, threadweaver).run(input as never).result);
    expect(error.code).toBe("invalid_prompt");
    expect(error.message).toMatch(message);
  });

  it("text parts of a message are taken, and an undefined input is one that was left out", async () => {
    const answering = scriptedEngine(() => ({ text: "12" }));
    const content = [
      { type: "text" as const, text: "hi " },
      { type: "text" as const, text: "there" },
    ];
    await runnerOf(answering, threadweaver).run({ messages: [{ role: "user", content }], prompt: undefined }).result;
    expect(answering.requests[0]?.prompt.length).toBe(1 + "hi there\n".length);
  });

  it("messages are the caller's: pushing the answer to them changes no result", async () => {
    const messages = [{ role: "user", content: "hi" }];
    const result = await runnerOf(
      scriptedEngine(() => ({ text: "12" })),
      threadweaver,
    ).run({ messages }, { tree: true }).result;
    messages.push({ role: "assistant", content: result.content });
    expect(result.tree.segments[0]?.chat).toEqual([{ role: "user", content: "hi" }]);
  });
});

describe("a thread of a thread that ends the run", () => {
  it("is named itself, not its parent", async () => {
    const deep: Dialect = {
      ...threadweaver,
      thread: { ...threadweaver.thread, maxDepth: 2 },
    };
    const plan = "<Parallel>\n<Outlines>\n<Outline>1: x</Outline>\n</Outlines>";
    const engine = scriptedEngine((context) => ({
      text: context.split("</Outlines>").length < 3 ? plan : "it ends here",
    }));
    const result = await runnerOf(engine, deep).run({ prompt: "Q" }).result;
    expect(result.ending).toEqual({ kind: "eos", threadId: "0/1.1/1.1" });
  });
});

describe("a clock that throws", () => {
  const broken = (): never => {
    throw new Error("no time");
  };

  it.each<[string, Partial<Clock>, RunOptions]>([
    ["when it is asked for the time", { now: () => (calls > 12 ? broken() : (calls += 1)) }, {}],
    ["when it is to wake", { schedule: broken }, { timeoutMs: 1000 }],
    ["when it is to wake a run that waits for its last stream", { schedule: broken }, {}],
    ["when a timer is taken back", { schedule: () => broken }, { timeoutMs: 1000 }],
  ])("hangs nothing, nor anybody who listens, also later: %s", async (_, part, options) => {
    calls = 0;
    const clock = { now: () => 0, schedule: () => () => {}, ...part };
    const run = runnerOf(scriptedEngine(two), threadweaver, { clock }).run({ prompt: "Q" }, options);
    const early = run.events();
    const error = await failureOf(run.result);
    expect([error.code, error.message]).toEqual(["internal", "no time"]);
    for (const events of [early, run.events()]) {
      const read = async (): Promise<void> => {
        for await (const event of events) expect(event.type).not.toBe("run-end");
      };
      await expect(read()).rejects.toBe(error);
    }
  });
  let calls = 0;

  it("hangs no listener that was added in the step before", async () => {
    let isBroken = false;
    const clock = { now: () => (isBroken ? broken() : 0), schedule: () => () => {} };
    const late: AsyncGenerator<RunEvent>[] = [];
    const input = ({ t }: Input): void => {
      if (t !== "ended" || isBroken) return;
      late.push(run.events());
      run.abort(); // one more step, which asks for the time
      isBroken = true;
    };
    const run: Run = runnerOf(scriptedEngine(two), threadweaver, { clock }).run(
      { prompt: "Q" },
      { recorder: { input } },
    );
    const error = await failureOf(run.result);
    expect(error.message).toBe("no time");
    for (const events of late) {
      expect((await events.next()).value).toMatchObject({ type: "catch-up" });
      await expect(events.next()).rejects.toBe(error);
    }
    expect(late).toHaveLength(1);
  });

  it("or is set back loses no run", async () => {
    let now = 100;
    const clock = { now: () => (now -= 1), schedule: () => () => {} };
    const result = await createRunner({ engine: scriptedEngine(two), dialect: threadweaver, clock }).run({
      prompt: "Q",
    }).result;
    expect(result.complete).toBe(true);
  });
});
