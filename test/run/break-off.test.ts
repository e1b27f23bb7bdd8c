import { describe, expect, it } from "vitest";
import { asyncthink, threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Input } from "../../src/core/machine/protocol.ts";
import type { CompletionEvent, CompletionRequest, Engine } from "../../src/engine/engine.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import type { Clock } from "../../src/run/clock.ts";
import type { RunOptions } from "../../src/run/options.ts";
import type { RunInput } from "../../src/run/input.ts";
import type { ResultWithTree } from "../../src/run/result.ts";
import { createRunner } from "../../src/run/runner.ts";
import { faultyEngine, type Fault } from "./faulty-engine.ts";
import { hurried } from "./hurried-clock.ts";
import { scriptedEngine } from "./scripted-engine.ts";
import { textEngine } from "./text-engine.ts";

const cut = (facts = {}): ThreadweaverError =>
  new ThreadweaverError("engine_failed", "the line was cut", { retryable: true, ...facts });

interface Setting extends RunOptions {
  input?: RunInput;
  clock?: Clock;
}

/** A run of one call, which is the same in each dialect. */
async function run(engine: Engine, { input = { prompt: "Q" }, clock = hurried(), ...options }: Setting = {}) {
  const inputs: Input[] = [];
  const recorder = { input: (given: Input): void => void inputs.push(structuredClone(given)) };
  const runner = createRunner({ engine, dialect: asyncthink, clock, random: () => 0.5, createId: () => "run" });
  const made = runner.run(input, { mode: "sequential", ...options, recorder, tree: true }).result;
  const { result, error } = await made.then(
    (whole) => ({ result: whole, error: undefined }),
    (thrown: unknown) => ({ result: undefined, error: thrown as ThreadweaverError<ResultWithTree> }),
  );
  return { result, error, inputs };
}

/** An engine whose attempts emit these events, one attempt after the other, and break off where there is no end. */
function attempting(...attempts: CompletionEvent[][]): Engine & { requests: CompletionRequest[] } {
  const scripted = scriptedEngine(() => ({ text: "" }));
  return {
    ...scripted,
    async *complete(request) {
      const events = attempts[scripted.requests.push(request) - 1] ?? [];
      yield* events;
      if (events.at(-1)?.type !== "end") throw cut();
    },
  };
}

const euro = [0xe2, 0x82, 0xac];
const held = (count: number, ids: number[] = euro): CompletionEvent => ({
  type: "broken",
  held: { ids: ids.slice(0, count), text: "\uFFFD" },
});
const pieces = (...made: [ids: number[], text: string][]): CompletionEvent => ({
  type: "pieces",
  pieces: made.map(([ids, text]) => ({ ids, text })),
});
const end: CompletionEvent = { type: "end", reason: "length" };

describe("tokens that an engine holds back when it breaks off", () => {
  it("are given back to it, after what had come, and count as generated", async () => {
    const engine = attempting(
      [pieces([[65], "A"]), held(2)],
      [pieces([euro, "€"]), pieces([[66], "B"]), held(1)],
      [pieces([euro, "€"]), end],
    );
    const { result } = await run(engine, { maxTokens: 20 });
    expect(engine.requests.map(({ held: given }) => given?.ids)).toEqual([undefined, [0xe2, 0x82], [0xe2]]);
    const [first = []] = engine.requests.map(({ prompt }) => prompt);
    expect(engine.requests.map(({ prompt }) => prompt.slice(first.length))).toEqual([
      [],
      [65, 0xe2, 0x82],
      [65, ...euro, 66, 0xe2],
    ]);
    expect(engine.requests.map(({ maxTokens }) => maxTokens)).toEqual([20, 17, 14]);
    expect(result?.text).toBe("A€B€");
    expect(result?.tokens.generated).toBe(8);
  });

  it("are progress: an attempt that brought one more was not in vain", async () => {
    const long = Array.from({ length: 6 }, (_, n) => 200 + n);
    const engine = attempting(...[1, 2, 3, 4, 5].map((n) => [held(n, long)]), [pieces([long, "x"]), end]);
    const { result } = await run(engine, { retry: { perCall: 1 } });
    expect(result?.text).toBe("x");
    expect(result?.retries).toBe(5);
  });

  it("are kept where the next attempt breaks off before it says what it holds", async () => {
    const engine = attempting([held(2)], [], [pieces([euro, "€"]), end]);
    const { result } = await run(engine);
    expect(engine.requests.map(({ held: given }) => given?.ids?.length)).toEqual([undefined, 2, 2]);
    expect(result?.text).toBe("€");
  });

  it("are what they are where no attempt follows: text of an error's partial, once", async () => {
    const { error } = await run(attempting([pieces([[65], "A"]), held(2)]), { retry: false });
    expect(error?.message).toMatch(/^the line was cut\. That ended the run\. All 3 generated tokens are kept/);
    expect(error?.partial?.text).toBe("A\uFFFD");
  });

  it("may have no ids, where the engine returns none", async () => {
    const broken: CompletionEvent = { type: "broken", held: { text: "\uFFFD" } };
    const engine = {
      ...attempting([broken], [{ type: "pieces", pieces: [{ text: "€" }] }, end]),
      tier: "text",
    } as const;
    const { result } = await run(engine, { maxTokens: 20 });
    expect(engine.requests.map(({ prompt, maxTokens }) => [prompt.length, maxTokens])).toEqual([
      [2, 20],
      [2, 20],
    ]);
    expect(engine.requests[1]?.held).toEqual({ text: "\uFFFD" });
    expect(result?.text).toBe("€");
  });

  it("are a text that a full context ends, and not one that it refused", async () => {
    const full = new ThreadweaverError("context_exceeded", "no room");
    const scripted = scriptedEngine(() => ({ text: "" }));
    const endingOf = async (events: CompletionEvent[]) => {
      const engine: Engine = {
        ...scripted,
        async *complete() {
          yield* events;
          throw full;
        },
      };
      return (await run(engine)).result?.ending;
    };
    expect(await endingOf([held(2)])).toEqual({ kind: "length", limit: "context" });
    expect(await endingOf([])).toEqual({ kind: "refused", limit: "context" });
  });
});

describe("what goes on after an attempt broke off", () => {
  it("comes token by token: a slow engine may need longer for a part than it may be silent, and then nothing came of it", async () => {
    const engine = attempting([pieces([[65], "A"])], [pieces([[66], "B"]), end]);
    await run(engine);
    expect(engine.requests.map(({ coalesce }) => coalesce)).toEqual([Infinity, undefined]);
  });
});

describe("what is recorded of an attempt that broke off", () => {
  const brokeOf = async (first: CompletionEvent[], error = cut()) => {
    const engine = attempting(first, [pieces([[65], "A"]), end]);
    const failing: Engine = {
      ...engine,
      async *complete(request) {
        try {
          yield* engine.complete(request);
        } catch {
          throw error;
        }
      },
    };
    const { inputs } = await run(failing);
    return inputs.find(({ t }) => t === "broke");
  };
  const common = { t: "broke", call: 0, attempt: 1, code: "engine_failed", message: "the line was cut", waitMs: 375 };

  it("is no more than is known", async () => {
    const broke = await brokeOf([]);
    expect(broke).toStrictEqual({ ...common, at: broke?.at });
  });

  it("is the server's status, and what the engine had counted by then", async () => {
    const counted = { cachedTokens: 3, completionTokens: 2, weightVersion: "w1" };
    const broke = await brokeOf([{ type: "broken", ...counted }], cut({ status: 503 }));
    expect(broke).toStrictEqual({ ...common, at: broke?.at, status: 503, usage: counted });
  });

  it("is nothing of the attempt before it", async () => {
    const engine = attempting([{ type: "broken", cachedTokens: 3 }], [], [pieces([[65], "A"]), end]);
    const { inputs } = await run(engine);
    const usages = inputs.flatMap((input) => (input.t === "broke" ? [input.usage] : []));
    expect(usages).toEqual([{ cachedTokens: 3 }, undefined]);
  });
});

describe("a chat of whole turns", () => {
  const said = (text: string, faultOf: (attempt: number) => Fault | undefined) =>
    textEngine(
      faultyEngine(
        scriptedEngine(() => ({ text })),
        (_, attempt) => faultOf(attempt),
      ),
      "chat-only",
    );
  const input: RunInput = { messages: [{ role: "user", content: "Q" }] };

  it("that breaks off before its first token is tried again", async () => {
    const { result } = await run(
      said("fine", (attempt) => (attempt < 3 ? { after: 0 } : undefined)),
      { input },
    );
    expect(result).toMatchObject({ text: "fine", retries: 2, warnings: [] });
  });

  it("that breaks off after it is not: the error says why, and keeps what had come and what was known", async () => {
    const error = cut({ status: 502, requestId: "r1" });
    const failed = await run(
      said("fine", () => ({ after: 2, error })),
      { input },
    );
    expect(failed.error).toMatchObject({
      code: "engine_failed",
      status: 502,
      requestId: "r1",
      retryable: false,
      attempts: 1,
      partial: { text: "fi", retries: 0 },
    });
    expect(failed.error?.message).toBe(
      "the line was cut. It was not tried again: this server takes whole turns of a chat only, so a call cannot go on " +
        "from its last token. That ended the run. All 2 generated tokens are kept, in partial of this error.",
    );
    const { cause } = failed.error ?? {};
    expect(ThreadweaverError.isInstance(cause) && cause.cause).toBe(error);
  });

  it.each([
    ["an error that would come again", new ThreadweaverError("engine_refused", "no such model"), "engine_refused"],
    ["an error of another kind", new TypeError("no such model"), "internal"],
  ])("fails with %s as it is", async (_, error, code) => {
    const failed = await run(
      said("fine", () => ({ after: 2, error: error as ThreadweaverError })),
      { input },
    );
    expect(failed.error).toMatchObject({ code });
    expect(failed.error?.message).toMatch(/^no such model\. That ended the run/);
  });
});

describe("how long a call was tried", () => {
  it.each([
    [9999, "10.0 s"],
    [10_000, "10 s"],
    [61_600, "62 s"],
  ])("is told in seconds, by the clock: %d ms", async (ms, told) => {
    let now = 5000;
    const clock: Clock = {
      now: () => now,
      schedule: (_, wake) => {
        const timer = setImmediate(() => {
          now = 5000 + ms;
          wake();
        });
        return () => clearImmediate(timer);
      },
    };
    const { error } = await run(attempting([], []), { clock, retry: { perCall: 1 } });
    expect(error?.message).toContain(`It was tried 2 times in ${told}. `);
  });
});

describe("the requests of a run", () => {
  it("take parts that come together as one event, and say nothing of sampling that nobody set", async () => {
    const engine = attempting([pieces([[65], "A"]), end]);
    await createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" }, { topK: 7, temperature: 0 }).result;
    expect(engine.requests.map(({ together }) => together)).toEqual([true]);
    expect(engine.requests[0]?.sampling).toStrictEqual({ temperature: 0, topK: 7 });
  });
});
