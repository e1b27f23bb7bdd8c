import { describe, expect, it } from "vitest";
import { dcCot } from "../../../src/core/dialects/bundled/index.ts";
import { completesOf, play } from "../play.ts";
import { endingOf, threadEndings } from "./support.ts";

describe("dc-cot", () => {
  const spawn = "a<spawn_workers>";
  const block = `Q\n${spawn}<worker_1>x</worker_1><worker_2>y</worker_2><worker_3>z</worker_3></spawn_workers>`;
  const workers = { "0/1.1": ["x</worker_1>"], "0/1.2": ["y</worker_2>"], "0/1.3": ["z</worker_3>"] };

  it.each(["ids", "spelled", "text"] as const)(
    "sends these bytes, and stops each worker at its own tag (%s)",
    (mode) => {
      const played = play(dcCot, { "0": [spawn, "end"], ...workers }, { mode });
      expect(played.contexts).toEqual({
        "0#0": "Q\n",
        "0/1.1#0": `Q\n${spawn}<worker_1>`,
        "0/1.2#0": `Q\n${spawn}<worker_2>`,
        "0/1.3#0": `Q\n${spawn}<worker_3>`,
        "0#1": block,
      });
      expect(played.text).toBe(`${block}end`);
      expect(completesOf(played.effects).map(({ threadId, stops, sampling }) => [threadId, stops, sampling])).toEqual([
        ["0", ["<spawn_workers>"], undefined],
        ["0/1.1", ["</worker_1>"], undefined],
        ["0/1.2", ["</worker_2>"], undefined],
        ["0/1.3", ["</worker_3>"], undefined],
        ["0", ["<spawn_workers>"], undefined],
      ]);
    },
  );

  it.each(["ids", "spelled"] as const)("takes another worker's tag, and a spawn in a worker, for text (%s)", (mode) => {
    const played = play(
      dcCot,
      {
        "0": [spawn, "end"],
        "0/1.1": ["x</worker_2></worker_3></worker_1>"],
        "0/1.2": ["y<spawn_workers></worker_2>"],
        "0/1.3": ["z</worker_1></worker_3>"],
      },
      { mode },
    );
    expect(played.text).toBe(
      `Q\n${spawn}<worker_1>x</worker_2></worker_3></worker_1><worker_2>y<spawn_workers></worker_2>` +
        "<worker_3>z</worker_1></worker_3></spawn_workers>end",
    );
    expect(played.state.forks).toHaveLength(1);
  });

  it("joins workers that did not end themselves as far as they came, and goes on", () => {
    const played = play(dcCot, {
      "0": [spawn, "end"],
      "0/1.1": ["x"],
      "0/1.2": [{ write: "y", fate: "length" }],
      "0/1.3": [{ write: "z", fate: "failed" }],
    });
    expect(played.text).toBe(`Q\n${spawn}<worker_1>x<worker_2>y<worker_3>z</spawn_workers>end`);
    expect(threadEndings(played).map(([, ending]) => ending)).toEqual([
      { kind: "eos" },
      { kind: "length", limit: "context" },
      { kind: "failed", message: "scripted" },
    ]);
    expect(played.codes).toEqual(["thread-out-of-tokens", "thread-failed"]);
    expect(endingOf(played)).toEqual({ kind: "eos" });
  });

  it("ends at the tag of a spawn that is over the limit of rounds", () => {
    const played = play(dcCot, { "0": [spawn, spawn], ...workers }, { limits: { forks: 1 } });
    expect(played.text).toBe(`${block}${spawn}`);
    expect(endingOf(played)).toEqual({ kind: "refused", limit: "forks" });
  });

  it("leaves calls for all the rounds that its authors allow", () => {
    expect(dcCot.limits).toMatchObject({ forks: 1000, calls: 1000 + 4 });
    const forks = 20;
    const lines = Object.fromEntries(
      Array.from({ length: forks }, (_, i) => [1, 2, 3].map((n) => [`0/${i + 1}.${n}`, [`</worker_${n}>`]])).flat(),
    ) as Record<string, string[]>;
    const main = [...Array<string>(forks).fill("<spawn_workers>"), "end"];
    const limited = (calls: number) => play(dcCot, { "0": main, ...lines }, { limits: { forks, calls } });
    expect(limited(forks + 4)).toMatchObject({ codes: [], state: { forks: { length: forks } } });
    expect(limited(forks + 3).codes).toEqual(["calls-used-up"]);
  });

  it("counts a budget of the critical path as its authors count the parallel length", () => {
    const budget = 2 + 3 + 2; // main, its longest worker, and what that leaves to main
    const lines = { "0": [spawn, "end"], ...workers, "0/1.2": ["yy</worker_2>"] };
    const played = play(dcCot, lines, { limits: { criticalTokens: budget } });
    expect(completesOf(played.effects).map(({ maxTokens }) => maxTokens)).toEqual([7, 5, 5, 5, 2]);
    expect(played.text).toMatch(/<\/spawn_workers>en$/);
    expect(endingOf(played)).toEqual({ kind: "length", limit: "criticalTokens" });
  });
});
