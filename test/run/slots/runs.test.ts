import { describe, expect, it } from "vitest";
import { threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { createRunner, type RunnerOptions } from "../../../src/run/runner.ts";
import { faultyEngine } from "../faulty-engine.ts";
import { Record } from "../record.ts";
import { planned, scriptedEngine } from "../scripted-engine.ts";

const two = planned({ "1": { text: " seven</Thread>" }, "2": { text: " five</Thread>" } });

/** A runner whose runs are named a, b, c and so on; and the names of the requests that it makes, in their order. */
function runnerOf(engine: Engine, options: Partial<RunnerOptions> = {}) {
  const asked: string[] = [];
  const complete: Engine["complete"] = (request) => {
    asked.push(request.id ?? "");
    return engine.complete(request);
  };
  let runs = 0;
  const createId = (): string => String.fromCodePoint(97 + runs++);
  const runner = createRunner({ engine: { ...engine, complete }, dialect: threadweaver, createId, ...options });
  return { runner, asked };
}

describe("runs that share one slot", () => {
  it("begin one after the other, and each goes on after its join before the next one's threads begin", async () => {
    const { runner, asked } = runnerOf(scriptedEngine(two), { concurrency: 1 });
    await Promise.all(["A", "B", "C"].map((prompt) => runner.run({ prompt }).result));
    const mains = ["a-0", "b-0", "c-0"];
    expect(asked).toEqual([...mains, ...["a", "b", "c"].flatMap((run) => [`${run}-1`, `${run}-2`, `${run}-3`])]);
  });

  it("let a run that is resumed go on from its last token before others begin", async () => {
    const engine = faultyEngine(scriptedEngine(two), () => undefined);
    const { runner } = runnerOf(engine);
    const record = new Record();
    await runner.run({ prompt: "Q" }, { recorder: record.recorder }).result;
    const inSecondThread = record.inputs.findIndex((input) => input.t === "pieces" && input.call === 2);
    const { runner: narrow, asked } = runnerOf(engine, { concurrency: 1 });
    const others = ["A", "B", "C"].map((prompt) => narrow.run({ prompt }, { mode: "sequential" }).result);
    const resumed = narrow.resume(record.upTo(inSecondThread + 1)).result;
    await Promise.all([...others, resumed]);
    const at = asked.indexOf("a-2a2");
    // The slot was free when the first of the others came.
    expect(at).toBeLessThan(asked.indexOf("b-0"));
    expect(asked.indexOf("a-3")).toBeLessThan(asked.indexOf("c-0"));
  });

  it("let the branch that may write the most begin first, so a fork is over sooner", async () => {
    const { runner, asked } = runnerOf(
      scriptedEngine(() => ({ text: "", after: "runOn" })),
      { concurrency: 2 },
    );
    const limits = [10, 20, 80, 20, 30];
    const branches = limits.map((maxTokens) => ({ continue: "so", maxTokens }));
    const { threads } = await runner.fork({ prompt: "Q" }, branches).result;
    expect(asked).toEqual(["a-2", "a-4", "a-1", "a-3", "a-0"]);
    expect(threads.map(({ tokens }) => tokens)).toEqual(limits);
  });
});

describe("an engine that says of itself how many calls it takes", () => {
  it.each([0, -1, 1.5, Number.NaN])("and says %s is refused: no call would ever be made", (parallelCalls) => {
    const engine = { ...scriptedEngine(two), parallelCalls };
    expect(() => createRunner({ engine, dialect: threadweaver })).toThrow(
      `parallelCalls of the engine is ${parallelCalls}; it must be a whole number from 1, or undefined`,
    );
    expect(() => createRunner({ engine, dialect: threadweaver, concurrency: 2 })).not.toThrow();
  });

  it("and takes any number is not limited", async () => {
    const engine = { ...scriptedEngine(two), parallelCalls: Infinity };
    const runner = createRunner({ engine, dialect: threadweaver });
    await Promise.all(Array.from({ length: 100 }, () => runner.run({ prompt: "Q" }).result));
    expect(engine.mostAtOnce()).toBeGreaterThan(64);
  });
});
