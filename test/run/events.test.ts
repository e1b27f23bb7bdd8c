import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apr, asyncthink, threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Dialect } from "../../src/core/dialects/schema.ts";
import { eventSchema, type RunEvent } from "../../src/run/events.ts";
import { EventQueue } from "../../src/run/listen/event-queue.ts";
import type { RunResult } from "../../src/run/result.ts";
import type { Run } from "../../src/run/run.ts";
import { createRunner } from "../../src/run/runner.ts";
import { textsOf } from "./texts.ts";
import { planned, scriptedEngine, type Script } from "./scripted-engine.ts";

const two = planned({
  "1": { text: " odd: 7.\n</Thread>" },
  "2": { text: " even: 5, which takes longer.\n</Thread>" },
});

function start(answer: (context: string) => Script, dialect: Dialect = threadweaver): Run {
  return createRunner({ engine: scriptedEngine(answer), dialect }).run({ prompt: "Q" });
}

async function eventsOf(run: Run): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of run) events.push(structuredClone(event));
  return events;
}

function expectTextsToAddUp(events: RunEvent[], result: RunResult): void {
  const texts = textsOf(events);
  expect(texts.get("0")).toBe(result.text);
  for (const thread of result.threads) expect(texts.get(thread.threadId) ?? "").toBe(thread.text);
}

const countdown = "Moving to Node #0\nCurrent State: 24:[4, 6], Operations: []";
const aprAnswer = (context: string): Script =>
  context.includes("<End Sub Searches>")
    ? { text: "done" }
    : context === countdown || context.startsWith("Q")
      ? {
          text:
            `${countdown}\nGenerated Node #0,1: 24:[24] Operation: 4*6=24\n<Calling Sub Searches>\n` +
            "<Start Sub Search 0 at level 1> Moving to Node #0,1\n<End Calling Sub Searches>",
        }
      : { text: "\n24,24 equal: Goal Reached\nthe way\nGoal Reached" };

const asyncAnswer = (context: string): Script =>
  context.startsWith("odd")
    ? { text: "so <RETURN>7</RETURN>" }
    : context.includes("7</JOIN-1>")
      ? { text: "\ntwelve" }
      : { text: "<FORK-1>odd</FORK-1> meanwhile 5 <JOIN-1>\n and what nobody reads" };

describe("the events of a run", () => {
  it("come in the order in which things happen", async () => {
    const events = await eventsOf(start(two));
    const kinds = events.map((e) => e.type).filter((type) => !type.startsWith("call") && type !== "text");
    expect(kinds).toEqual([
      "run-start",
      "fork",
      "thread-start",
      "thread-start",
      "thread-end",
      "thread-end",
      "join",
      "run-end",
    ]);
    const of = (threadId: string) =>
      events.flatMap((e) => ("threadId" in e && e.threadId === threadId && e.type !== "text" ? [e.type] : []));
    const call = ["call-start", "call-first-token", "call-end"];
    expect(of("0/1.1")).toEqual(["thread-start", "call-start", "call-first-token", "thread-end", "call-end"]);
    expect(of("0")).toEqual(["call-start", "call-first-token", "fork", "call-end", "join", ...call]);
  });

  it("are checked by their schema, and say what a view needs of forks, threads, joins and calls", async () => {
    const events = await eventsOf(start(two));
    for (const event of events) expect(eventSchema.parse(event)).toEqual(event);
    const first = <T extends RunEvent["type"]>(type: T) =>
      events.find((event): event is Extract<RunEvent, { type: T }> => event.type === type);
    expect(first("run-start")).toMatchObject({
      version: 1,
      dialect: "threadweaver",
      mode: "fork-join",
      promptTokens: 2,
    });
    const plan = 31;
    expect(first("fork")).toMatchObject({ forkId: "0/1", threadId: "0", threads: 2, criticalPath: plan });
    expect(first("thread-start")).toMatchObject({
      threadId: "0/1.1",
      forkId: "0/1",
      parentId: "0",
      name: "1",
      plan: "part",
      index: 1,
      depth: 1,
      header: "\n<Thread>\n1:",
      splice: "\n<Thread>\n1:",
    });
    expect(events.findLast(({ type }) => type === "thread-start")).toMatchObject({ splice: "<Thread>\n2:" });
    expect(first("thread-end")).toMatchObject({ threadId: "0/1.1", tokens: 10, criticalPath: plan + 10 });
    expect(first("join")).toMatchObject({ forkId: "0/1", threadId: "0", tail: "\n", criticalPath: plan + 31 });
    expect(first("call-start")).toMatchObject({ call: 0, threadId: "0", role: "body", callIndex: 0, attempt: 1 });
    expect(first("call-end")).toMatchObject({ call: 0, ending: { kind: "marker" }, tokens: plan, wasted: 0 });
  });

  it("begin with the start of the run, and what the engine has to say comes after it", async () => {
    const warning = { code: "server-version" as const, message: "an old one" };
    const engine = { ...scriptedEngine(two), warnings: [warning] };
    const events = await eventsOf(createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" }, { seed: 7 }));
    expect(events[0]).toMatchObject({ type: "run-start", seed: 7, limits: { threads: 64, forks: 32 } });
    expect(events[1]).toMatchObject({ type: "warning", ...warning, threadId: "" });
  });

  it("say who wrote what: the model, the runtime, or a thread whose text is joined", async () => {
    const parent = (await eventsOf(start(two))).flatMap((event) =>
      event.type === "text" && event.threadId === "0" && event.by !== "model" ? [[event.by, event.inserted]] : [],
    );
    expect(parent).toEqual([
      ["runtime", "\n<Thread>\n1:"],
      ["copy", " odd: 7.\n</Thread>"],
      ["runtime", "<Thread>\n2:"],
      ["copy", " even: 5, which takes longer.\n</Thread>"],
      ["runtime", "\n"],
    ]);
  });

  it.each([
    ["threadweaver", threadweaver, two],
    ["a dialect that rewrites what was written", apr, aprAnswer],
    ["a dialect whose main text goes on beside its threads, and is cut inside a call", asyncthink, asyncAnswer],
  ] as const)("add up to the text of main and of every thread: %s", async (_, dialect, answer) => {
    const run = start(answer, dialect);
    const events = await eventsOf(run);
    const result = await run.result;
    expect(result.threads.length).toBeGreaterThan(0);
    expectTextsToAddUp(events, result);
    expect(events.at(-1)).toEqual({ type: "run-end", at: result.wallMs, result });
  });

  it("are told to a listener who comes at any moment, beginning with how far things are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(120), async (turns) => {
        const run = start(two);
        for (let i = 0; i < turns; i += 1) await new Promise<void>((resolve) => void setImmediate(resolve));
        const events = await eventsOf(run);
        const result = await run.result;
        expect(["run-start", "catch-up"]).toContain(events[0]?.type);
        expect(events.at(-1)?.type).toBe("run-end");
        expectTextsToAddUp(events, result);
      }),
      { numRuns: 40 },
    );
  });

  it("reach a slow listener as fewer, longer texts, and nothing is lost", async () => {
    const quick = await eventsOf(start(two));
    const run = start(two);
    const slow: RunEvent[] = [];
    for await (const event of run) {
      slow.push(structuredClone(event));
      if (event.type === "text") await run.result;
    }
    const texts = (events: RunEvent[]) => events.filter((e) => e.type === "text").length;
    expect(texts(slow)).toBeLessThan(texts(quick) / 3);
    expectTextsToAddUp(slow, await run.result);
  });

  it("are JSON: what is parsed again is the same", async () => {
    const events = await eventsOf(start(two));
    expect(JSON.parse(JSON.stringify(events))).toEqual(events);
  });

  it("reach several listeners at once, each whole, whenever it came and however slow it is", async () => {
    const run = start(two);
    const [all, also] = await Promise.all([eventsOf(run), eventsOf(run)]);
    expect(also).toEqual(all);
    const late = await eventsOf(run);
    expect(late.map(({ type }) => type)).toEqual(["catch-up", "run-end"]);
    expectTextsToAddUp(late, await run.result);
  });

  it("also reach the onEvent of the options, in the same order", async () => {
    const heard: RunEvent[] = [];
    const runner = createRunner({ engine: scriptedEngine(two), dialect: threadweaver });
    const run = runner.run({ prompt: "Q" }, { onEvent: (event) => heard.push(structuredClone(event)) });
    expect(await eventsOf(run)).toEqual(heard);
  });

  it("reach a listener that comes in the middle of a step once, and not twice", async () => {
    const runner = createRunner({ engine: scriptedEngine(two), dialect: threadweaver });
    const late: Promise<RunEvent[]>[] = [];
    const run: Run = runner.run(
      { prompt: "Q" },
      {
        onEvent: (event) => {
          if (event.type === "fork" || event.type === "join") late.push(eventsOf(run));
        },
      },
    );
    const result = await run.result;
    const [atFork = [], atJoin = []] = await Promise.all(late);
    for (const events of [atFork, atJoin]) {
      expect(events[0]?.type).toBe("catch-up");
      expectTextsToAddUp(events, result);
    }
    expect(atFork.some(({ type }) => type === "thread-start")).toBe(false);
  });

  it("are no longer made when the last listener has left, and begin anew with the next one", async () => {
    const engine = scriptedEngine(two);
    const run = createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" });
    for await (const event of run) if (event.type === "thread-end") break;
    const late = (async () => {
      while (engine.requests.length < 4) await new Promise<void>((resolve) => void setImmediate(resolve));
      return eventsOf(run);
    })();
    const result = await run.result;
    // Main's last call begins when there was no listener: its tokens may come together.
    expect(engine.requests.map(({ coalesce }) => coalesce)).toEqual([undefined, undefined, undefined, Infinity]);
    const events = await late;
    expect(events[0]?.type).toBe("catch-up");
    expectTextsToAddUp(events, result);
  });

  it("end in the error of a run that fails, for each listener, also for one that comes after it", async () => {
    const answer = (): Script => ({ text: "half", after: "break" });
    const run = start(answer);
    const read = async () => {
      const events: RunEvent[] = [];
      try {
        for await (const event of run.events()) events.push(structuredClone(event));
        return { events, error: undefined };
      } catch (error) {
        return { events, error };
      }
    };
    const [one, other] = await Promise.all([read(), read()]);
    const late = await read();
    for (const { events, error } of [one, other, late]) {
      expect(error).toMatchObject({
        code: "engine_failed",
        message: expect.stringMatching(/^the connection was closed\. That ended the run\./) as string,
      });
      expect(events.some(({ type }) => type === "run-end")).toBe(false);
      expect(textsOf(events).get("0")).toBe("half");
    }
    expect(late.events.map(({ type }) => type)).toEqual(["catch-up"]);
  });

  it("say what a call wasted, and how a thread stood on the longest chain", async () => {
    const answer = (context: string): Script =>
      context.startsWith("odd") ? { text: "7" } : { text: "<FORK-1>odd</FORK-1> meanwhile" };
    const events = await eventsOf(start(answer, asyncthink));
    const ends = events.filter((event): event is Extract<RunEvent, { type: "call-end" }> => event.type === "call-end");
    expect(new Set(ends.map(({ call }) => call))).toEqual(new Set([0, 1]));
    expect(events.filter(({ type }) => type === "call-first-token")).toHaveLength(2);
    const times = events.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const catchUp = await (async () => {
      const run = start(two);
      for await (const event of run) if (event.type === "fork") break;
      for await (const event of run) return event;
      return undefined;
    })();
    expect(catchUp).toMatchObject({
      type: "catch-up",
      version: 1,
      threads: [{ threadId: "0/1.1", plan: "part", text: "", tokens: 0 }, { threadId: "0/1.2" }],
    });
    if (catchUp?.type === "catch-up") expect(catchUp.tokens).toBe(31);
  });

  it("wait for a listener in numbers that its threads, forks and calls bound, not their square", () => {
    const size = (threads: number): number => {
      const queue = new EventQueue();
      for (let round = 0; round < 20; round += 1) {
        for (let i = 0; i < threads; i += 1) {
          const threadId = `0/1.${i}`;
          queue.push({ type: "text", at: 0, threadId, removed: 0, inserted: "x", by: "model", tokens: round });
        }
      }
      for (let i = 0; i < threads; i += 1) {
        const threadId = `0/1.${i}`;
        queue.push({ type: "call-end", at: 0, call: i, threadId, ending: { kind: "eos" }, tokens: 1, wasted: 0 });
        for (let j = 0; j < threads; j += 1) {
          const text = { type: "text", at: 0, removed: 0, inserted: "y", by: "model", tokens: 9 } as const;
          queue.push({ ...text, threadId: `0/1.${j}` });
        }
      }
      return queue.length;
    };
    expect(size(100)).toBeLessThanOrEqual(3 * 100);
    expect(size(400)).toBeLessThanOrEqual(3 * 400);
  });

  it("are not merged over another event of the same sequence, and are over one of another", async () => {
    const queue = new EventQueue();
    const text = { type: "text", at: 0, removed: 0, by: "model", tokens: 1 } as const;
    queue.push({ ...text, threadId: "0", inserted: "a" });
    queue.push({ type: "call-end", at: 0, call: 1, threadId: "0/1.1", ending: { kind: "eos" }, tokens: 1, wasted: 0 });
    queue.push({ ...text, threadId: "0", inserted: "b" });
    queue.push({ type: "call-end", at: 0, call: 0, threadId: "0", ending: { kind: "eos" }, tokens: 1, wasted: 0 });
    queue.push({ ...text, threadId: "0", inserted: "c" });
    queue.close();
    const told: string[] = [];
    for await (const event of queue.read(() => told.push("returned"))) {
      told.push(event.type === "text" ? event.inserted : event.type);
    }
    expect(told).toEqual(["ab", "call-end", "call-end", "c"]);
  });

  it("merged while they wait give the same text, also where they take something back", async () => {
    const change = fc.record({
      removed: fc.nat(4),
      inserted: fc.string({ maxLength: 4 }),
      by: fc.constantFrom("model" as const, "runtime" as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change), async (changes) => {
        const queue = new EventQueue();
        let text = "";
        for (const { removed, ...rest } of changes) {
          const possible = Math.min(removed, text.length);
          text = text.slice(0, text.length - possible) + rest.inserted;
          queue.push({ type: "text", at: 0, threadId: "0", tokens: 0, removed: possible, ...rest });
        }
        queue.close();
        const events: RunEvent[] = [];
        for await (const event of queue.read(() => {})) events.push(event);
        expect(textsOf(events).get("0") ?? "").toBe(text);
      }),
    );
  });
});
