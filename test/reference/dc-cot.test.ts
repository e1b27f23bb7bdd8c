import { describe, expect, it } from "vitest";
import * as dcCot from "./dc-cot.ts";
import { createFlavourVocabulary } from "./scripted-model.ts";
import { handwritten, script, read } from "./handwritten.ts";

describe("dc-cot", () => {
  const vocabulary = createFlavourVocabulary("dc-cot");
  const start = "Let me split this. <spawn_workers>";
  const block =
    `Q${start}<worker_1>x is 1.</worker_1><worker_2>y is 2.</worker_2><worker_3>z is 3.</worker_3>` +
    "</spawn_workers>";

  it("runs three workers from one context, each up to its own number, and goes on behind them", () => {
    const model = handwritten(
      vocabulary,
      script({
        "0": [`${start} never read`, "So 6."],
        "0/1.1": ["x is 1.</worker_1> nor this"],
        "0/1.2": ["y is 2.</worker_2>"],
        "0/1.3": ["z is 3.</worker_3>"],
      }),
    );
    expect(read(model, dcCot.interpret(model, "Q"))).toEqual({
      calls: [
        ["0", "Q"],
        ["0/1.1", `Q${start}<worker_1>`],
        ["0/1.2", `Q${start}<worker_2>`],
        ["0/1.3", `Q${start}<worker_3>`],
        ["0", block],
      ],
      final: `${block}So 6.`,
      ending: "eos",
    });
  });

  it("takes another worker's end for text, and adds nothing to a worker that did not end itself", () => {
    const model = handwritten(
      vocabulary,
      script({
        "0": ["<spawn_workers>", "end"],
        "0/1.1": ["a</worker_2></worker_1>"],
        "0/1.2": [{ text: "b", fate: "length" }],
        "0/1.3": ["c"],
      }),
    );
    const { final } = read(model, dcCot.interpret(model, "Q"));
    expect(final).toBe("Q<spawn_workers><worker_1>a</worker_2></worker_1><worker_2>b<worker_3>c</spawn_workers>end");
  });

  it("counts its budget on the longest worker of a round", () => {
    const lines = { "0": ["<spawn_workers>", "so it ends"], "0/1.1": ["a"], "0/1.2": ["abcdef"], "0/1.3": ["abc"] };
    const model = handwritten(vocabulary, script(lines));
    // 15 tokens for main, 7 for the longest worker and its end of sequence: that leaves 2.
    const { calls, final, ending } = read(model, dcCot.interpret(model, "Q", 24));
    expect(calls).toHaveLength(5);
    expect(final).toMatch(/<\/spawn_workers>so$/);
    expect(ending).toBe("length");
  });
});
