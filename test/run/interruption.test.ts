import { describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Dialect } from "../../src/core/dialects/schema.ts";
import type { Input, UntimedInput } from "../../src/core/machine/protocol.ts";
import type { CompletionEvent, Engine } from "../../src/engine/engine.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import type { RunOptions } from "../../src/run/options.ts";
import { dialectOf, inputsBeforeInterruption } from "../../src/run/resume.ts";
import type { RunResult } from "../../src/run/result.ts";
import type { Run } from "../../src/run/run.ts";
import { createRunner, type Runner } from "../../src/run/runner.ts";
import { faultyEngine } from "./faulty-engine.ts";
import { turns } from "./model-engine.ts";
import { Record } from "./record.ts";
import { planned, scriptedEngine, type Script } from "./scripted-engine.ts";
import { textEngine } from "./text-engine.ts";

const two = planned({ "1": { text: " seven</Thread>" }, "2": { text: " five</Thread>" } });
const engineOf = (script: (context: string) => Script = two): Engine =>
  faultyEngine(scriptedEngine(script), () => undefined);
const runnerOf = (engine: Engine, options: Partial<Parameters<typeof createRunner>[0]> = {}): Runner =>
  createRunner({ engine, dialect: threadweaver, createId: () => "run", random: () => 0.5, ...options });

type Failure = ThreadweaverError & { partial: RunResult };

const failureOf = (run: Run): Promise<Failure> =>
  run.result.then(
    () => expect.fail("it should fail"),
    (error: unknown) => error as Failure,
  );

async function recorded(runner: Runner, options: RunOptions = {}): Promise<{ record: Record; result: RunResult }> {
  const record = new Record();
  return { record, result: await runner.run({ prompt: "Q" }, { ...options, recorder: record.recorder }).result };
}

const whole = (await recorded(runnerOf(engineOf()))).record;
const half = { ids: [0xe2, 0x82], text: "\uFFFD" };
const a = { ids: [65], text: "A" };

describe("a call that failed for good leaves in the record", () => {
  const pieces = (...made: { ids?: number[]; text?: string }[]): CompletionEvent => ({ type: "pieces", pieces: made });
  const held = (made: { ids?: number[]; text?: string }): CompletionEvent => ({ type: "broken", held: made });

  it.each<[string, CompletionEvent[], unknown]>([
    ["its tokens", [pieces(a)], [a]],
    ["its tokens before those that are inside a character", [pieces(a), held(half)], [a]],
    ["its tokens before those that have no text", [pieces(a), held({ ids: [0xe2] })], [a]],
    ["nothing where all that it has is inside a character", [held(half)], undefined],
    ["nothing where the last that came together is inside a character", [pieces(a, half)], undefined],
    ["a character that is none, where tokens follow it", [pieces(half), pieces(a)], [a]],
    ["a character that is none, where tokens came with it", [pieces(half, a)], [half, a]],
    ["a token that only begins with one", [pieces({ ids: [9], text: "\uFFFDx" })], [{ ids: [9], text: "\uFFFDx" }]],
    ["nothing where nothing came", [], undefined],
  ])("%s", async (_, events, left) => {
    const engine: Engine = {
      ...scriptedEngine(two),
      async *complete() {
        yield* events;
        throw new ThreadweaverError("engine_failed", "the line was cut");
      },
    };
    const record = new Record();
    await failureOf(runnerOf(engine).run({ prompt: "Q" }, { recorder: record.recorder }));
    const last = record.inputs[inputsBeforeInterruption(record.upTo(Infinity), threadweaver) - 1];
    expect(last).toMatchObject(left === undefined ? { t: "sent" } : { t: "pieces", pieces: left });
  });

  it("a character that is none, where the engine returns no ids: so it came", async () => {
    const engine = textEngine(scriptedEngine(() => ({ text: "a\uFFFD", after: "break" })));
    const record = new Record();
    await failureOf(runnerOf(engine).run({ prompt: "Q" }, { recorder: record.recorder }));
    const count = inputsBeforeInterruption(record.upTo(Infinity), threadweaver);
    expect(record.inputs[count - 1]).toMatchObject({ t: "pieces", pieces: [{ text: "\uFFFD" }] });
  });
});

describe("of what happened while two threads ran", () => {
  const running = whole.upTo(1 + whole.inputs.findIndex((input) => input.t === "sent" && input.call === 2));
  const end = { ids: [whole.header?.vocabulary.markers["</Thread>"] ?? -1], text: "</Thread>" };
  const came = (call: number, piece: object): UntimedInput => ({ t: "pieces", call, pieces: [piece] });
  const failed = (call: number): UntimedInput => ({ t: "ended", call, reason: { kind: "failed", message: "lost" } });
  const stopped = (call: number): UntimedInput => ({ t: "ended", call, reason: { kind: "stop" } });
  const stop: UntimedInput = { t: "stop" };
  const failingEnds: Dialect = {
    ...threadweaver,
    onThreadEnd: { ...threadweaver.onThreadEnd, failed: "end" },
  };

  it.each<[string, UntimedInput[], number, Dialect?]>([
    ["a stop takes nothing back but itself", [came(1, a), stop], 1],
    ["a stop leaves an end that came just before", [came(1, end), stopped(1), stop], 2],
    ["a stop takes failures back that came just before", [came(1, a), failed(1), failed(2), stop], 1],
    ["a stop leaves a failure after which another thread got a token", [failed(1), came(2, a), stop], 2],
    [
      "a failure takes back a character that its own call did not finish",
      [came(1, a), came(1, half), failed(1), stop],
      1,
    ],
    ["a failure leaves the character that another call did not finish", [came(2, half), failed(1), stop], 1],
    [
      "failures one after the other take back what each of them did not finish",
      [came(1, half), failed(1), came(2, half), failed(2), stop],
      0,
    ],
    [
      "a failure that ended the run is taken back where it came, though the run ended later",
      [came(1, a), failed(1), came(2, end), stopped(2)],
      1,
      failingEnds,
    ],
    [
      "a cut by anything but its caller is an end like any other",
      [came(1, a), { t: "cut", sequence: 0, by: "deadline" }],
      2,
    ],
  ])("%s", (_, inputs, kept, dialect = threadweaver) => {
    const { at } = running.inputs.at(-1) as Input;
    const more = inputs.map((input) => ({ ...input, at }));
    const record = { header: running.header, inputs: [...running.inputs, ...more] };
    expect(inputsBeforeInterruption(record, dialect) - running.inputs.length).toBe(kept);
  });
});

describe("a run that is gone on with", () => {
  it("has the warnings that it had, of its engine and of its own, in their order", async () => {
    const script = planned({ "1": { text: " x", after: "break" }, "2": { text: " five</Thread>" } });
    const engine = { ...engineOf(script), warnings: [{ code: "server-version" as const, message: "an old one" }] };
    const { record, result } = await recorded(runnerOf(engine), { retry: false });
    expect(result.warnings.map(({ code }) => code)).toEqual(["server-version", "thread-failed"]);
    expect((await runnerOf(engine).resume(record.upTo(Infinity)).result).warnings).toEqual(result.warnings);
  });

  it("and must not fork does not, whatever its model writes", async () => {
    const text = `<Parallel>\n<Outlines>\n<Outline>1: x</Outline>\n</Outlines> and so on${".".repeat(40)}`;
    let isDown = true;
    const engine = faultyEngine(
      scriptedEngine(() => ({ text })),
      () => (isDown ? { after: 50 } : undefined),
    );
    const record = new Record();
    const options = { mode: "sequential", retry: false, recorder: record.recorder } as const;
    const error = await failureOf(runnerOf(engine).run({ prompt: "Q" }, options));
    expect(error.partial.text).toBe(text.slice(0, error.partial.text.length));
    isDown = false;
    for (const count of [1, 20, Infinity]) {
      const result = await runnerOf(engine).resume(record.upTo(count)).result;
      expect([result.text, result.threads]).toEqual([text, []]);
    }
  });

  it("waits for no time that has passed", async () => {
    let now = 0;
    let alarms: { at: number; wake: () => void }[] = [];
    const clock = {
      now: () => now,
      schedule: (at: number, wake: () => void) => (alarms.push({ at, wake }), () => {}),
    };
    const endless = { text: " x", after: "hang" } as const;
    const slow = planned({ "1": endless, "2": endless }, endless);
    const onThreadEnd = { ...threadweaver.onThreadEnd, length: threadweaver.onThreadEnd.failed };
    const runner = runnerOf(engineOf(slow), { clock, dialect: { ...threadweaver, onThreadEnd } });
    const record = new Record();
    const run = runner.run({ prompt: "Q" }, { timeoutMs: 5000, callTimeoutMs: 10, recorder: record.recorder });
    await turns(100);
    expect(alarms.map(({ at }) => at)).toEqual([5000, 10, 10, 10]);
    now = 10;
    alarms.at(-1)?.wake();
    run.abort();
    await failureOf(run);
    const time = record.inputs.findIndex(({ t }) => t === "time");
    alarms = [];
    now = 1000;
    const again = runner.resume(record.upTo(time + 1));
    await turns(20);
    // What is left of the run's own time, and the time of the call that main has begun since.
    expect(alarms.map(({ at }) => at)).toEqual([5990, 1010]);
    again.abort();
    await failureOf(again);
  });

  it("and aborted while its engine is checked asks that for nothing more", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const inner = scriptedEngine(two);
    const tokenizer: Engine["tokenizer"] = {
      ...inner.tokenizer,
      encode: async (text, options) => {
        await promise;
        return inner.tokenizer.encode(text, options);
      },
    };
    const run = runnerOf({ ...inner, tokenizer }).resume(whole.upTo(40));
    await turns(2);
    run.abort("enough");
    const error = await failureOf(run);
    expect([error.cause, error.partial.ending]).toEqual(["enough", { kind: "cut", by: "user" }]);
    resolve();
    await turns(20);
    expect(inner.requests).toEqual([]);
  });

  it.each(["now", "schedule"] as const)("fails, and does not hang, where its clock throws: %s", async (what) => {
    const runner = runnerOf(engineOf());
    const { record } = await recorded(runner, { timeoutMs: 60_000 });
    let calls = 0;
    const broken = (): never => {
      throw new Error("no time");
    };
    const clock = {
      now: () => (what === "now" && (calls += 1) > 1 ? broken() : 0),
      schedule: what === "schedule" ? broken : () => () => {},
    };
    const run = runnerOf(engineOf(), { clock }).resume(record.upTo(40));
    const events = run.events();
    const error = await failureOf(run);
    expect([error.code, error.message]).toEqual(["internal", "no time"]);
    await expect(
      (async () => {
        for await (const _ of events);
      })(),
    ).rejects.toBe(error);
  });
});

describe("a record that is no record of one run is refused", () => {
  it("with the number of the input that does not follow, and why", () => {
    const { header, inputs } = whole.upTo(40);
    const message =
      "Input 4 of the record (pieces) does not follow from those before it: time goes back: -5 after 0. The record was " +
      "changed, or inputs of it are missing, so there is no going on with it.";
    const at = (time: number) => inputs.map((input, n) => ({ ...input, at: n === 3 ? time : 0 }));
    expect(() => runnerOf(engineOf()).resume({ header, inputs: at(-5) })).toThrow(
      expect.objectContaining({ code: "invalid_option", message, cause: expect.any(RangeError) as RangeError }),
    );
    expect(() => runnerOf(engineOf()).resume({ header, inputs: inputs.slice(1) })).toThrow(
      /^Input 1 of the record \(\w+\) does not follow/,
    );
  });
});

describe("the dialect of a record", () => {
  const header = whole.upTo(0).header;
  const reversed = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([key, field]) => [key, reversed(field)]),
    );
  };

  it("is the one that is given where that is equal, in whichever order its fields stand", () => {
    const given = reversed(threadweaver) as Dialect;
    expect(Object.keys(given)).not.toEqual(Object.keys(threadweaver));
    expect(dialectOf(header, given)).toBe(given);
  });

  it("is not another one of that name", () => {
    const given = { ...threadweaver, thread: { ...threadweaver.thread, maxDepth: 3 } };
    expect(() => dialectOf(header, given)).toThrow(
      expect.objectContaining({
        code: "invalid_option",
        message: expect.stringContaining("another version of the dialect threadweaver") as string,
      }),
    );
  });
});
