import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { step } from "../../src/core/machine/machine.ts";
import { callOf, createState, sequenceOf, type State } from "../../src/core/machine/state.ts";
import { serializeTrie } from "../../src/core/trie/serialize.ts";
import type { Dialect } from "../../src/core/dialects/schema.ts";
import { sequential } from "../../src/core/dialects/dialect.ts";
import type { Input } from "../../src/core/machine/protocol.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import type { RunEvent } from "../../src/run/events.ts";
import type { RunOptions } from "../../src/run/options.ts";
import type { RunResult } from "../../src/run/result.ts";
import type { Run } from "../../src/run/run.ts";
import { createRunner } from "../../src/run/runner.ts";
import { chanceFrom, runs } from "../core/drive.ts";
import { cast } from "../core/scenarios.ts";
import { FLAVOURS, createFlavourVocabulary, createScriptedModel, type Flavour } from "../reference/scripted-model.ts";
import type { Planned } from "../reference/transcript.ts";
import { modelEngine, turns, type EngineMode, type ModelEngine } from "./model-engine.ts";
import { canBeSequential, startRun } from "./start-run.ts";
import { someLimits } from "./some-limits.ts";
import { textsOf } from "./texts.ts";

/**
 * `late`, `slow`: as it says. `leaves`: after some events. `text`: reads the text only. `throws`, `recorder`: `onEvent` and the recorder throw. `stops`,
 * `aborts`: they abort the run.
 */
const readers = ["text", "lateText", "slowText"] as const;
const listeners = [
  "none",
  "all",
  "late",
  "slow",
  "leaves",
  "throws",
  "recorder",
  "aborts",
  "stops",
  ...readers,
] as const;

const scenarios = fc.record({
  seed: fc.nat(),
  order: fc.nat(),
  mode: fc.constantFrom<EngineMode>("ids", "ids", "runsOn", "spelled", "text"),
  sequential: fc.boolean(),
  listener: fc.constantFrom(...listeners),
  after: fc.nat({ max: 40 }),
  abort: fc.option(fc.nat({ max: 150 }), { nil: undefined, freq: 3 }),
  concurrency: fc.constantFrom(1, 2, 64),
  options: fc.record(someLimits, { requiredKeys: [] }),
});
type Scenario = typeof scenarios extends fc.Arbitrary<infer T> ? T : never;

interface Played {
  engine: ModelEngine;
  shadow: State;
  result: RunResult | undefined;
  error: ThreadweaverError | undefined;
  events: RunEvent[];
  /** What `textStream` gave. */
  chunks: string[];
  planned: Planned | undefined;
}

async function play(dialect: Dialect, flavour: Flavour, scenario: Scenario): Promise<Played> {
  const { seed, order, mode, options, listener, after, concurrency } = scenario;
  const isSequential = scenario.sequential && canBeSequential(dialect);
  const model = createScriptedModel({ vocabulary: createFlavourVocabulary(flavour), seed, flavour });
  const own = isSequential ? sequential(dialect) : dialect;
  // A second machine, fed with the log of the first: it says where each call stands, and must come to the same end.
  const shadow = createState({ dialect: own, limits: limitsOf(options, dialect) });
  const engine = modelEngine(model, mode, chanceFrom(order), (id) => {
    // A recorder that threw hears of no more calls: then any text does.
    const call = shadow.calls[id] ?? callOf(shadow, 0);
    return { threadId: sequenceOf(shadow, call.sequence).threadId, callIndex: call.callIndex };
  });
  let runCount = 0;
  const createId = () => `run${(runCount += 1)}`;
  const runner = createRunner({ engine, dialect, concurrency, createId, random: () => 0.5 });
  let heard = 0;
  const hasHeard = (): boolean => (heard += 1) > after;
  const { planned } = model;
  const run: Run = startRun(
    runner,
    { dialect, prompt: FLAVOURS[flavour].prompt, planned },
    {
      ...options,
      tree: true,
      mode: isSequential ? "sequential" : "fork-join",
      recorder: {
        input: (input) => {
          step(shadow, JSON.parse(JSON.stringify(input)) as Input);
          if (listener === "recorder" && input.t === "ended" && hasHeard()) throw new Error("disk full");
          if (listener === "aborts" && hasHeard()) run.abort("the recorder had enough");
        },
      },
      ...(listener === "stops" && {
        onEvent: () => {
          if (hasHeard()) run.abort("the listener had enough");
        },
      }),
      ...(listener === "throws" && {
        onEvent: () => {
          if (hasHeard()) throw new Error("a listener's mistake");
        },
      }),
    },
  );
  const reading = read(run, scenario);
  const readingText = readText(run, scenario);
  if (scenario.abort !== undefined) void turns(scenario.abort).then(() => run.abort("enough"));
  const settled = run.result.then(
    (result) => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error }),
  );
  const outcome = await Promise.race([settled, turns(20_000).then(() => "still pending" as const)]);
  if (outcome === "still pending") throw new Error("the run did not settle");
  const { result, error } = outcome;
  if (error !== undefined && !ThreadweaverError.isInstance(error)) throw error;
  const events = await reading;
  const chunks = await readingText;
  await turns(2);
  // No slot is left: another run on the same runner comes to its end.
  const next = runner.run({ prompt: "next" }, { mode: "sequential", maxTokens: 1, recorder: { input: () => {} } });
  const free = await Promise.race([
    next.result.then(
      () => true,
      () => true,
    ),
    turns(2_000).then(() => false),
  ]);
  expect(free).toBe(true);
  return {
    engine,
    shadow,
    result: result ?? (error?.partial as RunResult | undefined),
    error,
    events,
    chunks,
    planned,
  };
}

function limitsOf(options: RunOptions, { plan }: Dialect) {
  const { maxTokens, maxThreadTokens, maxCriticalTokens, maxCalls } = options;
  const { maxThreads, maxForks } = plan.source === "host" ? {} : options;
  return {
    runTokens: maxTokens,
    threadTokens: maxThreadTokens,
    criticalTokens: maxCriticalTokens,
    threads: maxThreads,
    forks: maxForks,
    calls: maxCalls,
  };
}

async function read(run: Run, { listener, after }: Scenario): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  if (listener === "none" || isReader(listener)) return events;
  if (listener === "late") await turns(after);
  try {
    for await (const event of run.events()) {
      events.push(structuredClone(event));
      if (listener === "slow" && events.length === after) await run.result.catch(() => {});
      if (listener === "leaves" && events.length > after) break;
    }
  } catch {
    // the run's own error, which `result` has too
  }
  return events;
}

function isReader(listener: Scenario["listener"]): boolean {
  return readers.some((reader) => reader === listener);
}

async function readText(run: Run, { listener, after }: Scenario): Promise<string[]> {
  const chunks: string[] = [];
  if (!isReader(listener)) return chunks;
  if (listener === "lateText") await turns(after);
  try {
    for await (const chunk of run.textStream) {
      chunks.push(chunk);
      if (listener === "slowText") await turns(after % 7);
    }
  } catch {
    // the run's own error, which `result` has too
  }
  return chunks;
}

describe.each(cast)(
  "whatever a model of %s writes, on any engine, for any listener, stopped at any moment",
  (_, dialect, flavour) => {
    const numRuns = Number(process.env["LOOP_RUNS"] ?? runs(150));

    it("a run settles, leaves nothing behind, tells exactly its text, counts every token once and keeps its budgets", async () => {
      await fc.assert(
        fc.asyncProperty(scenarios, async (scenario) => {
          const { engine, shadow, result, error, events, chunks, planned } = await play(dialect, flavour, scenario);
          const { options, listener, mode } = scenario;
          expect(engine.running()).toBe(0);
          if (error !== undefined) expect(["aborted", "engine_failed"]).toContain(error.code);
          if (result === undefined) {
            expect(error?.code).toBe("aborted"); // before it had begun
            return;
          }

          if (result.tree === undefined) expect.fail("a result without the tree that was asked for");
          const { head, ...tree } = result.tree;
          expect(head.segment).toBeLessThan(tree.segments.length);
          if (listener !== "recorder") expect(serializeTrie(shadow.trie)).toEqual(tree);

          if (isReader(listener)) {
            // Nothing was ever taken back, so all of it together is the text.
            const isRendered = dialect.join.shape === "display" && error !== undefined;
            expect(chunks.join("")).toBe(isRendered ? "" : result.text);
            expect(chunks).not.toContain("");
          }
          const isWhole = !["none", "leaves"].includes(listener) && events.length > 0;
          if (isWhole) {
            const texts = textsOf(events);
            if (dialect.join.shape !== "display") expect(texts.get("0") ?? "").toBe(result.text);
            for (const { threadId, text } of result.threads) expect(texts.get(threadId) ?? "").toBe(text);
          }

          const { generated, wasted, criticalPath } = result.tokens;
          expect(criticalPath).toBeLessThanOrEqual(generated);
          if (listener !== "recorder") {
            for (const call of shadow.calls) {
              const came = engine.delivered.get(`run1-${call.id}`) ?? 0;
              if (engine.aborted.has(`run1-${call.id}`)) expect(call.tokens + call.wasted).toBeLessThanOrEqual(came);
              else expect(call.tokens + call.wasted).toBe(came);
            }
            expect(shadow.calls.reduce((sum, call) => sum + call.tokens, 0)).toBe(generated);
            expect(shadow.calls.reduce((sum, call) => sum + call.wasted, 0)).toBe(wasted);
          }
          const { maxTokens = Infinity, maxThreadTokens = Infinity, maxCriticalTokens = Infinity } = options;
          // A piece of two tokens is not parted.
          expect(generated).toBeLessThanOrEqual(maxTokens + 1);
          expect(criticalPath).toBeLessThanOrEqual(maxCriticalTokens + 1);
          for (const [i, { tokens, name, index, text }] of result.threads.entries()) {
            const branch = planned?.branches[i];
            expect(tokens).toBeLessThanOrEqual((branch?.maxTokens ?? maxThreadTokens) + 1);
            if (branch === undefined) continue;
            // The branches are there in their order, whatever became of them, and what main goes on after is made of them.
            expect([name, index]).toEqual([branch.name, i + 1]);
            expect(result.threads).toHaveLength(planned?.branches.length ?? 0);
            const turns = result.tree.segments.filter(({ maker }) => maker.by === "runtime" && maker.why === "return");
            for (const { texts } of turns) expect(texts?.join("")).toContain(`${i}=${text}`.toWellFormed());
          }
          if (maxTokens < Infinity && mode !== "text") {
            // What was paid for: at most one part a running call more, each no larger than its share of the pot.
            const came = shadow.calls.reduce((sum, { id }) => sum + (engine.delivered.get(`run1-${id}`) ?? 0), 0);
            const calls = Math.max(1, shadow.calls.length);
            expect(came - generated).toBeLessThanOrEqual(calls * engine.largest());
          }
          const codes = result.warnings.map(({ code }) => code);
          if (listener === "recorder")
            expect(codes.filter((code) => code === "recorder-failed").length).toBeLessThanOrEqual(1);
          expect(result.complete).toBe(result.incomplete.length === 0);
        }),
        { numRuns },
      );
    }, 600_000);
  },
);
