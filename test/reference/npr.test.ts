import { describe, expect, it } from "vitest";
import * as npr from "./npr.ts";
import { createFlavourVocabulary } from "./scripted-model.ts";
import { handwritten, script, read } from "./handwritten.ts";

describe("npr", () => {
  const vocabulary = createFlavourVocabulary("npr");
  const plan = "<guideline>\n<plan>1: factor.</plan>\n<plan>2: try mod 7.</plan>\n</guideline>";
  const onward = "Both agree: 3 and 4.\n</takeaway>\n\nRoots are 3 and 4, \\boxed{7}.";

  it("lets each thread write the one token behind its </step>", () => {
    const factor = " (x-3)(x-4)=0.\n</step>";
    const residues = " residues 3 and 4.\n</step>";
    const model = handwritten(
      vocabulary,
      script({ "0": [plan, onward], "0/1.1": [factor, "\nnever read"], "0/1.2": [residues, "\n"] }),
    );
    const block = `Q${plan}\n<step>\n1:${factor}\n<step>\n2:${residues}\n<takeaway>\n`;
    expect(read(model, npr.interpret(model, "Q"))).toEqual({
      calls: [
        ["0", "Q"],
        ["0/1.1", `Q${plan}\n<step>\n1:`],
        ["0/1.1", `Q${plan}\n<step>\n1:${factor}`],
        ["0/1.2", `Q${plan}\n<step>\n2:`],
        ["0/1.2", `Q${plan}\n<step>\n2:${residues}`],
        ["0", block],
      ],
      final: `${block}${onward}`,
      ending: "eos",
    });
  });

  it("drops EOS behind </step>, and keeps nothing of a call that gave nothing", () => {
    for (const tail of ["", { text: "", fate: "failed" }, { text: "", fate: "cut" }] as const) {
      const lines = { "0": ["<guideline><plan>1:</guideline>", "end"], "0/1.1": ["a</step>", tail] };
      const model = handwritten(vocabulary, script(lines));
      expect(read(model, npr.interpret(model, "Q")).final).toBe(
        "Q<guideline><plan>1:</guideline>\n<step>\n1:a</step><takeaway>\nend",
      );
    }
  });

  it("closes a thread that ends in any other way, and goes on", () => {
    for (const line of [
      "a",
      { text: "a", fate: "length" },
      { text: "a", fate: "cut" },
      { text: "a", fate: "failed" },
    ] as const) {
      const model = handwritten(
        vocabulary,
        script({ "0": ["<guideline><plan>1:</guideline>", "end"], "0/1.1": [line] }),
      );
      expect(read(model, npr.interpret(model, "Q"))).toMatchObject({
        final: "Q<guideline><plan>1:</guideline>\n<step>\n1:a\n</step>\n<takeaway>\nend",
        ending: "eos",
      });
    }
  });

  it("runs a thread's own plan by the same rules", () => {
    const model = handwritten(
      vocabulary,
      script({
        "0": ["<guideline><plan>1:</guideline>", "end"],
        "0/1.1": [" split <guideline><plan>7:</guideline>", "both</takeaway>\n</step>", "\n"],
        "0/1.1/1.1": [" deep", "never"],
      }),
    );
    const outer = "Q<guideline><plan>1:</guideline>\n<step>\n1: split <guideline><plan>7:</guideline>";
    const inner = `${outer}\n<step>\n7: deep\n</step>\n<takeaway>\n`;
    expect(read(model, npr.interpret(model, "Q"))).toEqual({
      calls: [
        ["0", "Q"],
        ["0/1.1", "Q<guideline><plan>1:</guideline>\n<step>\n1:"],
        ["0/1.1/1.1", `${outer}\n<step>\n7:`],
        ["0/1.1", inner],
        ["0/1.1", `${inner}both</takeaway>\n</step>`],
        ["0", `${inner}both</takeaway>\n</step>\n<takeaway>\n`],
      ],
      final: `${inner}both</takeaway>\n</step>\n<takeaway>\nend`,
      ending: "eos",
    });
  });

  it("ends a sequence at a </guideline> without plans", () => {
    const lost = handwritten(vocabulary, script({ "0": ["so <plan>1:</guideline> never"] }));
    expect(read(lost, npr.interpret(lost, "Q"))).toMatchObject({
      final: "Qso <plan>1:</guideline>",
      ending: "refused",
    });

    const lines = { "0": ["<guideline><plan>1:</guideline>", "end"], "0/1.1": ["a</guideline>"] };
    const thread = handwritten(vocabulary, script(lines));
    expect(read(thread, npr.interpret(thread, "Q"))).toMatchObject({
      final: "Q<guideline><plan>1:</guideline>\n<step>\n1:a</guideline>\n</step>\n<takeaway>\nend",
      ending: "eos",
    });
  });

  it("does not read a plan that stands before the last join", () => {
    const lines = { "0": ["<guideline><plan>1:</guideline>", "</guideline>"], "0/1.1": [""] };
    const model = handwritten(vocabulary, script(lines));
    expect(read(model, npr.interpret(model, "Q")).ending).toBe("refused");
  });

  it("refuses a sixth thread, and a sixth level, and goes on from the same context", () => {
    const six = `<guideline>${[1, 2, 3, 4, 5, 6].map((id) => `<plan>${id}:`).join("")}</guideline>`;
    const wide = handwritten(vocabulary, script({ "0": [six, "end"] }));
    expect(read(wide, npr.interpret(wide, "Q")).final).toBe(`Q${six}end`);

    const deep = handwritten(vocabulary, (_place, callIndex) =>
      callIndex === 0 ? "<guideline><plan>1:</guideline>" : "end",
    );
    const { calls } = npr.interpret(deep, "Q");
    const deepest = "0/1.1/1.1/1.1/1.1/1.1";
    expect(Math.max(...calls.map((call) => call.threadId.length))).toBe(deepest.length);
    expect(calls.filter((call) => call.threadId === deepest)).toHaveLength(2);
  });
});
