import { describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import type { BatchOptions, BatchOutcome, BatchProblem } from "../../src/run/batch/options.ts";
import { problemSeed } from "../../src/run/batch/seed.ts";
import type { BatchPause } from "../../src/run/calls/health.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { createRunner } from "../../src/run/runner.ts";
import { faultyEngine, type Fault } from "./faulty-engine.ts";
import { handClock } from "./hand-clock.ts";
import { hurried } from "./hurried-clock.ts";
import { turns } from "./model-engine.ts";
import { planned, scriptedEngine, type Script } from "./scripted-engine.ts";

const echo = (script: (prompt: string) => Script = (text) => ({ text })) => scriptedEngine(script);
const problems = (count: number): BatchProblem[] =>
  Array.from({ length: count }, (_, n) => ({ id: `p${n}`, input: { prompt: `${n}` } }));

interface Ran {
  outcomes: BatchOutcome[];
  error: unknown;
}

async function collect(outcomes: AsyncIterable<BatchOutcome>): Promise<Ran> {
  const ran: Ran = { outcomes: [], error: undefined };
  try {
    for await (const outcome of outcomes) ran.outcomes.push(outcome);
  } catch (error) {
    ran.error = error;
  }
  return ran;
}

function runnerOn(engine: Engine) {
  const clock = hurried();
  const runner = createRunner({ engine, dialect: threadweaver, clock, random: () => 0.5 });
  return { runner, clock };
}

function batch(
  engine: Engine,
  given: Iterable<BatchProblem> | AsyncIterable<BatchProblem>,
  options: BatchOptions = {},
): Promise<Ran> {
  return collect(runnerOn(engine).runner.batch(given, { temperature: 0, ...options }));
}

const texts = ({ outcomes }: Ran) => outcomes.map(({ result }) => result?.text ?? "").toSorted();

describe("a batch", () => {
  it("gives the result of every problem, with the problem as it was given", async () => {
    const given = [
      { id: 1, input: { prompt: "a" }, answer: 42 },
      { input: { prompt: "b" }, own: [] },
    ];
    const { runner } = runnerOn(echo());
    const seen = [];
    for await (const { problem, index, sample, result } of runner.batch(given)) {
      seen.push({ problem, index, sample, text: result?.text });
    }
    expect(seen).toEqual(given.map((problem, index) => ({ problem, index, sample: 0, text: problem.input.prompt })));
    expect(seen[0]?.problem).toBe(given[0]);
  });

  it("gives outcomes in the order in which they end", async () => {
    const engine = echo((prompt) => ({ text: prompt === "0" ? ".".repeat(50) : "quick" }));
    const { outcomes } = await batch(engine, problems(2));
    expect(outcomes.map(({ index }) => index)).toEqual([1, 0]);
  });

  it("has no more runs at once than it may, and reads no further ahead than that", async () => {
    const engine = echo();
    let taken = 0;
    function* source(): Generator<BatchProblem> {
      for (const problem of problems(20)) {
        taken += 1;
        yield problem;
      }
    }
    const { runner } = runnerOn(engine);
    let read = 0;
    for await (const _ of runner.batch(source(), { concurrency: 3 })) {
      read += 1;
      expect(taken - read).toBeLessThanOrEqual(6);
      // A slow reader: what it has not read holds new runs back.
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    expect({ read, taken, most: engine.mostAtOnce() }).toEqual({ read: 20, taken: 20, most: 3 });
  });

  it("makes several runs of each problem, each with a seed that follows from the batch's, the id and its number", async () => {
    const { outcomes } = await batch(echo(), problems(2), { samples: 3, seed: 7, concurrency: 1 });
    expect(outcomes.map(({ index, sample, result }) => [index, sample, result?.seed])).toEqual(
      [0, 1].flatMap((index) => [0, 1, 2].map((n) => [index, n, problemSeed(7, `"p${index}"`, n)])),
    );
    expect(new Set(outcomes.map(({ result }) => result?.seed)).size).toBe(6);
  });

  it("seeds the runs of a problem without an id by its place, and takes a problem's own seed for the batch's", async () => {
    const given = [{ input: { prompt: "a" } }, { input: { prompt: "b" }, id: null, options: { seed: 3 } }];
    const { outcomes } = await batch(echo(), given, { seed: 7, concurrency: 1 });
    expect(outcomes.map(({ result }) => result?.seed)).toEqual([problemSeed(7, "0", 0), problemSeed(3, "null", 0)]);
  });

  it("gives a problem its own options", async () => {
    const given = [{ input: { prompt: "abcdef" }, options: { maxTokens: 2 } }, { input: { prompt: "abcdef" } }];
    const { outcomes } = await batch(echo(), given, { concurrency: 1, maxTokens: 4 });
    expect(outcomes.map(({ result }) => result?.text)).toEqual(["ab", "abcd"]);
  });

  it("goes on where a problem fails, and gives what it had generated", async () => {
    const engine = echo((prompt) => ({ text: `said ${prompt}`, after: prompt === "1" ? "break" : "eos" }));
    const { outcomes, error } = await batch(engine, problems(3), { concurrency: 1 });
    expect(error).toBeUndefined();
    expect(outcomes.map(({ result }) => result?.text)).toEqual(["said 0", undefined, "said 2"]);
    expect(outcomes[1]?.error).toMatchObject({ code: "engine_failed", partial: { text: "said 1" } });
  });

  it("stops after some failures in a row, and leaves the rest undone", async () => {
    const engine = echo(() => ({ text: "", after: "break" }));
    const { outcomes, error } = await batch(engine, problems(50), { concurrency: 1, stopAfter: 3 });
    expect(outcomes).toHaveLength(3);
    expect(error).toMatchObject({
      code: "engine_failed",
      message: expect.stringMatching(/stopped after 3 failures in a row.*the connection was closed\./) as string,
    });
  });

  it("does not stop for problems that cannot be run, nor for failures with a success between them", async () => {
    const given = problems(9).map((problem, n) =>
      n % 3 === 2 ? problem : { input: { prompt: n % 3 === 0 ? "" : "x" } },
    );
    const engine = echo((prompt) => ({ text: "", after: prompt === "x" ? "break" : "eos" }));
    const { outcomes, error } = await batch(engine, given, { concurrency: 1, stopAfter: 2 });
    expect(error).toBeUndefined();
    expect(outcomes.map((outcome) => outcome.error?.code)).toEqual(
      Array.from({ length: 3 }, () => ["invalid_prompt", "engine_failed", undefined]).flat(),
    );
  });

  it("ends at its signal: what is finished is given, what runs is cancelled", async () => {
    const controller = new AbortController();
    const engine = echo((prompt) => ({ text: prompt, after: prompt === "2" ? "hang" : "eos" }));
    const { runner } = runnerOn(engine);
    const outcomes: BatchOutcome[] = [];
    const reading = (async () => {
      for await (const outcome of runner.batch(problems(9), { concurrency: 1, signal: controller.signal })) {
        outcomes.push(outcome);
        if (outcomes.length === 2) setImmediate(() => controller.abort(new Error("enough")));
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: "aborted", cause: { message: "enough" } });
    expect(outcomes.map(({ result }) => result?.text)).toEqual(["0", "1"]);
    await turns(2); // the engine closes its streams
    expect(engine.running()).toBe(0);
  });

  it("leaves nothing running, and closes its source, where the loop is left", async () => {
    const engine = echo((prompt) => ({ text: prompt, after: prompt === "0" ? "eos" : "hang" }));
    let isClosed = false;
    async function* source(): AsyncGenerator<BatchProblem> {
      try {
        yield* problems(9);
      } finally {
        isClosed = true;
      }
    }
    const { runner } = runnerOn(engine);
    for await (const outcome of runner.batch(source(), { concurrency: 3 })) {
      expect(outcome.result?.text).toBe("0");
      break;
    }
    await turns(2);
    expect({ isClosed, running: engine.running() }).toEqual({ isClosed: true, running: 0 });
    await runner.close();
  });

  it("throws what its source throws, after the outcomes of what had begun", async () => {
    async function* source(): AsyncGenerator<BatchProblem> {
      yield* problems(2);
      throw new Error("the disk is gone");
    }
    const ran = await batch(echo(), source());
    expect(texts(ran)).toEqual(["0", "1"]);
    expect(ran.error).toMatchObject({ message: "the disk is gone" });
  });

  it("ends where its runner is closed", async () => {
    const { runner } = runnerOn(echo());
    let closing: Promise<void> | undefined;
    const reading = (async () => {
      for await (const _ of runner.batch(problems(9), { concurrency: 1 })) closing ??= runner.close();
    })();
    await expect(reading).rejects.toMatchObject({ code: "closed" });
    await closing;
  });

  it.each([
    [{ concurrency: 0 }, /concurrency/],
    [{ samples: 1.5 }, /samples/],
    [{ stopAfter: 0 }, /stopAfter/],
    [{ temprature: 1 }, /temprature/],
    [{ temperature: -1 }, /temperature/],
    [{ onPause: 3 }, /onPause/],
    [{ recorder: { input() {} } }, /recorder/],
  ])("refuses %j before anything is run", (options, message) => {
    const { runner } = runnerOn(echo());
    expect(() => runner.batch(problems(1), options as BatchOptions)).toThrow(message);
  });
});

describe("an engine that does not answer", () => {
  const gone = (): ThreadweaverError =>
    new ThreadweaverError("engine_unavailable", "nobody there", { retryable: true });

  /** An engine that is gone for some attempts, of all calls together. */
  function goneFor(from: number, to: number, inner = echo()) {
    let attempt = 0;
    return faultyEngine(inner, (): Fault | undefined => {
      attempt += 1;
      return attempt > from && attempt <= to ? { after: 0, error: gone() } : undefined;
    });
  }

  it("pauses the batch: nothing fails, nothing new begins, and it is probed until it answers", async () => {
    const pauses: BatchPause[] = [];
    let resumed = 0;
    const engine = goneFor(3, 30);
    const ran = await batch(engine, problems(40), {
      concurrency: 4,
      onPause: (pause) => void pauses.push(pause),
      onResume: () => void (resumed += 1),
    });
    expect(ran.error).toBeUndefined();
    expect(texts(ran)).toEqual(
      problems(40)
        .map((_, n) => `${n}`)
        .toSorted(),
    );
    expect(resumed).toBe(1);
    expect(pauses[0]).toMatchObject({ failures: 1, waitMs: 1000, error: { message: "nobody there" } });
    expect(pauses.map(({ failures }) => failures)).toEqual(pauses.map((_, n) => n + 1));
    expect(pauses.map(({ waitMs }) => waitMs)).toEqual(pauses.map((_, n) => Math.min(60_000, 1000 * 2 ** n)));
  });

  it("loses no token of what it had begun", async () => {
    const script = planned({ "1": { text: " seven</Thread>" }, "2": { text: " five</Thread>" } });
    const whole = await batch(scriptedEngine(script), [{ input: { prompt: "Q" } }], { tree: true });
    let attempt = 0;
    const engine = faultyEngine(scriptedEngine(script), () => {
      attempt += 1;
      return attempt < 14 ? { after: attempt === 2 ? 3 : 0, error: gone() } : undefined;
    });
    const ran = await batch(engine, [{ input: { prompt: "Q" } }], { tree: true, retry: { perCall: 2 }, stopAfter: 20 });
    const [outcome] = ran.outcomes;
    expect(outcome?.result?.text).toBe(whole.outcomes[0]?.result?.text);
    expect(outcome?.result?.tokens.generated).toBe(whole.outcomes[0]?.result?.tokens.generated);
    expect(outcome?.result?.retries).toBe(13);
  });

  it("stops the batch after some probes: what had begun fails with what it had, the rest is undone", async () => {
    const engine = goneFor(3, Infinity);
    const pauses: number[] = [];
    const { outcomes, error } = await batch(engine, problems(40), {
      concurrency: 2,
      stopAfter: 4,
      onPause: ({ failures }) => void pauses.push(failures),
    });
    expect(pauses).toEqual([1, 2, 3]);
    expect(outcomes.filter(({ result }) => result !== undefined)).toHaveLength(3);
    const failed = outcomes.filter((outcome) => outcome.error !== undefined);
    // Two that ran, and one more for each probe in vain, since those two might have been to blame.
    expect(failed).toHaveLength(4);
    expect(error).toMatchObject({
      code: "engine_unavailable",
      message: expect.stringMatching(/stopped after 4 failures in a row, and what had not begun is undone/) as string,
    });
  });

  it("is not what a single problem makes of it that fails each time: that problem fails, and the others are run", async () => {
    const inner = echo();
    const engine = faultyEngine(inner, () => undefined);
    const complete: Engine["complete"] = (request) =>
      String.fromCodePoint(...request.prompt.slice(1)) === "0"
        ? faultyEngine(inner, () => ({ after: 0, error: gone() })).complete(request)
        : engine.complete(request);
    for (const concurrency of [1, 4]) {
      const { outcomes, error } = await batch({ ...engine, complete }, problems(20), { concurrency });
      expect(error).toBeUndefined();
      expect(outcomes.filter((outcome) => outcome.error !== undefined).map(({ index }) => index)).toEqual([0]);
      expect(outcomes).toHaveLength(20);
    }
  });

  it("is not waited for where nothing is to be tried again", async () => {
    const { outcomes, error } = await batch(goneFor(0, Infinity), problems(20), {
      retry: false,
      stopAfter: 3,
      concurrency: 1,
    });
    expect(outcomes).toHaveLength(3);
    expect(error).toMatchObject({ code: "engine_unavailable" });
  });

  it("does not keep a batch from being aborted, and leaves no timer", async () => {
    const controller = new AbortController();
    const { runner } = runnerOn(goneFor(0, Infinity));
    const options = { signal: controller.signal, onPause: () => controller.abort(), stopAfter: 1000 };
    const { outcomes, error } = await collect(runner.batch(problems(9), options));
    expect(outcomes).toEqual([]);
    expect(error).toMatchObject({ code: "aborted" });
  });

  it("does not keep a run from ending when its time is over, also where tokens were held back", async () => {
    const time = handClock(0);
    const engine: Engine = {
      ...echo(),
      async *complete() {
        yield { type: "broken", held: { ids: [0xe2], text: "\uFFFD" } };
        throw gone();
      },
    };
    const runner = createRunner({ engine, dialect: threadweaver, clock: time.clock, random: () => 0 });
    const pauses: BatchPause[] = [];
    const onPause = (pause: BatchPause): void => void pauses.push(pause);
    const made = collect(runner.batch(problems(1), { timeoutMs: 400, retry: { perCall: 1 }, onPause }));
    for (let n = 0; n < 3 && time.clock.now() < 400; n += 1) {
      await turns(5);
      expect(time.left()).not.toEqual([]);
      time.next();
    }
    const { outcomes, error } = await made;
    expect(error).toBeUndefined();
    expect(pauses).toHaveLength(1);
    expect(outcomes).toMatchObject([{ result: { ending: { kind: "length", limit: "ms" }, retries: 2 } }]);
    expect(time.left()).toEqual([]);
  });

  it("ends the batch where its callback throws", async () => {
    const onPause = (): void => {
      throw new Error("callback");
    };
    const { error } = await batch(goneFor(0, 60), problems(3), { onPause, stopAfter: 1000 });
    expect(error).toMatchObject({ message: "callback" });
  });
});

describe("the seed of a problem", () => {
  it("is that of the documented formula", () => {
    expect([problemSeed(1, '"a"', 0), problemSeed(1, '"a"', 1), problemSeed(2, '"é"', 0)]).toEqual([
      problemSeedByHand('1/"a"#0'),
      problemSeedByHand('1/"a"#1'),
      problemSeedByHand('2/"é"#0'),
    ]);
  });
});

/** FNV-1a by its definition, in exact whole numbers. */
function problemSeedByHand(text: string): number {
  let hash = 0x811c9dc5n;
  for (const byte of Buffer.from(text)) hash = ((hash ^ BigInt(byte)) * 0x01000193n) % 2n ** 32n;
  return Number(hash >> 1n);
}
