import { describe, expect, it } from "vitest";
import { dialects, npr, parallelR1, threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Dialect } from "../../src/core/dialects/schema.ts";
import type { Engine, EngineWarning } from "../../src/engine/engine.ts";
import type { RunEvent } from "../../src/run/events.ts";
import type { RunOptions } from "../../src/run/options.ts";
import { createRunner } from "../../src/run/runner.ts";
import { readTrace } from "../../src/trace/reader.ts";
import { replayTrace } from "../../src/trace/replay.ts";
import { createTrace } from "../../src/trace/writer.ts";
import { temporaryFolder } from "../trace/support.ts";
import { planned, scriptedEngine, type Script } from "./scripted-engine.ts";
import { textEngine } from "./text-engine.ts";

/** Its vocabulary has the tags of ThreadWeaver and Parallel-R1's `<Parallel>`, and none of NPR's. */
const says = (text: string, after?: Script["after"]) => scriptedEngine(() => ({ text, ...(after && { after }) }));
const forks = planned({ "1": { text: " odd</Thread>" }, "2": { text: " even</Thread>" } });

const codesOf = async (engine: Engine, dialect: Dialect, options: RunOptions = {}): Promise<string[]> => {
  const { warnings } = await createRunner({ engine, dialect }).run({ prompt: "Q" }, options).result;
  return warnings.map(({ code }) => code);
};

const withWarning = (engine: Engine, warning: EngineWarning): Engine => ({ ...engine, warnings: [warning] });

describe("a run on a model that knows none of a dialect's markers", () => {
  it("says so once, before it generates anything, with what to try", async () => {
    const events: RunEvent[] = [];
    const runner = createRunner({ engine: says("twelve"), dialect: npr });
    const { warnings } = await runner.run({ prompt: "Q" }, { onEvent: (event) => events.push(event) }).result;
    expect(warnings).toEqual([
      {
        code: "marker-unknown",
        message:
          "script has no token for <guideline>, nor for any of the 7 other markers of npr: it seems not to be trained " +
          "on this format, and will hardly start a thread. Try a model that was trained on it, or a dialect that works by prompt " +
          "(skeleton, threadweaver-prompted, asyncthink).",
        threadId: "",
      },
    ]);
    const order = events.map(({ type }) => type);
    expect(order.indexOf("warning")).toBeLessThan(order.indexOf("call-first-token"));
  });

  it("leaves it to an engine that has said so already", async () => {
    const engine = withWarning(says("twelve"), { code: "marker-unknown", message: "its own words" });
    const { warnings } = await createRunner({ engine, dialect: npr }).run({ prompt: "Q" }).result;
    expect(warnings).toEqual([{ code: "marker-unknown", message: "its own words", threadId: "" }]);
  });

  it("says nothing where markers need not be tokens, where tokens are not known, and where nothing is to fork", async () => {
    const spelled = { ...npr, trained: "text" } as const;
    expect(await codesOf(says("twelve"), spelled)).toEqual(["never-forked"]);
    expect(await codesOf(textEngine(says("twelve")), npr)).toEqual(["never-forked"]);
    expect(await codesOf(says("twelve"), npr, { mode: "sequential" })).toEqual([]);
  });
});

describe("a run that never forked, of a dialect that models are trained on", () => {
  it("ends with what to try, the last event but one", async () => {
    const events: RunEvent[] = [];
    const runner = createRunner({ engine: says("twelve"), dialect: parallelR1 });
    const { warnings } = await runner.run({ prompt: "Q" }, { onEvent: (event) => events.push(event) }).result;
    expect(warnings).toEqual([
      {
        code: "never-forked",
        message:
          "no thread was started, since the model never asked for one. parallel-r1 needs a model that was trained on its " +
          "format and is prompted as it was in its training, and a problem that has parts. Try a model that was trained on it, or a " +
          "dialect that works by prompt (skeleton, threadweaver-prompted, asyncthink).",
        threadId: "",
      },
    ]);
    expect(events.slice(-2).map(({ type }) => type)).toEqual(["warning", "run-end"]);
    expect(events.at(-1)).toMatchObject({ result: { warnings } });
  });

  it("says so however it came to its end", async () => {
    expect(await codesOf(says("on", "runOn"), threadweaver, { maxTokens: 9 })).toEqual(["never-forked"]);
    expect(await codesOf(says("a. b"), threadweaver, { stop: ["."] })).toEqual(["never-forked"]);
  });

  it("says nothing more where its plan could not be read or its fork was refused", async () => {
    const unreadable = scriptedEngine((context) => ({
      text: context.includes("</Outlines>") ? "12" : "<Outlines></Outlines>",
    }));
    expect(await codesOf(unreadable, threadweaver)).toEqual(["plan-empty"]);
    expect(await codesOf(scriptedEngine(forks), threadweaver, { maxThreads: 1 })).toEqual(["fork-refused"]);
  });

  it("says where a dialect's instructions had no messages to stand before", async () => {
    const chat = [{ role: "user", content: "Q" }];
    for (const dialect of Object.values(dialects).filter(({ instructions }) => instructions !== undefined)) {
      const runner = createRunner({ engine: says("twelve"), dialect });
      const { warnings } = await runner.run({ prompt: "Q" }).result;
      expect(warnings).toMatchObject([
        {
          code: "never-forked",
          message: expect.stringMatching(/a prompt is sent as it is: give messages\.$/) as string,
        },
      ]);
      expect((await runner.run({ messages: chat }).result).warnings).toEqual([]);
      expect((await runner.run({ prompt: "Q" }, { mode: "one-pass" }).result).warnings).toEqual([]);
    }
  });

  it("says nothing where it forked, was not to fork, or broke", async () => {
    expect(await codesOf(scriptedEngine(forks), threadweaver)).toEqual([]);
    expect(await codesOf(says("twelve"), threadweaver, { mode: "sequential" })).toEqual([]);
    const run = createRunner({ engine: says("a", "break"), dialect: threadweaver }).run(
      { prompt: "Q" },
      { retry: false },
    );
    await expect(run.result).rejects.toMatchObject({ partial: { text: "a", warnings: [] } });
  });

  it("is replayed from its trace with the same warning", async () => {
    const path = temporaryFolder()("trace.jsonl");
    const recorder = createTrace(path);
    const engine = says("twelve");
    const { warnings } = await createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q" }, { recorder })
      .result;
    await recorder.close();
    const events: RunEvent[] = [];
    const replayed = replayTrace(await readTrace(path), { onEvent: (event) => events.push(event) });
    expect(replayed).toMatchObject({ proof: "equal", result: { warnings } });
    expect(events.filter(({ type }) => type === "warning")).toMatchObject([{ code: "never-forked" }]);
  });
});

describe("what an engine says of batches", () => {
  it("is said to runs that may fork, and to no others", async () => {
    const engine = withWarning(scriptedEngine(forks), { code: "batch-cost", message: "threads save no seconds" });
    expect(await codesOf(engine, threadweaver)).toEqual(["batch-cost"]);
    expect(await codesOf(engine, threadweaver, { mode: "sequential" })).toEqual([]);
  });
});
