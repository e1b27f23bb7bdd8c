import { describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createRunner } from "../../src/run/runner.ts";
import type { Observe, ObservedEvent } from "../../src/run/observe.ts";
import { planned, scriptedEngine } from "./scripted-engine.ts";

const engine = () => scriptedEngine(planned({ "1": { text: " a</Thread>" }, "2": { text: " b</Thread>" } }));

describe("what watches the runs of a runner", () => {
  it("is told of each run, gets each event but texts, adds to each request, and hears the end once", async () => {
    const told: string[] = [];
    const events: ObservedEvent[] = [];
    const observe: Observe = (run) => {
      told.push(`${run.id} ${run.dialect} ${run.engine.model} ${run.seed} ${JSON.stringify(run.input)}`);
      return {
        event: (event) => void events.push(event),
        headers: ({ call, attempt, threadId }) => ({ "x-call": `${call} ${attempt} ${threadId}` }),
        end: ({ result }) => void told.push(`ended ${result?.ending.kind}`),
      };
    };
    const used = engine();
    const runner = createRunner({ engine: used, dialect: threadweaver, observe, createId: () => "one" });
    const heard: string[] = [];
    const run = runner.run(
      { prompt: "Q" },
      { seed: 7, onEvent: ({ type }) => void heard.push(type), headers: { a: "b" } },
    );
    await run.result;
    expect(told).toEqual(['one threadweaver script 7 {"prompt":"Q"}', "ended eos"]);
    expect(events.map(({ type }) => type)).toEqual(heard.filter((type) => type !== "text"));
    expect(events.length).toBeGreaterThan(15);
    expect(used.requests.map(({ headers }) => headers)).toEqual(
      ["0 1 0", "1 1 0/1.1", "2 1 0/1.2", "3 1 0"].map((name) => ({ "x-call": name, a: "b" })),
    );
  });

  it("hears what a run failed with, with all that it had made", async () => {
    const failures: unknown[] = [];
    const observe: Observe = () => ({ end: ({ error }) => void failures.push(error) });
    const broken = scriptedEngine(() => ({ text: "half", after: "break" }));
    const run = createRunner({ engine: broken, dialect: threadweaver, observe }).run({ prompt: "Q" });
    const error: unknown = await run.result.catch((reason: unknown) => reason);
    expect(failures).toEqual([error]);
    expect(error).toMatchObject({ code: "engine_failed", partial: { text: "half" } });
  });

  it("is not called again where it throws, and the run goes on with a warning", async () => {
    let calls = 0;
    const throwing: Observe = () => ({
      event: () => {
        calls += 1;
        throw new Error("no disk");
      },
    });
    const atOnce: Observe = () => {
      throw new Error("no network");
    };
    const good: string[] = [];
    const watching: Observe = () => ({ event: ({ type }) => void good.push(type) });
    const observe = [throwing, atOnce, watching];
    const { warnings, text } = await createRunner({ engine: engine(), dialect: threadweaver, observe }).run({
      prompt: "Q",
    }).result;
    expect(text).toContain("12");
    expect(calls).toBe(1);
    expect(good.at(-1)).toBe("run-end");
    expect(warnings.map(({ code, message }) => [code, message])).toEqual([
      ["listener-failed", "observe threw, and is not called again: no network"],
      ["listener-failed", "observe threw, and is not called again: no disk"],
    ]);
  });

  it("leaves the texts of who listens beside it, and of who comes late, whole", async () => {
    const observe: Observe = () => ({ event: () => {} });
    const run = createRunner({ engine: engine(), dialect: threadweaver, observe }).run({ prompt: "Q" });
    for await (const event of run.events()) if (event.type === "thread-start") break;
    // Nobody heard a text for a while.
    let late = "";
    await new Promise((resolve) => void setImmediate(() => setImmediate(resolve)));
    for await (const event of run.events()) {
      if (event.type === "catch-up") late = event.text;
      if (event.type === "text" && event.threadId === "0")
        late = late.slice(0, late.length - event.removed) + event.inserted;
    }
    expect(late).toBe((await run.result).text);
  });

  it("is refused where it is no function", () => {
    expect(() => createRunner({ engine: engine(), observe: {} as never })).toThrow(/observe: /);
  });
});
