import { describe, expect, it } from "vitest";
import * as parallelR1 from "./parallel-r1.ts";
import { createFlavourVocabulary } from "./scripted-model.ts";
import { handwritten, script, read } from "./handwritten.ts";

describe("parallel-r1", () => {
  const vocabulary = createFlavourVocabulary("parallel-r1");
  const start = "Let me look from two sides. <Parallel>";

  it("runs two paths from one context, then a summary", () => {
    const model = handwritten(
      vocabulary,
      script({
        "0": [start, "Both give 4.</Summary>", " Hence \\boxed{4}."],
        "0/1.1": ["By algebra x=4.</Path>"],
        "0/1.2": ["By a table x=4.</Path>"],
      }),
    );
    const block = `Q${start}<Path>By algebra x=4.</Path><Path>By a table x=4.</Path></Parallel>\n<Summary>`;
    expect(read(model, parallelR1.interpret(model, "Q"))).toEqual({
      calls: [
        ["0", "Q"],
        ["0/1.1", `Q${start}<Path>`],
        ["0/1.2", `Q${start}<Path>`],
        ["0", block],
        ["0", `${block}Both give 4.</Summary>`],
      ],
      final: `${block}Both give 4.</Summary> Hence \\boxed{4}.`,
      ending: "eos",
    });
  });

  it("closes what the model leaves open and goes on, but not after a summary that failed", () => {
    const paths = { "0/1.1": ["a"], "0/1.2": [{ text: "b", fate: "cut" as const }] };
    const block = "Q<Parallel><Path>a</Path><Path>b</Path></Parallel>\n<Summary>c";
    for (const [fate, final] of [
      ["eos", `${block}</Summary>end`],
      ["length", `${block}</Summary>end`],
      ["failed", `${block}</Summary>`],
    ] as const) {
      const model = handwritten(vocabulary, script({ "0": ["<Parallel>", { text: "c", fate }, "end"], ...paths }));
      expect(read(model, parallelR1.interpret(model, "Q"))).toMatchObject({
        final,
        ending: fate === "failed" ? "failed" : "eos",
      });
    }
  });

  it("refuses the fifth round and goes on from the same context", () => {
    const model = handwritten(vocabulary, (threadId, callIndex) => {
      if (threadId !== "0") return "</Path>";
      return callIndex > 8 ? "end" : callIndex % 2 === 0 ? "<Parallel>" : "</Summary>";
    });
    const round = "<Parallel><Path></Path><Path></Path></Parallel>\n<Summary></Summary>";
    expect(read(model, parallelR1.interpret(model, "Q")).final).toBe(`Q${round.repeat(4)}<Parallel>end`);
  });
});
