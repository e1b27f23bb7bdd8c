import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apr, asyncthink, threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Dialect } from "../../src/core/dialects/schema.ts";
import type { RunEvent } from "../../src/run/events.ts";
import type { RunResult } from "../../src/run/result.ts";
import type { Run } from "../../src/run/run.ts";
import { createRunner } from "../../src/run/runner.ts";
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

/** What a listener that applies deltas and joins in order has of each sequence. */
function textsOf(events: RunEvent[]): Map<string, string> {
  const texts = new Map<string, string>();
  const of = (id: string) => texts.get(id) ?? "";
  for (const event of events) {
    if (event.type === "catch-up") {
      texts.set("0", event.text);
      for (const thread of event.threads) texts.set(thread.id, thread.text);
    }
    if (event.type === "delta") texts.set(event.id, of(event.id) + event.text);
    if (event.type === "join") {
      const kept = of(event.parent).slice(0, of(event.parent).length - event.removed);
      texts.set(event.parent, kept + event.inserted);
    }
  }
  return texts;
}

function expectTextsToAddUp(events: RunEvent[], result: RunResult): void {
  const texts = textsOf(events);
  expect(texts.get("0")).toBe(result.text);
  for (const thread of result.threads) expect(texts.get(thread.id) ?? "").toBe(thread.text);
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
    const kinds = (await eventsOf(start(two))).map((e) => e.type).filter((type) => type !== "delta");
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
    expect(events.at(-1)).toEqual({ type: "run-end", at: expect.any(Number), result });
  });

  it("are told to a listener who comes at any moment, beginning with how far things are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(120), async (turns) => {
        const run = start(two);
        for (let i = 0; i < turns; i += 1) await new Promise<void>((resolve) => void setImmediate(resolve));
        const events = await eventsOf(run);
        const result = await run.result;
        if (events.length === 0) return; // it came after the end
        expect(["run-start", "catch-up"]).toContain(events[0]?.type);
        expectTextsToAddUp(events, result);
      }),
      { numRuns: 40 },
    );
  });

  it("reach a slow listener as fewer, longer deltas, and nothing is lost", async () => {
    const quick = await eventsOf(start(two));
    const run = start(two);
    const slow: RunEvent[] = [];
    for await (const event of run) {
      slow.push(structuredClone(event));
      if (event.type === "delta") await run.result;
    }
    const deltas = (events: RunEvent[]) => events.filter((e) => e.type === "delta").length;
    expect(deltas(slow)).toBeLessThan(deltas(quick) / 3);
    expectTextsToAddUp(slow, await run.result);
  });

  it("are JSON: what is parsed again is the same", async () => {
    const events = await eventsOf(start(two));
    expect(JSON.parse(JSON.stringify(events))).toEqual(events);
  });

  it("can be iterated once, and the second time says so", async () => {
    const run = start(two);
    await eventsOf(run);
    expect(() => run[Symbol.asyncIterator]()).toThrow(/iterated once/);
  });
});
