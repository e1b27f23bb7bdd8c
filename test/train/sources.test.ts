import { beforeAll, describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { RunHeader } from "../../src/run/recorder.ts";
import { createRunner } from "../../src/run/runner.ts";
import type { ResultWithTree } from "../../src/run/result.ts";
import { trajectoryOfResult } from "../../src/train/from-result.ts";
import { trajectoryOfTrace, type Recorded } from "../../src/train/from-trace.ts";
import { trainingUnits } from "../../src/train/units.ts";
import { planned, scriptedEngine } from "../run/scripted-engine.ts";
import { Memory } from "../trace/support.ts";

class Everything extends Memory {
  header: RunHeader | undefined;

  begin(header: RunHeader): void {
    this.header = header;
  }
}

describe("a trajectory", () => {
  let result: ResultWithTree;
  let recorded: Recorded & { header: RunHeader };
  beforeAll(async () => {
    const engine = scriptedEngine(planned({ "1": { text: " x</Thread>" }, "2": { text: " yy</Thread>" } }));
    const recorder = new Everything();
    const runner = createRunner({ engine, dialect: threadweaver });
    result = await runner.run({ prompt: "Q" }, { tree: true, temperature: 0, recorder }).result;
    const { header, inputs } = recorder;
    if (header === undefined) throw new Error("nothing was recorded");
    recorded = { header, inputs };
  });

  it("of a result has the units of the trace of its run", () => {
    const units = trainingUnits(trajectoryOfResult(JSON.parse(JSON.stringify(result)) as ResultWithTree));
    expect(units).toEqual(trainingUnits(trajectoryOfTrace(recorded)));
    expect(units.length).toBeGreaterThan(3);
    expect(units.map(({ samplingBy }) => samplingBy)).toEqual(units.map(() => "run"));
    expect(units.map(({ finishReason }) => finishReason)).toEqual(units.map(() => "stop"));
    expect(trajectoryOfResult(result).tokens.criticalPath).toBe(result.tokens.criticalPath);
  });

  it("of an interrupted run has what came until then", () => {
    const half = { ...recorded, inputs: recorded.inputs.slice(0, recorded.inputs.length >> 1) };
    const units = trainingUnits(trajectoryOfTrace(half));
    const whole = trainingUnits(trajectoryOfTrace(recorded));
    expect(units.length).toBeGreaterThan(0);
    for (const { call, responseIds, promptIds } of units) {
      const later = whole.find((unit) => unit.call === call);
      expect(later?.promptIds).toEqual(promptIds);
      expect(later?.responseIds.slice(0, responseIds.length)).toEqual(responseIds);
    }
  });

  it("is refused where its tokens are not known, or it was changed, with what to do", () => {
    const { tree, ...bare } = result;
    expect(() => trajectoryOfResult(bare)).toThrow(/no tree.*run with tree: true/s);
    const damaged = { ...tree, segments: tree.segments.slice(1) };
    expect(() => trajectoryOfResult({ ...result, tree: damaged })).toThrow(/tree of the result is damaged/);
    expect(() => trajectoryOfResult({ ...result, tokens: { generated: -1, criticalPath: 0 } })).toThrow(/generated/);
    const { header, inputs } = recorded;
    expect(() => trajectoryOfTrace({ header, inputs: inputs.slice(1), path: "t.jsonl" })).toThrow(
      /^t\.jsonl, line 2: /,
    );
    expect(() => trajectoryOfTrace({ header, inputs: [], content: "none", path: "t.jsonl" })).toThrow(/no token ids/);
  });

  it("of a call whose weights changed has a unit for each version", () => {
    const { segments } = result.tree;
    const changed = segments.map((segment) => {
      const [origin] = segment.origins ?? [];
      if (segment.maker.by !== "model" || segment.maker.call !== 1 || origin === undefined) return segment;
      const resumed = { ...origin, attempt: 2, seed: 5 };
      const origins = [
        { ...origin, weightVersion: "a" },
        { ...resumed, from: 1, weightVersion: "a" },
        { ...resumed, from: 2, weightVersion: "b" },
      ];
      return { ...segment, origins };
    });
    const units = trainingUnits(trajectoryOfResult({ ...result, tree: { ...result.tree, segments: changed } }));
    const [one, two] = units.filter(({ call }) => call === 1);
    const whole = trainingUnits(trajectoryOfResult(result)).find(({ call }) => call === 1);
    expect([one?.weightVersion, two?.weightVersion]).toEqual(["a", "b"]);
    expect([one?.part, two?.part]).toEqual([0, 1]);
    expect([one?.finishReason, two?.finishReason]).toEqual([undefined, "stop"]);
    expect(two?.promptIds).toEqual([...(one?.promptIds ?? []), ...(one?.responseIds ?? [])]);
    expect([...(one?.responseIds ?? []), ...(two?.responseIds ?? [])]).toEqual(whole?.responseIds);
  });
});
