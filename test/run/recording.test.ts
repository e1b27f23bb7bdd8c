import { describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Input } from "../../src/core/machine/protocol.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import type { RunEvent } from "../../src/run/events.ts";
import type { Recorder } from "../../src/run/recorder.ts";
import { Recording } from "../../src/run/recording.ts";
import type { RunResult } from "../../src/run/result.ts";
import type { Run } from "../../src/run/run.ts";
import { createRunner, type Runner } from "../../src/run/runner.ts";
import { faultyEngine } from "./faulty-engine.ts";
import { turns } from "./model-engine.ts";
import { Record } from "./record.ts";
import { planned, scriptedEngine } from "./scripted-engine.ts";
import { textsOf } from "./texts.ts";

type Failure = ThreadweaverError & { partial: RunResult };

const two = planned({ "1": { text: " seven</Thread>" }, "2": { text: " five</Thread>" } });
const runnerOf = (engine: Engine, options: Partial<Parameters<typeof createRunner>[0]> = {}): Runner =>
  createRunner({ engine, dialect: threadweaver, createId: () => "run", random: () => 0.5, ...options });

const failureOf = (run: Run): Promise<Failure> =>
  run.result.then(
    () => expect.fail("it should fail"),
    (error: unknown) => error as Failure,
  );

async function eventsOf(run: Run): Promise<{ events: RunEvent[]; error: unknown }> {
  const events: RunEvent[] = [];
  try {
    for await (const event of run.events()) events.push(structuredClone(event));
    return { events, error: undefined };
  } catch (error) {
    return { events, error };
  }
}

describe("a recorder is told of the end", () => {
  it("what the run gave, without its tree", async () => {
    const record = new Record();
    const options = { tree: true, recorder: record.recorder } as const;
    const { tree, ...summary } = await runnerOf(scriptedEngine(two)).run({ prompt: "Q" }, options).result;
    expect(tree.segments.length).toBeGreaterThan(0);
    expect(record.ends).toEqual([{ result: summary, error: undefined }]);
  });

  it("what it failed with, and what it had made until then", async () => {
    const record = new Record();
    const engine = scriptedEngine(() => ({ text: "half", after: "break" }));
    const error = await failureOf(runnerOf(engine).run({ prompt: "Q" }, { recorder: record.recorder }));
    const { tree, ...summary } = error.partial;
    expect(tree).toBeDefined();
    expect(record.ends).toEqual([{ result: summary, error }]);
  });

  it("that there is nothing where the run had not begun, even if what it waited for comes later", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const engine = scriptedEngine(two);
    const { encodeSync: _, ...tokenizer } = engine.tokenizer;
    const deaf: Engine = {
      ...engine,
      tokenizer: {
        ...tokenizer,
        encode: async (text, options) => {
          await promise;
          return engine.tokenizer.encode(text, options);
        },
      },
    };
    const record = new Record();
    const run = runnerOf(deaf).run({ prompt: "Q" }, { recorder: record.recorder });
    await turns(2);
    run.abort("enough");
    const error = await failureOf(run);
    resolve();
    await turns(20);
    expect(record.ends).toEqual([{ result: undefined, error }]);
    expect([record.header, record.inputs, engine.requests]).toEqual([undefined, [], []]);
  });
});

describe("a recorder that ends its run", () => {
  it("ends it once and for the first reason, at whichever input: record, events and text are one story", async () => {
    const whole = new Record();
    await runnerOf(scriptedEngine(two)).run({ prompt: "Q" }, { recorder: whole.recorder }).result;
    expect(whole.inputs.length).toBeGreaterThan(50);
    for (let count = 1; count <= whole.inputs.length; count += 1) {
      const record = new Record();
      const run: Run = runnerOf(scriptedEngine(two)).run({ prompt: "Q" }, { recorder: record.recorder });
      record.onInput = () => {
        if (record.inputs.length !== count) return;
        run.abort("first");
        run.abort("second");
      };
      const heard = eventsOf(run);
      const error = await failureOf(run);
      expect(error).toMatchObject({ code: "aborted", cause: "first" });
      expect(record.ends).toHaveLength(1);
      expect(record.inputs.filter(({ t }) => t === "stop").length).toBeLessThan(2);
      const { events, error: told } = await heard;
      expect(told).toBe(error);
      const texts = textsOf(events);
      expect(texts.get("0") ?? "").toBe(error.partial.text);
      for (const { threadId, text } of error.partial.threads) expect(texts.get(threadId) ?? "").toBe(text);
      const ended = record.inputs.flatMap((input) => (input.t === "ended" ? [input.call] : []));
      expect(events.flatMap((event) => (event.type === "call-end" ? [event.call] : []))).toEqual(ended);
    }
  });

  it("may listen to it, at whichever input: the events that follow are all there, and then the end", async () => {
    const record = new Record();
    const late: Promise<{ events: RunEvent[]; error: unknown }>[] = [];
    const run: Run = runnerOf(scriptedEngine(two)).run({ prompt: "Q" }, { recorder: record.recorder });
    record.onInput = () => late.push(eventsOf(run));
    const result = await run.result;
    const all = await Promise.all(late);
    expect(all).toHaveLength(record.inputs.length);
    for (const { events, error } of all) {
      expect(error).toBeUndefined();
      expect(events.at(-1)).toMatchObject({ type: "run-end" });
      expect(textsOf(events).get("0")).toBe(result.text);
    }
  });
});

describe("a recorder that throws", () => {
  it("is told to who listens, when it happens, and is not called again", async () => {
    let now = 50;
    let calls = 0;
    const recorder: Recorder = {
      input: () => {
        calls += 1;
        if (calls < 5) return;
        now = 57.25;
        throw new Error("disk full");
      },
      end: () => void (calls += 1),
    };
    const runner = runnerOf(scriptedEngine(two), { clock: { now: () => now, schedule: () => () => {} } });
    const run = runner.run({ prompt: "Q" }, { recorder });
    const { events } = await eventsOf(run);
    const warning = {
      code: "recorder-failed",
      message: "recorder threw, and is not called again: disk full",
      threadId: "",
    };
    expect(events.filter(({ type }) => type === "warning")).toEqual([{ type: "warning", at: 7.25, ...warning }]);
    expect((await run.result).warnings).toEqual([warning]);
    expect(calls).toBe(5);
  });

  it("is no place to go on from: an error names a record only where there is one", async () => {
    const engine = scriptedEngine(() => ({ text: "half", after: "break" }));
    const messageWith = async (recorder?: Recorder): Promise<string> =>
      (await failureOf(runnerOf(engine).run({ prompt: "Q" }, { recorder }))).message;
    const broken = (): never => {
      throw new Error("disk full");
    };
    expect(await messageWith({ name: "run.jsonl", input: () => {} })).toContain(
      "and in run.jsonl: resume goes on from there",
    );
    expect(await messageWith({ name: "run.jsonl", input: broken })).not.toContain("run.jsonl");
    expect(await messageWith()).toMatch(/in partial of this error\.$/);
  });
});

it("a recorder may take inputs alone", () => {
  const inputs: Input[] = [];
  const errors: unknown[] = [];
  const recording = new Recording({ input: (input) => void inputs.push(input) }, (error) => errors.push(error));
  recording.begin({} as never);
  recording.input({ t: "time", at: 1 });
  recording.end({ result: undefined, error: undefined });
  expect([inputs, errors]).toEqual([[{ t: "time", at: 1 }], []]);
});

describe("a run that its engine breaks by what no call explains", () => {
  it("records nothing after that, asks for nothing more, keeps all of it in the error, and can be gone on with", async () => {
    let isFlawed = true;
    const hanging = planned({ "1": { text: " sev", after: "hang" }, "2": { text: " five</Thread>" } });
    const scripted = scriptedEngine((context) => (isFlawed ? hanging : two)(context));
    const flawed: Engine = {
      ...scripted,
      async *complete(request) {
        yield* scripted.complete(request);
        if (isFlawed && request.id === "run-2") yield { type: "pieces", pieces: [{ ids: [65], text: "A" }] };
      },
    };
    const runner = runnerOf(faultyEngine(flawed, () => undefined));
    const record = new Record();
    const error = await failureOf(runner.run({ prompt: "Q" }, { recorder: record.recorder }));
    await turns(20);
    expect(error.code).toBe("engine_failed");
    const message = expect.stringContaining("pieces came after the end") as string;
    expect(error.partial.ending).toEqual({ kind: "failed", message });
    expect(error.partial.threads.map(({ ending }) => ending.kind)).toEqual(["failed", "marker"]);
    expect(error.partial.tree).toBeDefined();
    expect(record.inputs.flatMap((input) => (input.t === "ended" ? [input.call] : []))).toEqual([0, 2]);
    expect(scripted.requests).toHaveLength(3);
    isFlawed = false;
    const whole = await runnerOf(scriptedEngine(two)).run({ prompt: "Q" }).result;
    expect((await runner.resume(record.upTo(Infinity)).result).text).toBe(whole.text);
  });
});
