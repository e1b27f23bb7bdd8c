import { describe, expect, it } from "vitest";
import { parallelR1 } from "../../../src/core/dialects/bundled/index.ts";
import { completesOf, play } from "../play.ts";
import { endingOf } from "./support.ts";

describe("parallel-r1", () => {
  it("runs two attempts from the same prompt, then a summary", () => {
    const played = play(parallelR1, {
      "0": ["a<Parallel>", "sum</Summary>", "end"],
      "0/1.1": ["x</Path>"],
      "0/1.2": ["y</Path>"],
    });
    expect(played.contexts["0/1.1#0"]).toBe("Q\na<Parallel><Path>");
    expect(played.contexts["0/1.2#0"]).toBe("Q\na<Parallel><Path>");
    expect(played.contexts["0#1"]).toBe("Q\na<Parallel><Path>x</Path><Path>y</Path></Parallel>\n<Summary>");
    expect(played.text).toBe("Q\na<Parallel><Path>x</Path><Path>y</Path></Parallel>\n<Summary>sum</Summary>end");
    expect(completesOf(played.effects).map(({ role, stops, sampling }) => [role, stops, sampling])).toEqual([
      ["body", ["<Parallel>"], undefined],
      ["body", ["</Path>"], { temperature: 1 }],
      ["body", ["</Path>"], { temperature: 1 }],
      ["after", ["</Summary>"], undefined],
      ["body", ["<Parallel>"], undefined],
    ]);
  });

  it.each([
    ["a summary that ends the sequence is closed and main goes on", "sum", "sum</Summary>."],
    ["so is one without room", { write: "sum", fate: "length" as const }, "sum</Summary>."],
  ])("%s", (_, summary, end) => {
    const played = play(parallelR1, {
      "0": ["<Parallel>", summary, "."],
      "0/1.1": ["x</Path>"],
      "0/1.2": ["y"],
    });
    expect(played.text).toBe(`Q\n<Parallel><Path>x</Path><Path>y</Path></Parallel>\n<Summary>${end}`);
    expect(endingOf(played)).toEqual({ kind: "eos" });
  });

  it("a summary that breaks off is closed and ends the run", () => {
    const played = play(parallelR1, {
      "0": ["<Parallel>", { write: "sum", fate: "failed" }],
      "0/1.1": ["x</Path>"],
      "0/1.2": ["y</Path>"],
    });
    expect(played.text).toMatch(/<Summary>sum<\/Summary>$/);
    expect(endingOf(played)).toEqual({ kind: "failed", message: "scripted" });
  });

  it("runs four blocks and refuses the fifth", () => {
    const block = ["<Parallel>", "s</Summary>"];
    const paths = Object.fromEntries(
      [1, 2, 3, 4].flatMap((k) => [1, 2].map((i) => [`0/${k}.${i}`, ["x</Path>"]] as const)),
    );
    const played = play(parallelR1, { "0": [...block, ...block, ...block, ...block, "<Parallel>", "."], ...paths });
    expect(played.warnings.map(({ message }) => message)).toEqual(["a fork of 2 is over the limit of 4 forks per run"]);
    expect(played.text).toMatch(/<\/Summary><Parallel>\.$/);
  });

  it("a run's own limits win over the format's", () => {
    const played = play(parallelR1, { "0": ["<Parallel>", "."] }, { limits: { forks: 0 } });
    expect(played.codes).toEqual(["fork-refused"]);
  });
});
