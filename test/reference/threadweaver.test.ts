import { describe, expect, it } from "vitest";
import { createFlavourVocabulary } from "./scripted-model.ts";
import * as threadweaver from "./threadweaver.ts";
import { handwritten, script, read } from "./handwritten.ts";

describe("threadweaver", () => {
  const vocabulary = createFlavourVocabulary("threadweaver");
  const plan =
    "<think>\nSplit it.\n<Parallel>\n<Outlines>\n<Outline>1: odd case</Outline>\n<Outline>2: even case</Outline>\n</Outlines>";
  const onward = "</Parallel>\nSo the total is 12.\n</think>\n\\boxed{12}";
  const odd = " n=2k+1 gives 7.\n</Thread>";
  const even = " n=2k gives 5.\n</Thread>";
  const spliced = "\n<Thread>\n1: n=2k+1 gives 7.\n</Thread><Thread>\n2: n=2k gives 5.\n</Thread>";

  it("forks at </Outlines> and goes on behind the spliced threads", () => {
    const model = handwritten(
      vocabulary,
      script({ "0": [`${plan}\nnever read`, onward], "0/1.1": [`${odd} never read`], "0/1.2": [even] }),
    );
    const transcript = threadweaver.interpret(model, "Q\n");
    expect(read(model, transcript)).toEqual({
      calls: [
        ["0", "Q\n"],
        ["0/1.1", `Q\n${plan}\n<Thread>\n1:`],
        ["0/1.2", `Q\n${plan}\n<Thread>\n2:`],
        ["0", `Q\n${plan}${spliced}\n`],
      ],
      final: `Q\n${plan}${spliced}\n${onward}`,
      ending: "eos",
    });
    expect(transcript.calls.map((call) => call.callIndex)).toEqual([0, 0, 0, 1]);
    expect(transcript.final.at(-1)).toBe(vocabulary.eos);
  });

  it("opens a conclusion behind the threads in the older mode", () => {
    const model = handwritten(
      vocabulary,
      script({ "0": [plan, "12.\n</Conclusion>"], "0/1.1": [odd], "0/1.2": [even] }),
    );
    expect(read(model, threadweaver.interpretConclusion(model, "Q\n")).final).toBe(
      `Q\n${plan}${spliced}\n<Conclusion>\n12.\n</Conclusion>`,
    );
  });

  it("closes a thread that ends in EOS, or runs out of room, and ends the run behind the block", () => {
    for (const fate of ["eos", "length"] as const) {
      const model = handwritten(
        vocabulary,
        script({ "0": [plan], "0/1.1": [{ text: " seven", fate }], "0/1.2": [even] }),
      );
      const block = `Q\n${plan}\n<Thread>\n1: seven\n</Thread><Thread>\n2:${even}`;
      const { final, ending } = read(model, threadweaver.interpret(model, "Q\n"));
      expect({ final, ending }).toEqual({ final: `${block}\n</Parallel>`, ending: fate });
      expect(read(model, threadweaver.interpretConclusion(model, "Q\n")).final).toBe(
        `${block}\n<Conclusion>\n</Conclusion>\n</Parallel>`,
      );
    }
  });

  it("closes a thread that was cut, or failed, and goes on", () => {
    for (const fate of ["cut", "failed"] as const) {
      const lines = { "0": [plan, "go on"], "0/1.1": [{ text: " sev", fate }], "0/1.2": [even] };
      const model = handwritten(vocabulary, script(lines));
      expect(read(model, threadweaver.interpret(model, "Q\n"))).toMatchObject({
        final: `Q\n${plan}\n<Thread>\n1: sev\n</Thread><Thread>\n2:${even}\ngo on`,
        ending: "eos",
      });
    }
  });

  it("takes each id behind the last <Outlines> once, in the order written", () => {
    const first = "<Outlines><Outline>8:</Outline><Outlines><Outline> 2.1 : a\n<Outline>1:b<Outline>2.1: c</Outlines>";
    const model = handwritten(vocabulary, (threadId, callIndex) =>
      threadId !== "0" ? "" : callIndex === 0 ? first : "end",
    );
    expect(read(model, threadweaver.interpret(model, "Q")).calls.slice(1)).toEqual([
      ["0/1.1", `Q${first}\n<Thread>\n2.1:`],
      ["0/1.2", `Q${first}\n<Thread>\n1:`],
    ]);
  });

  it("goes on from the same context where there is no plan, or one of more than 64 threads", () => {
    const many = Array.from({ length: 65 }, (_, index) => `<Outline>${index}:</Outline>`).join("");
    for (const start of ["<Outline>1:</Outlines>", "<Outlines>none</Outlines>", `<Outlines>${many}</Outlines>`]) {
      const model = handwritten(vocabulary, script({ "0": [start, " end"] }));
      expect(read(model, threadweaver.interpret(model, "Q")).calls).toEqual([
        ["0", "Q"],
        ["0", `Q${start}`],
      ]);
    }
  });

  it("runs as many as 64 threads", () => {
    const heads = Array.from({ length: 64 }, (_, index) => `<Outline>${index}:</Outline>`).join("");
    const start = `<Outlines>${heads}<Outline>0: again</Outlines>`;
    const model = handwritten(vocabulary, (threadId, callIndex) => (threadId === "0" && callIndex === 0 ? start : ""));
    expect(threadweaver.interpret(model, "Q").calls.at(-1)!.threadId).toBe("0/1.64");
  });

  it("does not read a plan that stands before the last join, or in the prompt", () => {
    const model = handwritten(
      vocabulary,
      script({ "0": [plan, "</Outlines>", "end"], "0/1.1": [odd], "0/1.2": [even] }),
    );
    const { calls } = read(model, threadweaver.interpret(model, plan));
    expect(calls.map(([threadId]) => threadId)).toEqual(["0", "0/1.1", "0/1.2", "0", "0"]);
  });

  it("refuses the 33rd fork of a run", () => {
    const fork = "<Outlines><Outline>1:</Outlines>";
    const model = handwritten(vocabulary, (threadId, callIndex) =>
      threadId !== "0" ? "</Thread>" : callIndex < 33 ? fork : "end",
    );
    const { calls } = threadweaver.interpret(model, "Q");
    expect(calls.filter((call) => call.threadId !== "0")).toHaveLength(32);
    expect(calls.filter((call) => call.threadId === "0")).toHaveLength(34);
  });
});
