import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asyncthink, threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { defineDialect } from "../../src/core/dialects/dialect.ts";
import { createRunner } from "../../src/run/runner.ts";
import { readTrace } from "../../src/trace/reader.ts";
import { replayTrace } from "../../src/trace/replay.ts";
import { createTrace } from "../../src/trace/writer.ts";
import { runs } from "../core/drive.ts";
import { cast } from "../core/scenarios.ts";
import type { EngineMode } from "../run/model-engine.ts";
import { planned, scriptedEngine } from "../run/scripted-engine.ts";
import { turns } from "../run/model-engine.ts";
import { someLimits } from "../run/some-limits.ts";
import { outcome, scriptedRunner, temporaryFolder } from "./support.ts";

const scenarios = fc.record({
  seed: fc.nat(),
  order: fc.nat(),
  mode: fc.constantFrom<EngineMode>("ids", "runsOn", "spelled", "text"),
  runMode: fc.constantFrom("fork-join" as const, "fork-join" as const, "sequential" as const),
  abort: fc.option(fc.nat({ max: 150 }), { nil: undefined, freq: 3 }),
  options: fc.record(
    {
      ...someLimits,
      metadata: fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
      stop: fc.constant("."),
    },
    { requiredKeys: [] },
  ),
});

describe.each(cast)("a trace of %s", (_, dialect, flavour) => {
  it("gives every event and the result again, to the last byte, however the run ended", async () => {
    const path = temporaryFolder()("trace.jsonl");
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const { start, watched } = scriptedRunner(dialect, flavour, scenario);
        const trace = createTrace(path, { overwrite: true });
        const live: string[] = [];
        const run = start({
          ...scenario.options,
          mode: scenario.runMode,
          retry: false,
          recorder: watched(trace),
          onEvent: (event) => live.push(JSON.stringify(event)),
        });
        if (scenario.abort !== undefined) void turns(scenario.abort).then(() => run.abort("enough"));
        const { result, code } = await outcome(run.result);
        await trace.close();
        if (result === undefined) return; // it was aborted before it had begun
        const again: string[] = [];
        const replayed = replayTrace(await readTrace(path), {
          tree: true,
          onEvent: (event) => again.push(JSON.stringify(event)),
        });
        expect(replayed).toMatchObject({ proof: "equal", differences: [] });
        expect(replayed.error?.code).toBe(code);
        expect(again).toEqual(live);
        const { tree, ...summary } = result;
        const { tree: treeAgain, ...summaryAgain } = replayed.result ?? {};
        expect(JSON.stringify(summaryAgain)).toBe(JSON.stringify(summary));
        if (tree !== undefined) expect(JSON.stringify(treeAgain)).toBe(JSON.stringify(tree));
      }),
      { numRuns: runs(40) },
    );
  }, 120_000);
});

const two = planned({ "1": { text: " odd.\n</Thread>" }, "2": { text: " even.\n</Thread>" } });

/** A trace of a small run, in a folder that is gone after the test. */
async function traced(answer = two): Promise<string> {
  const path = temporaryFolder()("trace.jsonl");
  const trace = createTrace(path);
  await outcome(
    createRunner({ engine: scriptedEngine(answer), dialect: threadweaver }).run(
      { prompt: "Q" },
      { recorder: trace, retry: false },
    ).result,
  );
  await trace.close();
  return path;
}

function change(path: string, from: RegExp | string, to: string): void {
  const text = readFileSync(path, "utf8");
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  writeFileSync(path, changed);
}

describe("a replay", () => {
  it("says what differs where the file was changed", async () => {
    const path = await traced();
    change(path, /"texts":\["d"\]/, '"texts":["D"]');
    const { proof, differences, result } = replayTrace(await readTrace(path));
    expect({ proof, differences }).toEqual({ proof: "differs", differences: ["its text is another one"] });
    expect(result?.text).toContain("oDd.");
  });

  it("says which count differs", async () => {
    const path = await traced();
    change(path, /"generated":(\d+)/, '"generated":1');
    change(path, /"result":"\w+"/, '"result":"0"');
    const { differences } = replayTrace(await readTrace(path));
    expect(differences).toEqual([expect.stringMatching(/^tokens\.generated is \d+, and was 1$/)]);
  });

  it("proves nothing where the run was killed, and gives what it had made", async () => {
    const path = await traced();
    change(path, /\n\{"t":"end"[^]*$/, "\n");
    const events: string[] = [];
    const { proof, result } = replayTrace(await readTrace(path), { onEvent: ({ type }) => events.push(type) });
    expect(proof).toBe("incomplete");
    expect(result?.text).toContain("so it is");
    expect([events[0], events.includes("run-end")]).toEqual(["run-start", false]);
  });

  it("names the line of an input that does not follow from those before it", async () => {
    const path = await traced();
    change(path, /"t":"ended","at":([\d.]+),"call":\d+/, '"t":"ended","at":$1,"call":77');
    const read = await readTrace(path);
    expect(() => replayTrace(read)).toThrow(/trace\.jsonl, line \d+: this input does not follow/);
  });

  it("takes a dialect with functions of its own, and refuses another version of it", async () => {
    const path = await traced();
    const read = await readTrace(path);
    expect(replayTrace(read, { dialect: asyncthink }).proof).toBe("equal");
    const changed = defineDialect({ ...threadweaver, version: 99 });
    expect(() => replayTrace(read, { dialect: changed })).toThrow("another version of the dialect threadweaver");
  });

  it("has the warning of a listener that threw in its place", async () => {
    const path = temporaryFolder()("trace.jsonl");
    const trace = createTrace(path);
    const engine = scriptedEngine(planned({ "1": { text: " a", after: "break" }, "2": { text: " b</Thread>" } }));
    const result = await createRunner({ engine, dialect: threadweaver }).run(
      { prompt: "Q" },
      {
        recorder: trace,
        retry: false,
        onEvent: () => {
          throw new Error("a listener's mistake");
        },
      },
    ).result;
    await trace.close();
    expect(result.warnings.map(({ code }) => code)).toEqual(["listener-failed", "thread-failed"]);
    const replayed = replayTrace(await readTrace(path));
    expect(replayed.proof).toBe("equal");
    expect(replayed.result?.warnings).toEqual(result.warnings);
  });
});
