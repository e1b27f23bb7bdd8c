import { describe, expect, it } from "vitest";
import { apr, threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { defineDialect } from "../../src/core/dialects/dialect.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { EventQueue } from "../../src/run/listen/event-queue.ts";
import type { RunResult } from "../../src/run/result.ts";
import type { Run } from "../../src/run/run.ts";
import { createRunner } from "../../src/run/runner.ts";
import { turns } from "./model-engine.ts";
import { scriptedEngine, type Script } from "./scripted-engine.ts";

const started = (call: number): RunEvent => ({
  type: "call-start",
  at: 0,
  call,
  threadId: "0",
  role: "body",
  callIndex: call,
  attempt: 1,
  promptTokens: 1,
});

/** A reader of its own, and how often it has left. */
function reader() {
  const queue = new EventQueue();
  let left = 0;
  return { queue, events: queue.read(() => void (left += 1)), left: () => left };
}

const over = { done: true, value: undefined };

describe("a reader of events", () => {
  it("that waits gets what comes, and then the end", async () => {
    const { queue, events } = reader();
    const first = events.next();
    queue.push(started(0));
    expect(await first).toEqual({ done: false, value: started(0) });
    const second = events.next();
    queue.close();
    expect(await second).toEqual(over);
    expect(await events.next()).toEqual(over);
  });

  it("may ask several times before anything is there: each answer is the next one", async () => {
    const { queue, events } = reader();
    const asked = [events.next(), events.next(), events.next(), events.next()];
    queue.push(started(0));
    queue.push(started(1));
    await turns(1);
    queue.push(started(2));
    queue.close();
    const answers = await Promise.all(asked);
    expect(answers).toEqual([...[0, 1, 2].map((call) => ({ done: false, value: started(call) })), over]);
  });

  it("that asked several times is told of an error once, and then of the end", async () => {
    const { queue, events } = reader();
    const asked = [events.next(), events.next()];
    queue.close({ error: new Error("lost") });
    const [first, second] = await Promise.allSettled(asked);
    expect(first).toMatchObject({ status: "rejected", reason: { message: "lost" } });
    expect(second).toEqual({ status: "fulfilled", value: over });
    expect(await events.next()).toEqual(over);
  });

  it("gets what waited before the error", async () => {
    const { queue, events } = reader();
    queue.push(started(0));
    queue.close({ error: new Error("lost") });
    queue.close();
    expect(await events.next()).toEqual({ done: false, value: started(0) });
    await expect(events.next()).rejects.toThrow("lost");
  });

  it("that leaves while it waits is answered, and leaves once", async () => {
    const { events, left } = reader();
    const waiting = events.next();
    expect(await events.return()).toEqual(over);
    expect(await waiting).toEqual(over);
    await events.return();
    expect(left()).toBe(1);
  });

  it("does not leave before the end where it has read the end", async () => {
    const { queue, events, left } = reader();
    queue.close();
    await events.next();
    await events.return();
    expect(left()).toBe(0);
  });

  it("leaves by throwing, and by being disposed of", async () => {
    const one = reader();
    await expect(one.events.throw(new Error("mine"))).rejects.toThrow("mine");
    expect(await one.events.next()).toEqual(over);
    const other = reader();
    await other.events[Symbol.asyncDispose]();
    expect(await other.events.next()).toEqual(over);
    expect([one.left(), other.left()]).toEqual([1, 1]);
  });
});

describe("what comes after the end of a run", () => {
  it("is told to nobody: a recorder that fails at the end is a warning of no event", async () => {
    const runner = createRunner({ engine: scriptedEngine(() => ({ text: "12" })), dialect: threadweaver });
    const recorder = {
      input: (): void => {},
      end: (): void => {
        throw new Error("disk full");
      },
    };
    const told: string[] = [];
    const run = runner.run(
      { prompt: "Q" },
      { recorder, mode: "sequential", onEvent: ({ type }) => void told.push(type) },
    );
    const events = run.events();
    const read: string[] = [];
    await events.next(); // it listens, and reads no further before the end
    const result = await run.result;
    await turns(2);
    for await (const { type } of events) read.push(type);
    expect(read.at(-1)).toBe("run-end");
    expect(read).not.toContain("warning");
    expect(told.at(-1)).toBe("run-end");
    expect(result.text).toBe("12");
  });

  it("is all of it, to who comes when told of the end", async () => {
    const runner = createRunner({ engine: scriptedEngine(() => ({ text: "12" })), dialect: threadweaver });
    const late: AsyncGenerator<RunEvent>[] = [];
    const onEvent = ({ type }: RunEvent): void => void (type === "run-end" && late.push(run.events()));
    const run: Run = runner.run({ prompt: "Q" }, { onEvent });
    await run.result;
    const read: string[] = [];
    for (const events of late) for await (const { type } of events) read.push(type);
    expect(read).toEqual(["catch-up", "run-end"]);
  });
});

describe("the text stream", () => {
  const call = (node: string) =>
    `Moving to Node #0\nCurrent State: 24:[4], Operations: []\n<Calling Sub Searches>\n` +
    `<Start Sub Search 0 at level 1> Moving to Node #${node}\n<End Calling Sub Searches>`;
  const answer = (context: string): Script =>
    context.startsWith("Moving to Node #0\n") ? { text: "sub" } : { text: call("0") };

  async function read(chunks: AsyncIterable<string>) {
    const told: string[] = [];
    try {
      for await (const chunk of chunks) told.push(chunk);
      return { told, error: undefined };
    } catch (error) {
      return { told, error: error as { partial: RunResult } };
    }
  }

  it("has all of a text that its dialect renders at the end, and nothing before", async () => {
    const dialect = defineDialect({
      ...apr,
      name: "shown",
      join: { shape: "display", render: { fn: "render" } },
      functions: { ...apr.functions, render: ({ threads }) => `rendered: ${threads.map(({ text }) => text).join()}` },
    });
    const run = createRunner({ engine: scriptedEngine(answer), dialect }).run({ prompt: "Q\n" });
    const { told } = await read(run.textStream);
    expect(told).toEqual(["rendered: sub"]);
    expect((await run.result).text).toBe("rendered: sub");
  });

  it("has the text of a run that failed inside a block, before its error", async () => {
    const half = call("0").slice(0, -20);
    const engine = scriptedEngine(() => ({ text: half, after: "break" }));
    const { told, error } = await read(createRunner({ engine, dialect: apr }).run({ prompt: "Q\n" }).textStream);
    expect(error?.partial.text).toBe(half);
    expect(told.join("")).toBe(half);
  });
});
