import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import type { RunResult } from "../../src/run/result.ts";
import type { RunEvent } from "../../src/run/events.ts";
import type { Run } from "../../src/run/run.ts";
import { createRunner } from "../../src/run/runner.ts";
import type { Input } from "../../src/core/machine/protocol.ts";
import { step } from "../../src/core/machine/machine.ts";
import { createState } from "../../src/core/machine/state.ts";
import { displayText } from "../../src/core/measures/display.ts";
import type { Engine, Tokenizer } from "../../src/engine/engine.ts";
import type { Clock } from "../../src/run/clock.ts";
import type { RunInput } from "../../src/run/input.ts";
import { planned, scriptedEngine, type ScriptedEngine } from "./scripted-engine.ts";

const hanging = planned({ "1": { text: " quick.\n</Thread>" }, "2": { text: " never ends", after: "hang" } });

async function failureOf(run: Run): Promise<ThreadweaverError & { partial: RunResult }> {
  const error: unknown = await run.result.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!ThreadweaverError.isInstance(error)) throw new Error("the run did not fail as it should");
  return error as ThreadweaverError & { partial: RunResult };
}

/** Lets the run go on until one thread has ended and the other hangs. */
async function untilThreadEnds(events: AsyncIterable<RunEvent>): Promise<void> {
  for await (const event of events) {
    const ended = event.type === "catch-up" && event.threads.some(({ ending }) => ending !== undefined);
    if (ended || event.type === "thread-end") return;
  }
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("cancelling a run", () => {
  it("closes what was written, keeps it in the error, and leaves nothing at the engine", async () => {
    const engine = scriptedEngine(hanging);
    const run = createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" });
    const reason = new Error("enough");
    for await (const event of run) {
      if (event.type === "thread-end" && event.threadId === "0/1.1") run.abort(reason);
      if (event.type === "join") break;
    }
    const error = await failureOf(run);
    expect(error.code).toBe("aborted");
    expect(error.cause).toBe(reason);
    expect(error.partial.ending).toEqual({ kind: "cut", by: "user" });
    expect(error.partial.text).toMatch(
      /\n<Thread>\n1: quick\.\n<\/Thread><Thread>\n2: [^<]*\n<\/Thread>\n<\/Parallel>$/,
    );
    expect(error.partial.threads.map((t) => t.ending.kind)).toEqual(["marker", "cut"]);
    await turn();
    expect(engine.running()).toBe(0);
  });

  it("happens when the listener leaves the loop only where that was asked for", async () => {
    const engine = scriptedEngine(hanging);
    const run = createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" });
    await untilThreadEnds(run.events());
    await untilThreadEnds(run.events());
    expect(engine.running()).toBe(1);
    await untilThreadEnds(run.events({ abortOnReturn: true }));
    expect((await failureOf(run)).code).toBe("aborted");
    await turn();
    expect(engine.running()).toBe(0);
  });

  it("happens through a signal, also one that was aborted before, and leaves no listener on it", async () => {
    const engine = scriptedEngine(hanging);
    const runner = createRunner({ engine, dialect: threadweaver });
    const before = runner.run({ prompt: "Q" }, { signal: AbortSignal.abort("too late") });
    expect((await failureOf(before)).cause).toBe("too late");
    expect(engine.requests).toEqual([]);

    const controller = new AbortController();
    const run = runner.run({ prompt: "Q" }, { signal: controller.signal });
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
    controller.abort("stop it");
    expect((await failureOf(run)).cause).toBe("stop it");
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  it("counts once: the first reason is the reason, and tokenizers hear it too", async () => {
    const engine = scriptedEngine(hanging);
    const signals: AbortSignal[] = [];
    const listening: Engine = {
      ...engine,
      tokenizer: {
        ...engine.tokenizer,
        encode: (text, options) => {
          if (options.signal !== undefined) signals.push(options.signal);
          return engine.tokenizer.encode(text, options);
        },
      },
    };
    const run = createRunner({ engine: listening, dialect: threadweaver }).run({ prompt: "Q" });
    for (let i = 0; i < 60; i += 1) await turn();
    run.abort("first");
    run.abort("second");
    const error = await failureOf(run);
    expect([error.cause, error.message]).toEqual(["first", "the run was cancelled"]);
    expect(error.partial.incomplete[0]).toEqual({ threadId: "0", ending: { kind: "cut", by: "user" } });
    expect(signals.length).toBeGreaterThan(3);
    expect(signals[0]).toMatchObject({ aborted: true, reason: "first" });
  });

  it("before it has started gives no partial, and no request", async () => {
    const engine = scriptedEngine(hanging);
    const run = createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" });
    run.abort("at once");
    const error = await failureOf(run);
    expect([error.code, error.cause, error.partial]).toEqual(["aborted", "at once", undefined]);
    await turn();
    expect(engine.requests).toEqual([]);
    const events: RunEvent[] = [];
    await expect(
      (async () => {
        for await (const event of run) events.push(event);
      })(),
    ).rejects.toBe(error);
    expect(events).toEqual([]);
  });

  it("leaves no listener on a signal when the run ends by itself", async () => {
    const engine = scriptedEngine(() => ({ text: "12" }));
    const { signal } = new AbortController();
    await createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" }, { signal }).result;
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  it("does nothing to a run that is over", async () => {
    const engine = scriptedEngine(() => ({ text: "12" }));
    const run = createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" });
    await run.result;
    run.abort();
    expect((await run.result).text).toBe("12");
  });
});

const never = <T>(): Promise<T> => new Promise(() => {});

/** An engine whose calls end, but whose streams never close. */
function neverClosing(): Engine {
  const engine = scriptedEngine(() => ({ text: "12" }));
  return {
    ...engine,
    async *complete(request) {
      yield* engine.complete(request);
      await never();
    },
  };
}

/** A clock that stands still: its timers never fire. */
const standing = { now: () => 0, schedule: () => () => {} };

describe("however a run waits, an abort settles it within one turn of the event loop, by a clock that stands still", () => {
  const stuckAt = (method: "encode" | "decode" | "renderChat", from = 0): ScriptedEngine => {
    const engine = scriptedEngine(hanging);
    let calls = 0;
    const stuck = (...given: never[]) => {
      calls += 1;
      return calls > from ? never<never>() : (engine.tokenizer[method] as (...args: never[]) => never)(...given);
    };
    return {
      ...engine,
      tokenizer: { ...engine.tokenizer, encodeSync: undefined, [method]: stuck } as unknown as Tokenizer,
    };
  };
  const messages = [{ role: "user", content: "Q" }];
  /** Never heeds its signal, and never ends. */
  const deaf = (): Engine => ({
    ...scriptedEngine(hanging),
    async *complete() {
      yield { type: "pieces", pieces: [{ ids: [65], text: "A" }] } as const;
      await never();
    },
  });

  it.each<[string, () => Engine, RunInput, number]>([
    ["the encoding of its prompt", () => stuckAt("encode"), { prompt: "Q" }, 5],
    ["the text of its prompt's ids", () => stuckAt("decode"), { promptIds: [1] }, 5],
    ["the rendering of its chat", () => stuckAt("renderChat"), { messages }, 5],
    ["its markers", () => stuckAt("encode", 3), { prompt: "Q" }, 5],
    ["the headers of its threads", () => stuckAt("encode", 20), { prompt: "Q" }, 200],
    ["threads of which one hangs", () => scriptedEngine(hanging), { prompt: "Q" }, 200],
    ["an engine that does not heed its signal", deaf, { prompt: "Q" }, 20],
  ])("%s", async (_, make, input, after) => {
    const runner = createRunner({ engine: make(), dialect: threadweaver, clock: standing });
    const run = runner.run(input);
    let settled = false;
    run.result.catch(() => (settled = true));
    for (let i = 0; i < after; i += 1) await turn();
    expect(settled).toBe(false);
    run.abort("enough");
    await turn();
    expect(settled).toBe(true);
    expect((await failureOf(run)).cause).toBe("enough");
  });

  it("a slot that other runs hold, and it holds none up itself", async () => {
    const engine = scriptedEngine((context) =>
      context.includes("slow") ? { text: "x", after: "hang" } : { text: "." },
    );
    const runner = createRunner({ engine, dialect: threadweaver, concurrency: 1, clock: standing });
    const first = runner.run({ prompt: "slow" });
    const queued = runner.run({ prompt: "quick" });
    for (let i = 0; i < 10; i += 1) await turn();
    queued.abort();
    await turn();
    expect((await failureOf(queued)).code).toBe("aborted");
    const third = runner.run({ prompt: "quick" });
    first.abort();
    expect((await third.result).text).toBe(".");
    expect(engine.requests).toHaveLength(2);
  });

  it("the last streams of a run whose text is whole: the text is in the error", async () => {
    const inputs: string[] = [];
    const runner = createRunner({ engine: neverClosing(), dialect: threadweaver, clock: standing });
    const run = runner.run({ prompt: "Q" }, { recorder: { input: ({ t }) => void inputs.push(t) } });
    for (let i = 0; i < 20; i += 1) await turn();
    run.abort();
    await turn();
    const error = await failureOf(run);
    expect([error.partial.text, error.partial.ending]).toEqual(["12", { kind: "eos" }]);
    expect(error.partial.tree).toBeDefined();
    expect(inputs.at(-1)).toBe("ended"); // its record is that of a run that came to its end
  });

  it("but without an abort, streams that never close hold a finished run up for a second at most", async () => {
    const alarms: { at: number; wake: () => void }[] = [];
    const clock = { now: () => 5, schedule: (at: number, wake: () => void) => (alarms.push({ at, wake }), () => {}) };
    const run = createRunner({ engine: neverClosing(), dialect: threadweaver, clock }).run({ prompt: "Q" });
    for (let i = 0; i < 20; i += 1) await turn();
    expect(alarms.map(({ at }) => at)).toEqual([1005]);
    alarms[0]?.wake();
    expect((await run.result).text).toBe("12");
  });

  it("from within a step, by the recorder: what its own log gives is what the run gave", async () => {
    const inputs: Input[] = [];
    const run: Run = createRunner({ engine: scriptedEngine(hanging), dialect: threadweaver }).run(
      { prompt: "Q" },
      {
        recorder: {
          input: (input) => {
            inputs.push(structuredClone(input));
            if (inputs.length === 12) run.abort("now");
          },
        },
      },
    );
    const error = await failureOf(run);
    expect(inputs.filter(({ t }) => t === "stop")).toHaveLength(1);
    const state = createState({ dialect: threadweaver });
    for (const input of inputs) step(state, input);
    expect(displayText(state)).toBe(error.partial.text);
  });
});

describe("the time that a run may take", () => {
  it("ends it by the clock, with the text so far, and takes its timer back when it ends by itself", async () => {
    let now = 0;
    const alarms = new Map<number, () => void>();
    const clock: Clock = {
      now: () => now,
      schedule(at, wake) {
        alarms.set(at, wake);
        return () => alarms.delete(at);
      },
    };
    const runner = createRunner({ engine: scriptedEngine(hanging), dialect: threadweaver, clock });
    const inputs: Input[] = [];
    const run = runner.run({ prompt: "Q" }, { timeoutMs: 50, recorder: { input: (input) => void inputs.push(input) } });
    for (let i = 0; i < 200; i += 1) await turn();
    expect([...alarms.keys()]).toEqual([50]);
    now = 50;
    alarms.get(50)?.();
    const result = await run.result;
    expect(result.ending).toEqual({ kind: "length", limit: "ms", threadId: "0/1.2" });
    expect(result.complete).toBe(false);
    expect(result.text).toMatch(/2: [^<]*\n<\/Thread>\n<\/Parallel>$/);
    expect(result.wallMs).toBe(50);
    expect(inputs).toContainEqual({ t: "time", at: 50 });

    const quick = createRunner({ engine: scriptedEngine(() => ({ text: "." })), dialect: threadweaver, clock });
    await quick.run({ prompt: "Q" }, { timeoutMs: 50 }).result;
    expect(alarms.has(100)).toBe(false);
  });

  it("is counted from when the run began, whatever the clock shows then", async () => {
    let now = 5000;
    const clock: Clock = { now: () => (now += 1), schedule: () => () => {} };
    const runner = createRunner({ engine: scriptedEngine(() => ({ text: "." })), dialect: threadweaver, clock });
    const events: RunEvent[] = [];
    const result = await runner.run({ prompt: "Q" }, { onEvent: (event) => events.push(event) }).result;
    expect(result.wallMs).toBeGreaterThan(0);
    expect(result.wallMs).toBeLessThan(100);
    for (const { at } of events) expect(at).toBeLessThan(100);
    expect(events[0]).toMatchObject({ type: "run-start", at: 2 });
  });

  it("is kept by timers of the process where no clock is given", async () => {
    const runner = createRunner({ engine: scriptedEngine(hanging), dialect: threadweaver });
    const result = await runner.run({ prompt: "Q" }, { timeoutMs: 30 }).result;
    expect(result.ending).toMatchObject({ kind: "length", limit: "ms" });
  });
});
