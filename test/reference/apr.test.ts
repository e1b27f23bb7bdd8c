import { describe, expect, it } from "vitest";
import * as apr from "./apr.ts";
import { createFlavourVocabulary } from "./scripted-model.ts";
import { handwritten, script, read } from "./handwritten.ts";

describe("apr", () => {
  const vocabulary = createFlavourVocabulary("apr");
  const prompt = "Moving to Node #0\nCurrent State: 24:[4, 6, 8, 8], Operations: []";
  const nodes =
    "\nGenerated Node #0,1: 24:[2, 8, 8] Operation: 6-4=2\nGenerated Node #0,2: 24:[24, 8, 8] Operation: 4*6=24\n";
  const call =
    "<Calling Sub Searches>\n<Start Sub Search 0 at level 1> Moving to Node #0,1\n<Start Sub Search 1 at level 1> Moving to Node #0,2\n<End Calling Sub Searches>";
  const first = "Moving to Node #0,1\nCurrent State: 24:[2, 8, 8], Operations: ['6-4=2']";
  const second = "Moving to Node #0,2\nCurrent State: 24:[24, 8, 8], Operations: ['4*6=24']";
  const path = `${second}\n24,24 equal: Goal Reached`;

  it("gives each sub search its node alone, and puts the results in the place of the call", () => {
    const model = handwritten(
      vocabulary,
      script({ "0": [`${nodes}${call}`, "done"], "0/1.1": ["\nno luck"], "0/1.2": [`\nyes: Goal Reached\n${path}`] }),
    );
    const joined =
      `${prompt}${nodes}<Sub Searches>\n<No Solution in Sub Search 0 at level 1 at Node #0,1>\n` +
      `<Goal Reached in Sub Search 1 at level 1 at Node #0,2>\n${path}\n<End Sub Searches>\n`;
    expect(read(model, apr.interpret(model, prompt))).toEqual({
      calls: [
        ["0", prompt],
        ["0/1.1", first],
        ["0/1.2", second],
        ["0", joined],
      ],
      final: `${joined}done`,
      ending: "eos",
    });
  });

  it("turns results that the model begins to write itself into a call", () => {
    const model = handwritten(
      vocabulary,
      script({
        "0": [`${nodes}<Sub Searches>\n<Goal Reached`, call.slice("<Calling Sub Searches>".length), "done"],
        "0/1.1": [""],
        "0/1.2": [{ text: `Goal Reached\n${path}`, fate: "cut" }],
      }),
    );
    const { calls, final } = read(model, apr.interpret(model, prompt));
    expect(calls[1]).toEqual(["0", `${prompt}${nodes}<Calling Sub Searches>`]);
    expect(final).toBe(
      `${prompt}${nodes}<Sub Searches>\n<No Solution in Sub Search 0 at level 1 at Node #0,1>\n` +
        "<No Solution in Sub Search 1 at level 1 at Node #0,2>\n<End Sub Searches>\ndone",
    );
  });

  it("takes the result of a child without room, but of none that broke off", () => {
    for (const [fate, found] of [
      ["eos", true],
      ["length", true],
      ["cut", false],
      ["failed", false],
    ] as const) {
      const child = { text: "Goal Reached\none\nGoal Reached\ntwo\nGoal Reached", fate };
      const lines = { "0": [nodes + call, ""], "0/1.1": [child], "0/1.2": [""] };
      const model = handwritten(vocabulary, script(lines));
      const result = "<Goal Reached in Sub Search 0 at level 1 at Node #0,1>\ntwo\nGoal Reached\n<No Solution";
      expect(read(model, apr.interpret(model, prompt)).final.includes(result)).toBe(found);
    }
  });

  it("adds a generated node's operation to those of its parent, and makes no call for an unknown node", () => {
    const deeper = `${nodes}Generated Node #0,2,0: 24:[24, 1] Operation: 8/8=1\n`;
    const items = ["0,2,0", "0,3", "0,2,0"].map(
      (id, n) => `<Start Sub Search ${n} at level 1> Moving to Node #${id}\n`,
    );
    const block = `<Calling Sub Searches>\n${items.join("")}<End Calling Sub Searches>`;
    const model = handwritten(vocabulary, script({ "0": [deeper + block, ""], "0/1.1": [""] }));
    const { calls, final } = read(model, apr.interpret(model, prompt));
    expect(calls[1]).toEqual([
      "0/1.1",
      "Moving to Node #0,2,0\nCurrent State: 24:[24, 1], Operations: ['4*6=24', '8/8=1']",
    ]);
    expect(calls).toHaveLength(3);
    expect(final).toContain(
      "<No Solution in Sub Search 0 at level 1 at Node #0,2,0>\n<No Solution in Sub Search 1 at level 1 at Node #0,3>\n<End Sub Searches>\n",
    );
  });

  it("is done where the last line does not end a call, and where the call names no node", () => {
    for (const text of ["no call", `${call}\nmore`, "<Calling Sub Searches>\n<End Calling Sub Searches>"]) {
      const model = handwritten(vocabulary, script({ "0": [text] }));
      expect(read(model, apr.interpret(model, prompt))).toMatchObject({ final: prompt + text, ending: "eos" });
    }
  });

  it("ends at a call of more than 64 sub searches", () => {
    const items = Array.from({ length: 65 }, (_, n) => `<Start Sub Search ${n} at level 1> Moving to Node #0,${n}\n`);
    const text = `<Calling Sub Searches>\n${items.join("")}<End Calling Sub Searches>`;
    const model = handwritten(vocabulary, script({ "0": [text] }));
    expect(read(model, apr.interpret(model, prompt))).toMatchObject({ final: prompt + text, ending: "refused" });
  });
});
