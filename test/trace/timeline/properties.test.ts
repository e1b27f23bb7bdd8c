import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTrace } from "../../../src/trace/reader.ts";
import { replayTrace } from "../../../src/trace/replay.ts";
import { shownResult } from "../../../src/trace/timeline/from-result.ts";
import { shownTrace } from "../../../src/trace/timeline/from-trace.ts";
import { phasesOf } from "../../../src/trace/timeline/phases.ts";
import type { Timeline } from "../../../src/trace/timeline/timeline.ts";
import { createTrace } from "../../../src/trace/writer.ts";
import { runs } from "../../core/drive.ts";
import { cast } from "../../core/scenarios.ts";
import { turns, type EngineMode } from "../../run/model-engine.ts";
import { someLimits } from "../../run/some-limits.ts";
import { outcome, scriptedRunner, temporaryFolder } from "../support.ts";

const scenarios = fc.record({
  seed: fc.nat(),
  order: fc.nat(),
  mode: fc.constantFrom<EngineMode>("ids", "runsOn", "spelled", "text"),
  runMode: fc.constantFrom("fork-join" as const, "fork-join" as const, "sequential" as const),
  abort: fc.option(fc.nat({ max: 150 }), { nil: undefined, freq: 3 }),
  options: fc.record({ ...someLimits, stop: fc.constant(".") }, { requiredKeys: [] }),
});

describe.each(cast)("the timeline of a trace of %s", (name, dialect, flavour) => {
  it("adds up to the result, however the run ended", async () => {
    const path = temporaryFolder()("trace.jsonl");
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const { start, watched } = scriptedRunner(dialect, flavour, scenario);
        const trace = createTrace(path, { overwrite: true });
        const own = { mode: scenario.runMode, retry: false as const, recorder: watched(trace) };
        const run = start({ ...scenario.options, ...own });
        if (scenario.abort !== undefined) void turns(scenario.abort).then(() => run.abort("enough"));
        const { result: live } = await outcome(run.result);
        await trace.close();
        if (live === undefined) return; // it was aborted before it had begun
        const read = await readTrace(path);
        const { result } = replayTrace(read);
        const { timeline, reading } = shownTrace(read, "a run");
        expect(timeline.tokens).toEqual(result?.tokens);
        expect(sum(timeline.lanes.map((lane) => lane.tokens))).toBe(result?.tokens.generated);
        for (const lane of timeline.lanes) expect(sum(lane.calls.map(({ tokens }) => tokens))).toBe(lane.tokens);
        expect(sum(timeline.lanes.flatMap(({ calls }) => calls.map(({ wasted }) => wasted)))).toBe(
          result?.tokens.wasted,
        );
        expect(
          timeline.lanes
            .slice(1)
            .map(({ threadId }) => threadId)
            .sort(),
        ).toEqual(result?.threads.map(({ threadId }) => threadId).sort());
        expectTiled(timeline, "tokens", result?.tokens.criticalPath ?? 0);
        expectTiled(timeline, "ms", timeline.end.ms);
        // Each token of the longest chain was written by a call.
        expect(timeline.paths.tokens.every(({ call }) => call !== undefined)).toBe(true);
        expectOrder(timeline);
        const blocks = [...reading()];
        if (isWhole.has(name)) expect(textOf(blocks)).toBe(result?.text);
        expect(new Set(blocks.map(({ lane }) => lane)).size).toBe(timeline.lanes.length);
        for (const { spans } of blocks) expect(sum(spans.map(([, text]) => text.length))).toBeLessThanOrEqual(2001);
      }),
      { numRuns: runs(40) },
    );
  }, 120_000);

  it("is the same without times where it comes from a result with its tree", async () => {
    const path = temporaryFolder()("trace.jsonl");
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const { start, watched } = scriptedRunner(dialect, flavour, scenario);
        const trace = createTrace(path, { overwrite: true });
        const own = { mode: scenario.runMode, retry: false as const, recorder: watched(trace), tree: true as const };
        const { result } = await outcome(start({ ...scenario.options, ...own }).result);
        await trace.close();
        if (result?.tree === undefined) return;
        const { timeline, reading } = shownResult(JSON.parse(JSON.stringify(result)), "x", "a run");
        const traced = shownTrace(await readTrace(path), "a run");
        const facts = ({ lanes }: Timeline) =>
          lanes.map(({ threadId, tokens, depth, name }) => ({ threadId, tokens, depth, name }));
        expect(facts(timeline)).toEqual(facts(traced.timeline));
        expect(timeline.axes).toEqual(["tokens"]);
        if (timeline.paths.tokens.length > 0) {
          const places = ({ lanes }: Timeline) => lanes.map(({ from, to }) => [from.tokens, to.tokens]);
          if (!goesOn.has(name)) expect(places(timeline)).toEqual(places(traced.timeline));
          expectTiled(timeline, "tokens", result.tokens.criticalPath);
        } else expect(goesOn.has(name) || result.tokens.criticalPath === 0).toBe(true);
        const text = textOf([...reading()]);
        if (isWhole.has(name)) expect(text).toBe(result.text);
        for (const thread of result.threads) if (!isWhole.has(name)) expect(text).toContain(thread.text);
      }),
      { numRuns: runs(40) },
    );
  }, 120_000);
});

/** Formats whose main writes on while its threads run. */
const goesOn = new Set(["apr", "asyncthink"]);

/** Formats in which the joined text is that of main with its threads in it. */
const isWhole = new Set(["threadweaver", "threadweaver-conclusion", "parallel-r1", "npr", "multiverse"]);

function textOf(blocks: readonly { spans: readonly (readonly [string, string])[] }[]): string {
  return blocks.flatMap(({ spans }) => spans.filter(([by]) => by !== "prompt").map(([, text]) => text)).join("");
}

function expectTiled({ paths, lanes }: Timeline, axis: "ms" | "tokens", end: number): void {
  let at = 0;
  for (const { from, to, lane, call } of paths[axis]) {
    expect(from).toBe(at);
    expect(to).toBeGreaterThan(from);
    const span = call === undefined ? undefined : lanes[lane]?.calls[call];
    if (span !== undefined && axis === "tokens") expect(from).toBe(span.before);
    if (span !== undefined && axis === "ms") expect([from, to <= span.end]).toEqual([span.asked, true]);
    at = to;
  }
  expect(at).toBe(end);
}

/** Every lane lies after its parent and inside of it, and what happens to a call happens in order. */
function expectOrder({ lanes, forks, end }: Timeline): void {
  for (const [index, lane] of lanes.entries()) {
    const fork = lane.fork === undefined ? undefined : forks[lane.fork];
    if (fork !== undefined) {
      expect(fork.threads).toContain(index);
      expect(fork.lane).toBeLessThan(index);
      expect(fork.at).toEqual(lane.from);
    }
    for (const call of lane.calls) {
      const { asked, attempts, end: over } = call;
      const times = [lane.from.ms, asked, ...attempts.flatMap(({ sent, first = sent }) => [sent, first])];
      expect([...times, over, end.ms]).toEqual([...times, over, end.ms].toSorted((a, b) => a - b));
      expect(sum(phasesOf(call).map((phase) => phase.to - phase.from))).toBeCloseTo(over - asked, 6);
    }
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
