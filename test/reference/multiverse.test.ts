import { describe, expect, it } from "vitest";
import * as multiverse from "./multiverse.ts";
import { createFlavourVocabulary } from "./scripted-model.ts";
import { handwritten, script, read } from "./handwritten.ts";

describe("multiverse", () => {
  const vocabulary = createFlavourVocabulary("multiverse");
  const goal =
    "<Think>\nTwo cases.\n<Parallel>\n<Goal>\n<Outline>\n1: odd\n</Outline>\n<Outline>\n2: even\n</Outline>\n</Goal>";
  const onward = "12 in all.\n</Conclusion>\n</Parallel>\n</Think>\n\nAnswer: 12";

  it("prompts every path with a line feed, and joins only the first with one", () => {
    const model = handwritten(
      vocabulary,
      script({
        "0": [goal, onward],
        "0/1.1": [" 7 ways.\n</Path>", "\n"],
        "0/1.2": [" 5 ways.\n</Path>", "\nnever read"],
      }),
    );
    const block = `Q${goal}\n<Path>\n1: 7 ways.\n</Path>\n<Path>\n2: 5 ways.\n</Path>\n<Conclusion>\n`;
    expect(read(model, multiverse.interpret(model, "Q"))).toEqual({
      calls: [
        ["0", "Q"],
        ["0/1.1", `Q${goal}\n<Path>\n1:`],
        ["0/1.1", `Q${goal}\n<Path>\n1: 7 ways.\n</Path>`],
        ["0/1.2", `Q${goal}\n<Path>\n2:`],
        ["0/1.2", `Q${goal}\n<Path>\n2: 5 ways.\n</Path>`],
        ["0", block],
      ],
      final: `${block}${onward}`,
      ending: "eos",
    });
  });

  it("goes on behind a goal from which nothing can start", () => {
    const model = handwritten(vocabulary, script({ "0": ["<Goal></Goal>", "end"] }));
    expect(read(model, multiverse.interpret(model, "Q"))).toMatchObject({ final: "Q<Goal></Goal>end", ending: "eos" });
  });

  it("refuses a sixth level, and more than 64 paths", () => {
    const many = `<Goal>${Array.from({ length: 65 }, (_, i) => `<Outline>${i + 1}:`).join("")}</Goal>`;
    const wide = handwritten(vocabulary, script({ "0": [many, "end"] }));
    expect(read(wide, multiverse.interpret(wide, "Q")).final).toBe(`Q${many}end`);

    const deep = handwritten(vocabulary, (_, callIndex) => (callIndex === 0 ? "<Goal><Outline>1:</Goal>" : "end"));
    const deepest = "0/1.1/1.1/1.1/1.1/1.1";
    const { calls } = multiverse.interpret(deep, "Q");
    expect(Math.max(...calls.map((call) => call.threadId.length))).toBe(deepest.length);
  });
});
