import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sequential } from "../../src/core/dialects/dialect.ts";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { Dialect } from "../../src/core/dialects/schema.ts";
import type { Input } from "../../src/core/machine/protocol.ts";
import { callOf, createState, sequenceOf } from "../../src/core/machine/state.ts";
import { step } from "../../src/core/machine/machine.ts";
import { generatedBy } from "../../src/core/trie/generated.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import { callSeed } from "../../src/run/calls/seed.ts";
import type { Clock } from "../../src/run/clock.ts";
import type { RunEvent } from "../../src/run/events.ts";
import type { RunOptions } from "../../src/run/options.ts";
import type { ResultWithTree, RunResult } from "../../src/run/result.ts";
import { createRunner } from "../../src/run/runner.ts";
import { chanceFrom, runs } from "../core/drive.ts";
import { cast } from "../core/scenarios.ts";
import { FLAVOURS, createFlavourVocabulary, createScriptedModel } from "../reference/scripted-model.ts";
import { faultyEngine, nameOf, type Fault, type FaultyEngine } from "./faulty-engine.ts";
import { hurried } from "./hurried-clock.ts";
import { modelEngine, type EngineMode } from "./model-engine.ts";
import { canBeSequential, startRun } from "./start-run.ts";
import { expectSameRun } from "./same-run.ts";
import { planned, scriptedEngine } from "./scripted-engine.ts";

const two = planned({ "1": { text: " seven</Thread>" }, "2": { text: " five</Thread>" } });

interface Ran {
  result: ResultWithTree | undefined;
  error: ThreadweaverError | undefined;
  events: RunEvent[];
  inputs: Input[];
  engine: FaultyEngine;
  clock: ReturnType<typeof hurried>;
}

/** A run of two threads in which attempts break off. */
async function run(
  faultOf: (call: string, attempt: number) => Fault | undefined,
  options: RunOptions = {},
): Promise<Ran> {
  const engine = faultyEngine(scriptedEngine(two), faultOf);
  const clock = hurried();
  const events: RunEvent[] = [];
  const inputs: Input[] = [];
  const runner = createRunner({ engine, dialect: threadweaver, clock, random: () => 0.5, createId: () => "run" });
  const made = runner.run(
    { prompt: "Q" },
    {
      seed: 1,
      ...options,
      tree: true,
      onEvent: (event) => void events.push(event),
      recorder: { input: (input) => void inputs.push(structuredClone(input)) },
    },
  );
  const { result, error } = await made.result.then(
    (whole) => ({ result: whole, error: undefined }),
    (thrown: unknown) => ({ result: undefined, error: thrown as ThreadweaverError }),
  );
  return { result, error, events, inputs, engine, clock };
}

/** The call of main that plans breaks off in these ways, one attempt after the other. */
function plan(...faults: Fault[]): (call: string, attempt: number) => Fault | undefined {
  return (call, attempt) => (call === "run-0" ? faults[attempt - 1] : undefined);
}

const busy = (retryAfterMs?: number): ThreadweaverError =>
  new ThreadweaverError("engine_failed", "busy", { status: 503, retryable: true, retryAfterMs });

const undisturbed = await run(() => undefined);

describe("a call that breaks off", () => {
  it.each([
    ["before its first token", [{ after: 0, error: busy() }]],
    ["after its first token", [{ after: 1 }]],
    ["again and again", [{ after: 3 }, { after: 0 }, { after: 5 }, { after: 1 }, { after: 0 }]],
    ["after its last token, whose reason is missing", [{ after: 1000 }]],
    ["without saying what it had", [{ after: 4, broken: false }]],
  ])("%s goes on from its last token: the result is that of an undisturbed run", async (_, faults) => {
    const { result, engine } = await run(plan(...faults));
    expect(result?.text).toBe(undisturbed.result?.text);
    expect(result?.complete).toBe(true);
    expect(generatedBy(result!.tree, "0").map(({ ids }) => ids)).toEqual(
      generatedBy(undisturbed.result!.tree, "0").map(({ ids }) => ids),
    );
    expect(result?.tokens).toEqual({ ...undisturbed.result?.tokens, sent: result?.tokens.sent });
    expect(result?.retries).toBe(engine.attempts.length - undisturbed.engine.attempts.length);
  });

  it("asks for no more than what is left, after all that has come, under another name and with another seed", async () => {
    const { engine, inputs, result } = await run(plan({ after: 3 }, { after: 0 }, { after: 2 }), {
      maxTokens: 200,
      temperature: 1,
    });
    const attempts = engine.attempts.filter((request) => nameOf(request).call === "run-0");
    const [first] = attempts;
    expect(attempts.map(({ id }) => id)).toEqual(["run-0", "run-0a2", "run-0a3", "run-0a4"]);
    expect(attempts.map(({ prompt }) => prompt.length - (first?.prompt.length ?? 0))).toEqual([0, 3, 3, 5]);
    expect(attempts.map(({ maxTokens }) => maxTokens)).toEqual([200, 197, 197, 195]);
    expect(attempts.map(({ sampling }) => sampling.seed)).toEqual([1, 2, 3, 4].map((n) => callSeed(1, "0", 0, n)));
    expect(new Set(attempts.map(({ sampling }) => sampling.seed)).size).toBe(4);
    const sent = inputs.filter((input) => input.t === "sent").filter(({ call }) => call === 0);
    expect(sent.map(({ attempt, promptTokens }) => [attempt, promptTokens])).toEqual(
      attempts.map(({ prompt }, n) => [n + 1, prompt.length]),
    );
    const model = result?.tree.segments.find(({ maker }) => maker.by === "model");
    expect(model?.origins?.map(({ attempt, from }) => [attempt, from])).toEqual([
      [1, 0],
      [2, 3],
      [3, 3],
      [4, 5],
    ]);
  });

  it("tells of each attempt: when it broke, with what, and when the next one comes", async () => {
    const { events } = await run(plan({ after: 2 }, { after: 0, error: busy() }));
    const told = events.filter(({ type }) => type.startsWith("call-")).slice(0, 6);
    expect(told).toMatchObject([
      { type: "call-start", call: 0, attempt: 1 },
      { type: "call-first-token", call: 0 },
      {
        type: "call-retry",
        call: 0,
        threadId: "0",
        attempt: 1,
        code: "engine_failed",
        message: "the line was cut",
        waitMs: 375,
      },
      { type: "call-start", call: 0, attempt: 2 },
      { type: "call-retry", call: 0, attempt: 2, message: "busy", status: 503, waitMs: 750 },
      { type: "call-start", call: 0, attempt: 3 },
    ]);
  });

  it("in a thread does not hold up the others, and is counted in its result", async () => {
    const { result } = await run((call, attempt) => (call === "run-2" && attempt < 3 ? { after: 2 } : undefined));
    expect(result?.text).toBe(undisturbed.result?.text);
    expect(result?.threads.map(({ calls }) => calls.map(({ attempts }) => attempts))).toEqual([[1], [3]]);
    expect(result?.retries).toBe(2);
  });
});

describe("what is waited between attempts", () => {
  const waited = async (faults: Fault[], options?: RunOptions): Promise<number[]> => {
    const { inputs } = await run(plan(...faults), options);
    return inputs.flatMap((input) => (input.t === "broke" ? [input.waitMs] : []));
  };

  it("doubles from attempt to attempt, half of it left to chance, up to the longest", async () => {
    const faults = Array.from({ length: 6 }, () => ({ after: 0 }));
    expect(await waited(faults)).toEqual([375, 750, 1500, 3000, 6000, 12_000]);
    expect(await waited(faults, { retry: { baseMs: 100, maxMs: 1000 } })).toEqual([75, 150, 300, 600, 750, 750]);
  });

  it("begins again after a token that came", async () => {
    expect(await waited([{ after: 0 }, { after: 0 }, { after: 1 }, { after: 0 }])).toEqual([375, 750, 375, 750]);
  });

  it("is what the server asks for, if that is longer, but not longer than the longest", async () => {
    const asked = (ms: number): Fault => ({ after: 0, error: busy(ms) });
    expect(await waited([asked(2000), asked(1), asked(90_000)])).toEqual([2125, 750, 30_125]);
  });

  it("is by the clock, and ends at once where the run is aborted", async () => {
    const engine = faultyEngine(scriptedEngine(two), plan({ after: 2 }));
    const scheduled: number[] = [];
    let cancelled = 0;
    const clock: Clock = {
      now: () => 5,
      schedule: (at) => {
        scheduled.push(at);
        return () => void (cancelled += 1);
      },
    };
    const runner = createRunner({ engine, dialect: threadweaver, clock, random: () => 0, createId: () => "run" });
    const made = runner.run({ prompt: "Q" });
    const reading = (async () => {
      for await (const { type } of made) if (type === "call-retry") made.abort("enough");
    })();
    await expect(reading).rejects.toMatchObject({ code: "aborted" });
    await expect(made.result).rejects.toMatchObject({ code: "aborted", partial: { text: "Sp" } });
    expect(scheduled).toEqual([255]);
    expect(cancelled).toBe(1);
  });
});

describe("what is not tried again", () => {
  const failing = (error: ThreadweaverError, options?: RunOptions) =>
    run((call) => (call === "run-0" ? { after: 1, error } : undefined), options);

  it("is what would fail again: that is the run's error at once, and nothing was waited for", async () => {
    const { error, engine } = await failing(new ThreadweaverError("engine_refused", "no such field", { status: 400 }));
    expect(error).toMatchObject({ code: "engine_refused", status: 400, threadId: "0", attempts: 1 });
    expect(engine.attempts).toHaveLength(1);
  });

  it("is a call that has been tried so often in vain: the error says what, where, how often, what is kept and what to do", async () => {
    const { error } = await run((call) => (call === "run-0" ? { after: 0 } : undefined), { retry: { perCall: 2 } });
    expect(error).toMatchObject({ code: "engine_failed", retryable: true, threadId: "0", attempts: 3 });
    expect(error?.message).toBe(
      "the line was cut. It was tried 3 times in 1.1 s. That ended the run. All 0 generated tokens are kept, in partial " +
        "of this error. A larger retry.perCall or retry.maxMs waits longer for the engine.",
    );
  });

  it("is a thread whose attempts bring nothing more: what it had is kept", async () => {
    const dialect: Dialect = { ...threadweaver, onThreadEnd: { ...threadweaver.onThreadEnd, failed: "end" } };
    const engine = faultyEngine(scriptedEngine(two), (call, attempt) =>
      call === "run-2" ? { after: attempt === 1 ? 3 : 0 } : undefined,
    );
    const runner = createRunner({ engine, dialect, clock: hurried(), random: () => 0, createId: () => "run" });
    const error = await runner.run({ prompt: "Q" }, { recorder: { name: "run.jsonl", input() {} } }).result.then(
      () => expect.fail("it cannot go on"),
      (thrown: unknown) => thrown as ThreadweaverError<RunResult>,
    );
    expect(error.message).toMatch(
      /^the line was cut\. It was tried 7 times in \d+ s\. That ended thread 0\/1\.2, and with it the run\. All \d+ generated tokens are kept, in partial of this error, and in run\.jsonl: resume goes on from there\./,
    );
    expect(error.partial?.threads[1]?.text).toContain(" fi");
    expect(error.partial?.retries).toBe(6);
  });

  it("is anything where retry is false, or the budget of the run is used up", async () => {
    for (const [retry, attempts] of [
      [false, 1],
      [{ perRun: 2 }, 3],
      [{ perCall: 0 }, 1],
    ] as const) {
      const { error } = await run((call) => (call === "run-0" ? { after: 1 } : undefined), { retry });
      expect(error).toMatchObject({ code: "engine_failed", attempts });
    }
  });

  it("is a call that has its ending, or is cancelled", async () => {
    const { engine, result } = await run(plan({ after: 1000 }));
    expect(result?.retries).toBe(0);
    expect(engine.attempts.filter((request) => nameOf(request).call === "run-0")).toHaveLength(1);
  });

  it("is a context that is full by then: the call ends as one that ran out of it", async () => {
    const inner = scriptedEngine(() => ({ text: "as long as it may be" }), 12);
    const engine = faultyEngine(inner, (_, attempt) => (attempt === 1 ? { after: 10 } : undefined));
    const runner = createRunner({ engine, dialect: threadweaver, clock: hurried() });
    const { ending, text } = await runner.run({ prompt: "Q" }, { mode: "sequential" }).result;
    expect({ ending, text }).toEqual({ ending: { kind: "length", limit: "context" }, text: "as long as" });
  });
});

it("what a run has to ask before its first call is tried again too", async () => {
  const engine = scriptedEngine(two);
  const asked = new Map<string, number>();
  const { encodeSync: _, ...tokenizer } = engine.tokenizer;
  const flaky = {
    ...engine,
    tokenizer: {
      ...tokenizer,
      encode: async (...given: Parameters<typeof tokenizer.encode>) => {
        // What was answered once is known.
        asked.set(given[0], (asked.get(given[0]) ?? 0) + 1);
        if (asked.get(given[0]) === 1) throw busy();
        return tokenizer.encode(...given);
      },
    },
  };
  const clock = hurried();
  const runner = createRunner({ engine: flaky, dialect: threadweaver, clock });
  const result = await runner.run({ prompt: "Q" }, { retry: { perCall: 20 } }).result;
  expect(result.text).toBe(undisturbed.result?.text);
  expect(clock.waits.length).toBeGreaterThanOrEqual(asked.size);
});

it("retry options that cannot be used are named", () => {
  const runner = createRunner({ engine: scriptedEngine(two), dialect: threadweaver });
  expect(() => runner.run({ prompt: "Q" }, { retry: { perCall: -1 } })).toThrow(/retry/);
  expect(() => runner.run({ prompt: "Q" }, { retry: { times: 1 } as object })).toThrow(/retry/);
});

describe.each(cast)("whatever breaks off in whichever call of %s", (_, dialect, flavour) => {
  const scenarios = fc.record({
    seed: fc.nat(),
    order: fc.nat(),
    mode: fc.constantFrom<EngineMode>("ids", "ids", "spelled"),
    sequential: fc.boolean(),
    heard: fc.boolean(),
    faults: fc.array(fc.record({ after: fc.nat({ max: 9 }), broken: fc.boolean() }), { minLength: 5, maxLength: 40 }),
  });
  type Scenario = typeof scenarios extends fc.Arbitrary<infer T> ? T : never;

  async function play(own: Dialect, scenario: Scenario, faults: Scenario["faults"]) {
    const model = createScriptedModel({ vocabulary: createFlavourVocabulary(flavour), seed: scenario.seed, flavour });
    const isSequential = scenario.sequential && canBeSequential(own);
    const shadow = createState({ dialect: isSequential ? sequential(own) : own, limits: { forks: 4096 } });
    const engine = modelEngine(model, scenario.mode, chanceFrom(scenario.order), (id) => {
      const call = callOf(shadow, id);
      return { threadId: sequenceOf(shadow, call.sequence).threadId, callIndex: call.callIndex };
    });
    // Each call has its part of them: never more in a row than are tried again.
    const faulty = faultyEngine(engine, (call, attempt) =>
      attempt > 5 ? undefined : faults[(Number(call.split("-")[1]) * 5 + attempt) % (faults.length + 7)],
    );
    const runner = createRunner({
      engine: faulty,
      dialect: own,
      clock: hurried(),
      createId: () => "run",
      random: () => 0.5,
    });
    const result = await startRun(
      runner,
      { dialect: own, prompt: FLAVOURS[flavour].prompt, planned: model.planned },
      {
        tree: true,
        temperature: 0,
        // Which of too many forks are refused depends on which thread is faster.
        maxForks: 4096,
        mode: isSequential ? "sequential" : "fork-join",
        recorder: { input: (input) => void step(shadow, structuredClone(input)) },
        ...(scenario.heard && { onEvent: () => {} }),
      },
    ).result.catch((error: unknown) => {
      // Models of these scripts break off for good, too: then what was made until then is compared.
      if (ThreadweaverError.isInstance<ResultWithTree>(error) && error.partial !== undefined) return error.partial;
      throw error;
    });
    return { result, shadow, faulty };
  }

  it("the text, every token and every count are those of the undisturbed run", async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const whole = await play(dialect, scenario, []);
        const { result, shadow, faulty } = await play(dialect, scenario, scenario.faults);
        expectSameRun(result, whole.result);
        expect(result.retries).toBe(shadow.calls.reduce((sum, { retries }) => sum + retries, 0));
        // Each attempt was sent what the calls' first attempt was sent, and after it what had come.
        const firsts = new Map<string, readonly number[]>();
        for (const request of faulty.attempts) {
          const { call } = nameOf(request);
          const first = firsts.get(call) ?? request.prompt;
          firsts.set(call, first);
          expect(request.prompt.slice(0, first.length)).toEqual(first);
        }
      }),
      { numRuns: runs(100) },
    );
  }, 600_000);
});
