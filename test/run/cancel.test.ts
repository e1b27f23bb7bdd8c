import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { asyncthink, threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { defineDialect } from "../../src/core/dialects/dialect.ts";
import { inputSchema, type Input } from "../../src/core/machine/protocol.ts";
import type { CompletionEvent, CompletionRequest, Engine } from "../../src/engine/engine.ts";
import type { Clock } from "../../src/run/clock.ts";
import type { RunEvent } from "../../src/run/events.ts";
import type { RunOptions } from "../../src/run/options.ts";
import { createRunner, type RunnerOptions } from "../../src/run/runner.ts";
import { faultyEngine } from "./faulty-engine.ts";
import { turns } from "./model-engine.ts";
import { planned, scriptedEngine, type Script } from "./scripted-engine.ts";

/** A clock that stands still, and the timers that nobody took back. */
function standing(): Clock & { alarms: Set<number> } {
  const alarms = new Set<number>();
  return {
    alarms,
    now: () => 0,
    schedule(at) {
      alarms.add(at);
      return () => alarms.delete(at);
    },
  };
}

/** Main spawns some workers and ends without them, so they are cut. */
const spawning =
  (workers: number, worker: Script = { text: "7", after: "hang" }, rest = "so") =>
  (context: string): Script => {
    if (context.startsWith("task")) return worker;
    return { text: `${Array.from({ length: workers }, (_, n) => `<FORK-${n}>task</FORK-${n}>`).join("")}${rest}` };
  };

function start(engine: Engine, options: RunOptions = {}, more: Partial<RunnerOptions> = {}) {
  const inputs: Input[] = [];
  const events: RunEvent[] = [];
  const clock = standing();
  const runner = createRunner({ engine, dialect: asyncthink, clock, createId: () => "run", ...more });
  const run = runner.run(
    { prompt: "Q" },
    {
      ...options,
      recorder: { input: (input) => void inputs.push(structuredClone(input)) },
      onEvent: (event) => {
        events.push(event);
        options.onEvent?.(event);
      },
    },
  );
  return { run, runner, inputs, events, clock };
}

/** Of each call the requests that were begun, and how often it ended. */
function callsOf(inputs: readonly Input[]) {
  const begun = inputs.flatMap((input) => (input.t === "sent" ? [input.call] : []));
  const ended = inputs.flatMap((input) => (input.t === "ended" ? [input.call] : []));
  return { begun, ended: ended.toSorted((a, b) => a - b) };
}

describe("a thread that is cut", () => {
  it("while it waits for a slot is never asked for, and holds up neither the run nor its end", async () => {
    const scripted = scriptedEngine(spawning(3));
    let rendered = 0;
    const renderChat: Engine["tokenizer"]["renderChat"] = (...given) => {
      rendered += 1;
      return scripted.tokenizer.renderChat(...given);
    };
    const engine = { ...scripted, tokenizer: { ...scripted.tokenizer, renderChat } };
    const { run, inputs } = start(engine, {}, { concurrency: 1 });
    expect((await run.result).threads.map(({ ending }) => ending.kind)).toEqual(["cut", "cut", "cut"]);
    expect(scripted.requests).toHaveLength(1);
    expect(rendered).toBe(0);
    expect(callsOf(inputs)).toEqual({ begun: [0], ended: [0, 1, 2, 3] });
  });

  it("while another run has the slot that it waits for does not hold up its own run", async () => {
    const scripted = scriptedEngine((context) =>
      context.endsWith("other") ? { text: "", after: "hang" } : spawning(2)(context),
    );
    const { run, runner } = start(scripted, {}, { concurrency: 1 });
    const other = runner.run({ prompt: "other" });
    expect((await run.result).threads.map(({ ending }) => ending.kind)).toEqual(["cut", "cut"]);
    other.abort();
    await expect(other.result).rejects.toMatchObject({ code: "aborted" });
  });

  it("while its prompt is rendered is never asked for", async () => {
    const scripted = scriptedEngine(spawning(1));
    const renderChat: Engine["tokenizer"]["renderChat"] = async (...given) => {
      await turns(60);
      return scripted.tokenizer.renderChat(...given);
    };
    const engine = { ...scripted, tokenizer: { ...scripted.tokenizer, renderChat } };
    const { run, inputs } = start(engine);
    await run.result;
    expect(scripted.requests).toHaveLength(1);
    expect(callsOf(inputs)).toEqual({ begun: [0], ended: [0, 1] });
  });

  it("by the very step that tells of its request is not asked for", async () => {
    const engine = scriptedEngine(() => ({ text: "so" }));
    const { run, inputs } = start(engine, {
      onEvent: (event) => {
        if (event.type === "call-start") run.abort("enough");
      },
    });
    await expect(run.result).rejects.toMatchObject({ code: "aborted" });
    await turns(3);
    expect(engine.requests).toEqual([]);
    expect(callsOf(inputs)).toEqual({ begun: [0], ended: [0] });
  });

  it("while it waits to be tried again ends at once, and its timer is taken back", async () => {
    const scripted = scriptedEngine(spawning(1, { text: "7" }, "so ".repeat(9)));
    const engine = faultyEngine(scripted, (call) => (call === "run-1" ? { after: 1 } : undefined));
    const { run, clock, inputs } = start(engine);
    const result = await run.result;
    expect(result).toMatchObject({ retries: 1, threads: [{ ending: { kind: "cut" }, text: "7" }] });
    expect(clock.alarms.size).toBe(0);
    expect(engine.attempts).toHaveLength(2);
    expect(callsOf(inputs)).toEqual({ begun: [0, 1], ended: [0, 1] });
  });

  it("has its stream closed before the result is there: nothing of a run is left at the engine", async () => {
    const scripted = scriptedEngine(spawning(2));
    let open = 0;
    const slow: Engine = {
      ...scripted,
      async *complete(request) {
        open += 1;
        try {
          yield* scripted.complete(request);
        } finally {
          await turns(20);
          open -= 1;
        }
      },
    };
    const { run, inputs } = start(slow);
    await run.result;
    expect(open).toBe(0);
    expect(callsOf(inputs)).toEqual({ begun: [0, 1, 2], ended: [0, 1, 2] });
  });

  it("is not read any more, also where its engine does not heed the signal", async () => {
    const scripted = scriptedEngine(spawning(1));
    let isLeft = false;
    const deaf: Engine = {
      ...scripted,
      async *complete(request): AsyncGenerator<CompletionEvent> {
        if (request.id === "run-0") {
          yield* scripted.complete(request);
          return;
        }
        try {
          for (let n = 0; n < 200; n += 1) {
            await turns(1);
            yield { type: "pieces", pieces: [{ ids: [46], text: "." }] };
          }
        } finally {
          isLeft = true;
        }
      },
    };
    const { run, inputs } = start(deaf);
    const result = await run.result;
    expect(isLeft).toBe(true);
    expect(result.tokens.wasted).toBe(0);
    expect(callsOf(inputs)).toEqual({ begun: [0, 1], ended: [0, 1] });
  });

  it("is recorded with an end that can be read again", async () => {
    const { run, inputs } = start(scriptedEngine(spawning(2)));
    await run.result;
    const ends = inputs.filter((input) => input.t === "ended");
    expect(ends).toHaveLength(3);
    for (const input of inputs) expect(inputSchema.parse(input)).toEqual(input);
  });
});

describe("a call that a marker ended", () => {
  it("has one end, in the record and for listeners, also where its engine writes on", async () => {
    const answer = planned(
      { "1": { text: " odd.\n</Thread>", after: "runOn" }, "2": { text: " even.\n</Thread>", after: "runOn" } },
      { text: "</Parallel>\nso it is</think>12" },
    );
    const scripted = scriptedEngine((context) => ({ after: "runOn", ...answer(context) }));
    const signals: AbortSignal[] = [];
    const engine: Engine = {
      ...scripted,
      complete: (request) => {
        signals.push(request.signal);
        const isLast = request.id === "run-3";
        return scripted.complete(isLast ? request : { ...request, stop: { ids: [] } });
      },
    };
    const { run, inputs, events } = start(engine, { maxTokens: 150 }, { dialect: threadweaver });
    await run.result;
    expect(callsOf(inputs)).toEqual({ begun: [0, 1, 2, 3], ended: [0, 1, 2, 3] });
    for (const input of inputs) expect(inputSchema.parse(input)).toEqual(input);
    const ends = events.filter((event) => event.type === "call-end");
    expect(ends.slice(0, 3).map(({ wasted }) => wasted)).toEqual([1, 1, 1]);
    expect(signals.slice(0, 3).every(({ aborted }) => aborted)).toBe(true);
  });

  it("is over, whatever its stream breaks off with", async () => {
    const scripted = scriptedEngine(planned({ "1": { text: " odd</Thread>" }, "2": { text: " even</Thread>" } }));
    const engine = faultyEngine(scripted, () => ({ after: 1000 }));
    const { run, inputs } = start(engine, {}, { dialect: threadweaver });
    const result = await run.result;
    expect(result.retries).toBe(0);
    expect(callsOf(inputs)).toEqual({ begun: [0, 1, 2, 3], ended: [0, 1, 2, 3] });
    for (const input of inputs) expect(inputSchema.parse(input)).toEqual(input);
  });
});

describe("a run that is aborted", () => {
  it("gives its slot back at once, also where its engine never closes the stream", async () => {
    const scripted = scriptedEngine(() => ({ text: "so" }));
    let isFirst = true;
    const deaf: Engine = {
      ...scripted,
      async *complete(request) {
        if (!isFirst) return yield* scripted.complete(request);
        isFirst = false;
        await new Promise<never>(() => {});
      },
    };
    const { run, runner } = start(deaf, {}, { concurrency: 1 });
    await turns(10);
    run.abort("enough");
    await expect(run.result).rejects.toMatchObject({ code: "aborted" });
    expect((await runner.run({ prompt: "Q" }).result).text).toBe("so");
  });

  it("from within a listener, while a call is to be tried again, leaves no timer", async () => {
    const engine = faultyEngine(
      scriptedEngine(() => ({ text: "so" })),
      () => ({ after: 1 }),
    );
    const { run, clock } = start(engine, {
      onEvent: (event) => {
        if (event.type === "call-retry") run.abort("enough");
      },
    });
    await expect(run.result).rejects.toMatchObject({ code: "aborted", partial: { text: "s" } });
    await turns(3);
    expect(clock.alarms.size).toBe(0);
  });
});

describe("a run that dies of a mistake", () => {
  it("asks its tokenizer and its engine for nothing more, whatever waited for a slot", async () => {
    const dialect = defineDialect({
      ...asyncthink,
      name: "mine",
      functions: {
        returned: () => {
          throw new Error("my own mistake");
        },
      },
    });
    const scripted = scriptedEngine((context) => {
      if (context.startsWith("quick")) return { text: "7" };
      const tasks = ["quick", "slow", "slow"].map((task, n) => `<FORK-${n}>${task}</FORK-${n}>`);
      return context.startsWith("slow") ? { text: "8" } : { text: `${tasks.join("")}<JOIN-0>` };
    });
    const rendered: string[] = [];
    const renderChat: Engine["tokenizer"]["renderChat"] = (messages, options) => {
      rendered.push(...messages.map(({ content }) => content));
      return scripted.tokenizer.renderChat(messages, options);
    };
    const engine = { ...scripted, tokenizer: { ...scripted.tokenizer, renderChat } };
    const { run } = start(engine, {}, { dialect, concurrency: 1 });
    await expect(run.result).rejects.toMatchObject({ code: "invalid_dialect" });
    await turns(10);
    expect(rendered).toEqual(["quick"]);
    expect(scripted.requests).toHaveLength(2);
  });
});

it("a signal that many attempts waited on has no listener left of them", async () => {
  const left: number[] = [];
  const faulty = faultyEngine(
    scriptedEngine(() => ({ text: "so" })),
    (_, attempt) => (attempt < 5 ? { after: 0 } : undefined),
  );
  const engine: Engine = {
    ...faulty,
    complete: (request: CompletionRequest) => {
      left.push(getEventListeners(request.signal, "abort").length);
      return faulty.complete(request);
    },
  };
  const clock: Clock = {
    now: () => 0,
    schedule: (_, wake) => {
      setImmediate(wake);
      return () => {};
    },
  };
  await start(engine, {}, { clock }).run.result;
  expect(left).toEqual([0, 0, 0, 0, 0]);
});
