import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { telemetry } from "../../src/otel/index.ts";
import { ThreadweaverError } from "../../src/run/failure.ts";
import type { RunResult } from "../../src/run/result.ts";
import { createRunner } from "../../src/run/runner.ts";
import { runs } from "../core/drive.ts";
import { cast } from "../core/scenarios.ts";
import { FLAVOURS } from "../reference/scripted-model.ts";
import { faultyEngine } from "../run/faulty-engine.ts";
import type { EngineMode } from "../run/model-engine.ts";
import { turns } from "../run/model-engine.ts";
import { scriptedRun } from "../run/scripted-run.ts";
import { startRun } from "../run/start-run.ts";
import { Collected, placesOf } from "./collected.ts";

const scenarios = fc.record({
  seed: fc.nat(),
  order: fc.nat(),
  mode: fc.constantFrom<EngineMode>("ids", "runsOn", "spelled", "text"),
  /** Every so many-th call breaks off once. */
  breaks: fc.constantFrom(2, 3, Infinity),
  concurrency: fc.constantFrom(1, 2, 64),
  abort: fc.option(fc.nat({ max: 100 }), { nil: undefined, freq: 4 }),
});

describe.each(cast)("whatever a model of %s writes, and whatever breaks", (_, dialect, flavour) => {
  it("the tree of spans is that of the run, every span ends, and the counted tokens are the run's", async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async ({ breaks, concurrency, abort, ...scenario }) => {
        const { engine: inner, recorder, planned } = scriptedRun(dialect, flavour, scenario);
        const engine = faultyEngine(inner, (call, attempt) =>
          attempt === 1 && Number(call.split("-").at(-1)) % breaks === 1 ? { after: 3 } : undefined,
        );
        const collected = new Collected();
        const runner = createRunner({
          engine,
          dialect,
          concurrency,
          createId: () => "run",
          observe: telemetry(collected),
        });
        const options = { recorder, tree: true, retry: { baseMs: 0 } } as const;
        const run = startRun(runner, { dialect, prompt: FLAVOURS[flavour].prompt, planned }, options);
        if (abort !== undefined) void turns(abort).then(() => run.abort());
        const result = await run.result.catch(partialOf);
        if (result === undefined) return;
        expect(placesOf(collected.spans)).toEqual(placesIn(result));
        const { inputTokens, outputTokens } = result.usage;
        const metrics = await collected.metrics();
        expect(metrics.get("gen_ai.client.inference.usage.input_tokens")?.sum ?? 0).toBe(inputTokens);
        // A run that was aborted has not heard of what its calls had generated in vain.
        if (abort === undefined) {
          expect(metrics.get("gen_ai.client.inference.usage.output_tokens")?.sum ?? 0).toBe(outputTokens);
        }
        expect(metrics.get("threadweaver.run.critical_path")).toMatchObject({ sum: result.tokens.criticalPath });
      }),
      { numRuns: runs(60) },
    );
  });
});

/** Undefined where the run had not begun. */
function partialOf(error: unknown): RunResult | undefined {
  if (ThreadweaverError.isInstance(error)) return error.partial;
  throw error;
}

/** The places that a run's spans must have, by its result and its tree. */
function placesIn({ threads, tree }: RunResult): string[] {
  const places = new Map([["0", "run"]]);
  const forks = new Set<string>();
  for (const { threadId, parentId, forkId } of threads) {
    const fork = `${places.get(parentId)} > fork ${forkId}`;
    forks.add(fork);
    places.set(threadId, `${fork} > thread ${threadId}`);
  }
  const calls = (tree?.segments ?? []).flatMap(({ maker, origins = [] }) => {
    if (maker.by !== "model") return [];
    const call = `${places.get(maker.threadId)} > call ${maker.call}`;
    return [call, ...origins.map(({ attempt }) => `${call} > attempt ${attempt}`)];
  });
  return [...places.values(), ...forks, ...calls].toSorted();
}
