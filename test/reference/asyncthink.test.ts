import { describe, expect, it } from "vitest";
import * as asyncthink from "./asyncthink.ts";
import { createFlavourVocabulary } from "./scripted-model.ts";
import type { Model, Output } from "./transcript.ts";
import { type Line, handwritten, script, read } from "./handwritten.ts";

describe("asyncthink", () => {
  const vocabulary = createFlavourVocabulary("asyncthink");
  const start = "<FORK-1>solve the odd case</FORK-1>\nMeanwhile the even case is 5.\n<JOIN-1>";

  it("starts a worker at a closed fork and puts its return behind the join", () => {
    const model = handwritten(
      vocabulary,
      script({
        "0": [`${start} never read`, "\n<ANSWER>12</ANSWER>"],
        "0/1.1": ["So <RETURN>odd case gives 7</RETURN> never read"],
      }),
    );
    expect(read(model, asyncthink.interpret(model, "Q\n"))).toEqual({
      calls: [
        ["0", "Q\n"],
        ["0/1.1", "solve the odd case\n"],
        ["0", `Q\n${start}odd case gives 7</JOIN-1>`],
      ],
      final: `Q\n${start}odd case gives 7</JOIN-1>\n<ANSWER>12</ANSWER>`,
      ending: "eos",
    });
  });

  it("keeps the join's part of a token that goes on behind it, spelled out", () => {
    const ids = [...vocabulary.encode("<JOIN-"), vocabulary.idOfMerge("1> "), ...vocabulary.encode("x")];
    const outputs: readonly Output[] = [
      { ids, fate: "length" },
      { ids: [vocabulary.eos], fate: "eos" },
    ];
    const model: Model = { vocabulary, output: (_context, _place, callIndex) => outputs[callIndex]! };
    const { final } = asyncthink.interpret(model, "Q");
    expect(final).toEqual([vocabulary.bos, ...vocabulary.encode("Q<JOIN-1></JOIN-1>"), vocabulary.eos]);
  });

  it("reads the latest opening, and takes another fork's close as text", () => {
    const text = "<FORK-1>lost<FORK-2>a</FORK-1>b</FORK-2></FORK-1><FORK-2>again</FORK-2><FORK-3>c<JOIN-3></FORK-3>";
    const model = handwritten(vocabulary, script({ "0": [text, ""], "0/1.1": ["never joined"] }));
    expect(read(model, asyncthink.interpret(model, "Q")).calls).toEqual([
      ["0", "Q"],
      ["0/1.1", "a</FORK-1>b\n"],
      ["0", `Q${text.slice(0, text.indexOf("</FORK-3>"))}</JOIN-3>`],
    ]);
  });

  it("takes as the return what stands in <RETURN>, or everything, and nothing of a broken worker", () => {
    const cases: [Line, string][] = [
      ["a<RETURN>b", "b"],
      ["a</RETURN>b", "a"],
      ["a", "a"],
      [{ text: "a<RETURN>b", fate: "length" }, "b"],
      [{ text: "a<RETURN>b", fate: "cut" }, ""],
      [{ text: "a<RETURN>b", fate: "failed" }, ""],
      [{ text: "<RETURN>b</RETURN>c", fate: "failed" }, "b"],
    ];
    for (const [line, result] of cases) {
      const model = handwritten(vocabulary, script({ "0": ["<FORK-1></FORK-1><JOIN-1>", ""], "0/1.1": [line] }));
      expect(read(model, asyncthink.interpret(model, "")).final).toBe(`<FORK-1></FORK-1><JOIN-1>${result}</JOIN-1>`);
    }
  });

  it("ignores a fork while 64 workers wait to be joined", () => {
    const forks = Array.from({ length: 65 }, (_, index) => `<FORK-${index}></FORK-${index}>`).join("");
    const model = handwritten(vocabulary, (threadId, callIndex) => {
      if (threadId !== "0") return "r";
      return [`${forks}<JOIN-64>`, "<JOIN-0>", "<FORK-x></FORK-x><JOIN-x>", ""][callIndex]!;
    });
    const { calls, final } = read(model, asyncthink.interpret(model, ""));
    expect(calls.filter(([threadId]) => threadId !== "0")).toHaveLength(65);
    expect(final).toBe(`${forks}<JOIN-64></JOIN-64><JOIN-0>r</JOIN-0><FORK-x></FORK-x><JOIN-x>r</JOIN-x>`);
  });
});
