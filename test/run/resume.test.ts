import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sequential } from "../../src/core/dialects/dialect.ts";
import { apr, dialects, threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { step } from "../../src/core/machine/machine.ts";
import type { Input } from "../../src/core/machine/protocol.ts";
import { callOf, createState, sequenceOf } from "../../src/core/machine/state.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import type { RunEvent } from "../../src/run/events.ts";
import type { RecordedRun, RunHeader } from "../../src/run/recorder.ts";
import type { ResultWithTree, RunResult } from "../../src/run/result.ts";
import type { Run } from "../../src/run/run.ts";
import { createRunner, type Runner } from "../../src/run/runner.ts";
import { chanceFrom, runs } from "../core/drive.ts";
import { cast } from "../core/scenarios.ts";
import { FLAVOURS, createFlavourVocabulary, createScriptedModel } from "../reference/scripted-model.ts";
import { faultyEngine, nameOf } from "./faulty-engine.ts";
import { modelEngine } from "./model-engine.ts";
import { Record } from "./record.ts";
import { canBeSequential, combineOf, startRun } from "./start-run.ts";
import { expectSameRun } from "./same-run.ts";
import { planned, scriptedEngine } from "./scripted-engine.ts";
import { textsOf } from "./texts.ts";

const two = planned({ "1": { text: " seven</Thread>" }, "2": { text: " five</Thread>" } });
/** One engine for the run and for its resumption: it knows what each call's first attempt was asked for. */
const engineOf = (script = two): Engine => faultyEngine(scriptedEngine(script), () => undefined);
const runnerOf = (engine: Engine, options: Partial<Parameters<typeof createRunner>[0]> = {}): Runner =>
  createRunner({ engine, dialect: threadweaver, createId: () => "run", random: () => 0.5, ...options });

async function recorded(runner: Runner): Promise<{ record: Record; result: ResultWithTree }> {
  const record = new Record();
  const result = await runner.run({ prompt: "Q" }, { tree: true, recorder: record.recorder }).result;
  return { record, result };
}

const failureOf = (run: Run): Promise<ThreadweaverError> =>
  run.result.then(
    () => expect.fail("it should fail"),
    (error: unknown) => error as ThreadweaverError,
  );

describe("a run whose process was killed", () => {
  it("goes on after any of its inputs, to the same end", async () => {
    const runner = runnerOf(engineOf());
    const { record, result } = await recorded(runner);
    expect(record.ends).toHaveLength(1);
    for (let count = 1; count <= record.inputs.length; count += 1) {
      const again = await runner.resume(record.upTo(count), { tree: true }).result;
      expect(again.text).toBe(result.text);
      expect(again.complete).toBe(true);
      expect({ ...again.tokens, sent: 0 }).toEqual({ ...result.tokens, sent: 0 });
      expect(again.seed).toBe(result.seed);
    }
  });

  it("asks its engine only for what it does not have: calls that were over are not made again, others go on", async () => {
    const engine = faultyEngine(scriptedEngine(two), () => undefined);
    const runner = runnerOf(engine);
    const { record } = await recorded(runner);
    const fork = record.inputs.findIndex((input) => input.t === "pieces" && input.call === 2);
    engine.attempts.length = 0;
    await runner.resume(record.upTo(fork + 2)).result;
    expect(engine.attempts.map((request) => nameOf(request))).toEqual([
      { call: "run-1", attempt: 2 },
      { call: "run-2", attempt: 2 },
      { call: "run-3", attempt: 1 },
    ]);
  });

  it("asks nothing more for a call that was over, although the record ends before it says so", async () => {
    const engine = faultyEngine(scriptedEngine(two), () => undefined);
    const runner = runnerOf(engine);
    const { record, result } = await recorded(runner);
    const end = record.inputs.findIndex((input) => input.t === "ended" && input.call === 1);
    engine.attempts.length = 0;
    const more = new Record();
    expect((await runner.resume(record.upTo(end), { recorder: more.recorder }).result).text).toBe(result.text);
    expect(engine.attempts.map((request) => nameOf(request).call)).not.toContain("run-1");
    expect(more.inputs.filter((input) => input.t === "ended" && input.call === 1)).toMatchObject([
      { reason: { kind: "stop" } },
    ]);
  });

  it("tells late listeners how far it was, then what follows: together that is the text", async () => {
    const runner = runnerOf(engineOf());
    const { record, result } = await recorded(runner);
    const told: RunEvent[] = [];
    const run = runner.resume(record.upTo(40), { onEvent: (event) => void told.push(event) });
    const events: RunEvent[] = [];
    for await (const event of run) events.push(event);
    for (const heard of [told, events]) {
      expect(heard[0]).toMatchObject({ type: "catch-up" });
      expect(heard.at(-1)).toMatchObject({ type: "run-end" });
      expect(textsOf(heard).get("0")).toBe(result.text);
    }
    let text = "";
    for await (const chunk of runner.resume(record.upTo(40)).textStream) text += chunk;
    expect(text).toBe(result.text);
  });

  it("is recorded on: the record of both parts is that of one run, and can be resumed again", async () => {
    const runner = runnerOf(engineOf());
    const { record, result } = await recorded(runner);
    const first = record.upTo(20);
    const more = new Record();
    await runner.resume(first, { recorder: more.recorder }).result;
    expect(more.header).toBeUndefined();
    const both: RecordedRun = { header: first.header, inputs: [...first.inputs, ...more.inputs] };
    for (const [n, { at }] of both.inputs.entries()) expect(at).toBeGreaterThanOrEqual(both.inputs[n - 1]?.at ?? 0);
    const halfway = { ...both, inputs: both.inputs.slice(0, 60) };
    expect((await runner.resume(halfway).result).text).toBe(result.text);
    expect((await runner.resume(both).result).text).toBe(result.text);
  });

  it("counts the time that it ran, not the time in between", async () => {
    let now = 1000;
    const clock = { now: () => now, schedule: () => () => {} };
    const runner = runnerOf(engineOf(), { clock });
    const { record } = await recorded(runner);
    const later = { ...record.upTo(30), inputs: record.upTo(30).inputs.map((input) => ({ ...input, at: 1500 })) };
    now = 1_000_000;
    expect((await runner.resume(later as RecordedRun).result).wallMs).toBe(500);
  });

  it("keeps the time that it had left", async () => {
    const alarms: { at: number; wake: () => void }[] = [];
    let now = 0;
    const clock = {
      now: () => now,
      schedule: (at: number, wake: () => void) => {
        alarms.push({ at, wake });
        return () => {};
      },
    };
    const hanging = scriptedEngine(() => ({ text: "so far", after: "hang" }));
    const runner = runnerOf(hanging, { clock });
    const record = new Record();
    const run = runner.run({ prompt: "Q" }, { timeoutMs: 100, recorder: record.recorder });
    await new Promise<void>((resolve) => {
      record.onInput = () => record.inputs.length > 6 && resolve();
    });
    run.abort("killed");
    await failureOf(run);
    alarms.length = 0;
    now = 5000;
    const again = runner.resume(record.upTo(7));
    await new Promise((resolve) => void setImmediate(resolve));
    expect(alarms).toMatchObject([{ at: 5100 }]);
    now = 5100;
    alarms[0]?.wake();
    expect((await again.result).ending).toEqual({ kind: "length", limit: "ms" });
  });
});

it("a resumed run that is aborted at once ends as one that its caller stopped", async () => {
  const engine = faultyEngine(scriptedEngine(two), () => undefined);
  const runner = runnerOf(engine);
  const { record } = await recorded(runner);
  engine.attempts.length = 0;
  const run = runner.resume(record.upTo(40));
  run.abort("enough");
  const error = await failureOf(run);
  expect(error).toMatchObject({ code: "aborted", cause: "enough", partial: { ending: { kind: "cut", by: "user" } } });
  expect(engine.attempts).toEqual([]);
});

describe("a run that ended early", () => {
  it("because its caller stopped it goes on from what it had", async () => {
    const runner = runnerOf(engineOf());
    const { result } = await recorded(runner);
    const record = new Record();
    const run = runner.run({ prompt: "Q" }, { recorder: record.recorder });
    record.onInput = () => record.inputs.length === 50 && run.abort("enough");
    const error = await failureOf(run);
    expect(error.code).toBe("aborted");
    expect((await runner.resume(record.upTo(Infinity)).result).text).toBe(result.text);
  });

  it("because its engine was lost goes on from what it had", async () => {
    const dialect = { ...threadweaver, onThreadEnd: { ...threadweaver.onThreadEnd, failed: "end" as const } };
    let isDown = true;
    const engine = faultyEngine(scriptedEngine(two), (call) => (isDown && call === "run-2" ? { after: 3 } : undefined));
    const runner = runnerOf(engine, { dialect });
    const record = new Record();
    const error = await failureOf(runner.run({ prompt: "Q" }, { retry: false, recorder: record.recorder }));
    expect(error.code).toBe("engine_failed");
    isDown = false;
    const result = await runner.resume(record.upTo(Infinity)).result;
    expect(result).toMatchObject({ complete: true, content: "12", warnings: [] });
    expect(result.threads.map(({ text }) => text)).toEqual([" seven</Thread>", " five</Thread>"]);
  });

  it("because its engine was lost has the threads that failed with it, too", async () => {
    let isDown = false;
    const engine = faultyEngine(scriptedEngine(two), (call) =>
      isDown || call === "run-1" || call === "run-2" ? { after: isDown ? 0 : 2 } : undefined,
    );
    const runner = runnerOf(engine);
    const { result } = await recorded(runnerOf(engineOf()));
    const record = new Record();
    record.onInput = () => {
      if (record.inputs.at(-1)?.t === "broke") isDown = true;
    };
    const retry = { perCall: 1, baseMs: 0 };
    const error = await failureOf(runner.run({ prompt: "Q" }, { retry, recorder: record.recorder }));
    // Its threads were lost first, and joined as far as they had come.
    expect(error.threadId).toBe("0");
    expect((error.partial as RunResult).incomplete.map(({ threadId }) => threadId)).toEqual(["0", "0/1.1", "0/1.2"]);
    isDown = false;
    engine.firsts.delete("run-3");
    const working = faultyEngine(scriptedEngine(two), () => undefined);
    for (const [call, first] of engine.firsts) working.firsts.set(call, first);
    const again = await runnerOf(working).resume(record.upTo(Infinity)).result;
    expect(again.text).toBe(result.text);
    expect(again.complete).toBe(true);
  });

  it("because a call of main failed inside a character writes that character anew", async () => {
    const engine = scriptedEngine(() => ({ text: "euro €" }));
    let isDown = true;
    const flaky: Engine = {
      ...engine,
      async *complete() {
        if (!isDown) {
          yield { type: "pieces", pieces: [{ ids: [226, 130, 172], text: "€" }] };
          yield { type: "end", reason: "length" };
          return;
        }
        yield { type: "pieces", pieces: [{ ids: [120], text: "x" }] };
        yield { type: "broken", held: { ids: [226, 130], text: "\uFFFD" } };
        throw new ThreadweaverError("engine_failed", "cut", { retryable: true });
      },
    };
    const runner = runnerOf(flaky);
    const record = new Record();
    const error = await failureOf(
      runner.run({ prompt: "Q" }, { retry: false, recorder: record.recorder, mode: "sequential" }),
    );
    expect((error.partial as RunResult).text).toBe("x\uFFFD");
    expect((error.partial as RunResult).tokens.generated).toBe(3);
    isDown = false;
    expect((await runner.resume(record.upTo(Infinity)).result).text).toBe("x€");
  });
});

describe("a record that cannot be gone on with is refused", () => {
  it("where the run has not begun", async () => {
    const { record } = await recorded(runnerOf(engineOf()));
    expect(() => runnerOf(engineOf()).resume(record.upTo(0))).toThrow(/before the run had begun/);
  });

  it("where the engine has another vocabulary: the ids would mean something else", async () => {
    const { record } = await recorded(runnerOf(engineOf()));
    const other = scriptedEngine(two);
    const tokenizer = { ...other.tokenizer, encode: () => [7] };
    const error = await failureOf(runnerOf({ ...other, tokenizer }).resume(record.upTo(30)));
    expect(error.code).toBe("invalid_option");
    expect(error.message).toMatch(/made with script and cannot go on with script \(scripted\): it has other ids for /);
    const small = { ...other.tokenizer, vocabularySize: 12 };
    const sized = await failureOf(runnerOf({ ...other, tokenizer: small }).resume(record.upTo(30)));
    expect(sized.message).toMatch(/its vocabulary has 12 tokens, not \d+/);
  });

  it("where the runner's dialect of that name is another one", async () => {
    const { record } = await recorded(runnerOf(engineOf()));
    const dialect = { ...threadweaver, thread: { ...threadweaver.thread, maxDepth: 3 } };
    expect(() => runnerOf(engineOf(), { dialect }).resume(record.upTo(30))).toThrow(/another version of the dialect/);
  });

  it("where its dialect has functions that nobody knows", async () => {
    const { record } = await recorded(runnerOf(engineOf()));
    const { header, inputs } = record.upTo(30);
    const own = JSON.parse(JSON.stringify(apr).replaceAll("goalPath", "myOwn")) as RunHeader["dialect"];
    const strange = { header: { ...header, dialect: { ...own, name: "mine" } }, inputs };
    expect(() => runnerOf(engineOf()).resume(strange)).toThrow(/myOwn/);
  });

  it("where options are given that the record decides", async () => {
    const { record } = await recorded(runnerOf(engineOf()));
    expect(() => runnerOf(engineOf()).resume(record.upTo(30), { seed: 1 } as object)).toThrow(/no option seed/);
  });
});

it("every bundled dialect comes out of a header as it went in, in both modes", async () => {
  for (const dialect of Object.values(dialects)) {
    for (const mode of ["fork-join", "sequential"] as const) {
      const engine = scriptedEngine(() => ({ text: "so" }));
      const runner = runnerOf(engine, { dialect });
      const record = new Record();
      const { text } = await runner.run({ prompt: "Q" }, { mode, recorder: record.recorder }).result;
      const other = runnerOf(engine, { dialect: undefined });
      expect((await other.resume(record.upTo(Infinity)).result).text).toBe(text);
    }
  }
});

describe.each(cast)("a run of %s that is killed at any moment", (_, dialect, flavour) => {
  const scenarios = fc.record({
    seed: fc.nat(),
    order: fc.nat(),
    sequential: fc.boolean(),
    kills: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 3 }),
  });

  it("and gone on with, as often as it takes, gives the text, the tokens and the counts of the undisturbed run", async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const model = createScriptedModel({
          vocabulary: createFlavourVocabulary(flavour),
          seed: scenario.seed,
          flavour,
        });
        const { planned: plan } = model;
        const isSequential = scenario.sequential && canBeSequential(dialect);
        let shadow = createState({ dialect });
        const engine = modelEngine(model, "ids", chanceFrom(scenario.order), (id) => {
          const call = callOf(shadow, id);
          return { threadId: sequenceOf(shadow, call.sequence).threadId, callIndex: call.callIndex };
        });
        const faulty = faultyEngine(engine, () => undefined);
        const runner = createRunner({
          engine: faulty,
          dialect,
          createId: () => "run",
          random: () => 0.5,
        });
        const shadowOf = (inputs: readonly Input[]): void => {
          shadow = createState({
            dialect: isSequential ? sequential(dialect) : dialect,
            limits: { forks: 4096 },
          });
          for (const input of inputs) step(shadow, input);
        };
        const settled = (run: Run): Promise<ResultWithTree> =>
          run.result.catch((error: unknown) => {
            if (ThreadweaverError.isInstance(error) && error.partial !== undefined) return error.partial as RunResult;
            throw error;
          }) as Promise<ResultWithTree>;

        const record = new Record();
        record.onInput = () => step(shadow, record.inputs.at(-1) as Input);
        shadowOf([]);
        const whole = await settled(
          startRun(
            runner,
            { dialect, prompt: FLAVOURS[flavour].prompt, planned: plan },
            {
              tree: true,
              maxForks: 4096,
              retry: false,
              mode: isSequential ? "sequential" : "fork-join",
              recorder: record.recorder,
            },
          ),
        );
        let inputs = record.inputs;
        for (const kill of scenario.kills) {
          const kept = inputs.slice(0, Math.max(1, Math.floor(kill * inputs.length)));
          shadowOf(kept);
          const sent = new Set(kept.flatMap((input) => (input.t === "sent" ? [`run-${input.call}`] : [])));
          for (const call of faulty.firsts.keys()) if (!sent.has(call)) faulty.firsts.delete(call);
          const more = new Record();
          more.onInput = () => step(shadow, more.inputs.at(-1) as Input);
          const again = await settled(
            runner.resume(
              { header: record.upTo(0).header, inputs: kept },
              { tree: true, retry: false, recorder: more.recorder, ...combineOf({ dialect, planned: plan }) },
            ),
          );
          inputs = [...kept, ...more.inputs];
          expectSameRun(again, whole);
        }
      }),
      { numRuns: runs(60) },
    );
  }, 600_000);
});
