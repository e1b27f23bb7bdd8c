import { describe, expect, it } from "vitest";
import * as apr from "./apr.ts";
import * as asyncthink from "./asyncthink.ts";
import * as npr from "./npr.ts";
import * as parallelR1 from "./parallel-r1.ts";
import { createFlavourVocabulary, createScriptedModel, FLAVOURS, type Flavour } from "./scripted-model.ts";
import * as threadweaver from "./threadweaver.ts";
import type { Call, Fate, Model, Output, Transcript } from "./transcript.ts";
import { createVocabulary, type Vocabulary } from "./vocabulary.ts";

// Models written by hand

type Line = string | { readonly text: string; readonly fate: Fate };

/** A model that writes the given line at each call; a line that is only a text ends in EOS. */
function handwritten(vocabulary: Vocabulary, lineAt: (place: string, ordinal: number) => Line): Model {
  return {
    vocabulary,
    output(_context, place, ordinal) {
      const line = lineAt(place, ordinal);
      const { text, fate } = typeof line === "string" ? { text: line, fate: "eos" as const } : line;
      const ids = vocabulary.encode(text);
      return { ids: fate === "eos" ? [...ids, vocabulary.eos] : ids, fate };
    },
  };
}

/** The lines of each place, one for each of its calls. */
function script(lines: Readonly<Record<string, readonly Line[]>>): (place: string, ordinal: number) => Line {
  return (place, ordinal) => {
    const line = lines[place]?.[ordinal];
    if (line === undefined) throw new Error(`no line for call ${ordinal} of ${place}`);
    return line;
  };
}

/** A transcript as text, and a check of what text does not show. */
function read({ vocabulary }: Model, { calls, final, ending }: Transcript) {
  for (const ids of [...calls.map((call) => call.context), final]) {
    expect(ids[0]).toBe(vocabulary.bos);
    expect(ids.slice(1)).not.toContain(vocabulary.bos);
    expect(ids.slice(0, -1)).not.toContain(vocabulary.eos);
  }
  return {
    calls: calls.map(({ place, context }) => [place, vocabulary.decode(context)]),
    final: vocabulary.decode(final),
    ending: ending.kind,
  };
}

describe("the vocabulary", () => {
  const vocabulary = createVocabulary({ markers: ["<a>", "</a>"], merges: ["><", "😀"] });
  const { encode, encodePlain, decode, idOf, idOfMerge, isMarker, bos, eos } = vocabulary;

  it("gives each marker one token and every other code unit its own", () => {
    expect(encode("<a>x😀</a>")).toEqual([idOf("<a>"), 0x78, 0xd83d, 0xde00, idOf("</a>")]);
    expect(encodePlain("<a>")).toEqual([0x3c, 0x61, 0x3e]);
    expect([idOf("<a>"), idOf("</a>")]).toEqual([0x20000, 0x20001]);
  });

  it("decodes every token, BOS and EOS to nothing", () => {
    const ids = [bos, idOf("<a>"), idOfMerge("><"), idOfMerge("😀"), 0x78, eos];
    expect(decode(ids)).toBe("<a>><😀x");
    expect(ids.map(isMarker)).toEqual([false, true, false, false, false, false]);
  });
});

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
    expect(transcript.calls.map((call) => call.ordinal)).toEqual([0, 0, 0, 1]);
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
    const model = handwritten(vocabulary, (place, ordinal) => (place !== "0" ? "" : ordinal === 0 ? first : "end"));
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
    const model = handwritten(vocabulary, (place, ordinal) => (place === "0" && ordinal === 0 ? start : ""));
    expect(threadweaver.interpret(model, "Q").calls.at(-1)!.place).toBe("0/1.64");
  });

  it("does not read a plan that stands before the last join, or in the prompt", () => {
    const model = handwritten(
      vocabulary,
      script({ "0": [plan, "</Outlines>", "end"], "0/1.1": [odd], "0/1.2": [even] }),
    );
    const { calls } = read(model, threadweaver.interpret(model, plan));
    expect(calls.map(([place]) => place)).toEqual(["0", "0/1.1", "0/1.2", "0", "0"]);
  });

  it("refuses the 33rd fork of a run", () => {
    const fork = "<Outlines><Outline>1:</Outlines>";
    const model = handwritten(vocabulary, (place, ordinal) =>
      place !== "0" ? "</Thread>" : ordinal < 33 ? fork : "end",
    );
    const { calls } = threadweaver.interpret(model, "Q");
    expect(calls.filter((call) => call.place !== "0")).toHaveLength(32);
    expect(calls.filter((call) => call.place === "0")).toHaveLength(34);
  });
});

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

  it("closes what the model leaves open and goes on, but not behind a summary that failed", () => {
    const paths = { "0/1.1": ["a"], "0/1.2": [{ text: "b", fate: "cut" as const }] };
    const block = "Q<Parallel><Path>a</Path><Path>b</Path></Parallel>\n<Summary>c";
    for (const [fate, final] of [
      ["eos", `${block}</Summary>end`],
      ["length", `${block}</Summary>end`],
      ["failed", block],
    ] as const) {
      const model = handwritten(vocabulary, script({ "0": ["<Parallel>", { text: "c", fate }, "end"], ...paths }));
      expect(read(model, parallelR1.interpret(model, "Q"))).toMatchObject({
        final,
        ending: fate === "failed" ? "failed" : "eos",
      });
    }
  });

  it("refuses the fifth round and goes on from the same context", () => {
    const model = handwritten(vocabulary, (place, ordinal) => {
      if (place !== "0") return "</Path>";
      return ordinal > 8 ? "end" : ordinal % 2 === 0 ? "<Parallel>" : "</Summary>";
    });
    const round = "<Parallel><Path></Path><Path></Path></Parallel>\n<Summary></Summary>";
    expect(read(model, parallelR1.interpret(model, "Q")).final).toBe(`Q${round.repeat(4)}<Parallel>end`);
  });
});

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

    const deep = handwritten(vocabulary, (_place, ordinal) =>
      ordinal === 0 ? "<guideline><plan>1:</guideline>" : "end",
    );
    const { calls } = npr.interpret(deep, "Q");
    const deepest = "0/1.1/1.1/1.1/1.1/1.1";
    expect(Math.max(...calls.map((call) => call.place.length))).toBe(deepest.length);
    expect(calls.filter((call) => call.place === deepest)).toHaveLength(2);
  });
});

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
    const model: Model = { vocabulary, output: (_context, _place, ordinal) => outputs[ordinal]! };
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
    const model = handwritten(vocabulary, (place, ordinal) => {
      if (place !== "0") return "r";
      return [`${forks}<JOIN-64>`, "<JOIN-0>", "<FORK-x></FORK-x><JOIN-x>", ""][ordinal]!;
    });
    const { calls, final } = read(model, asyncthink.interpret(model, ""));
    expect(calls.filter(([place]) => place !== "0")).toHaveLength(65);
    expect(final).toBe(`${forks}<JOIN-64></JOIN-64><JOIN-0>r</JOIN-0><FORK-x></FORK-x><JOIN-x>r</JOIN-x>`);
  });
});

// The paths that scripted models take

const SEEDS = 400;
const INTERPRETERS = {
  threadweaver: threadweaver.interpret,
  "parallel-r1": parallelR1.interpret,
  npr: npr.interpret,
  apr: apr.interpret,
  asyncthink: asyncthink.interpret,
} satisfies Record<Flavour, unknown>;

/** A call, with what it wrote up to its stop: markers for the dialects that have them, tags in text for the others. */
interface Turn extends Call {
  readonly depth: number;
  readonly ids: readonly number[];
  readonly text: string;
  readonly end: Fate | "stop";
  /** The place of the call that follows in the transcript; "" behind the last. */
  readonly next: string;
}

interface Run {
  readonly turns: readonly Turn[];
  readonly final: string;
  readonly transcript: Transcript;
  readonly model: Model;
}

function runsOf(flavour: Flavour, stopsOf: (call: Call, before: string) => readonly string[]): Run[] {
  const vocabulary = createFlavourVocabulary(flavour);
  return Array.from({ length: SEEDS }, (_, seed) => {
    const model = createScriptedModel({ vocabulary, seed, flavour });
    const transcript = INTERPRETERS[flavour](model, FLAVOURS[flavour].prompt);
    const turns = transcript.calls.map((call, index): Turn => {
      const { ids, fate } = model.output(call.context, call.place, call.ordinal);
      const stops = stopsOf(call, vocabulary.decode(call.context)).map(vocabulary.idOf);
      const stop = ids.findIndex((id) => stops.includes(id));
      const kept = stop < 0 ? ids : ids.slice(0, stop + 1);
      return {
        ...call,
        depth: call.place.split("/").length - 1,
        ids: kept,
        text: vocabulary.decode(kept),
        end: stop < 0 ? fate : "stop",
        next: transcript.calls[index + 1]?.place ?? "",
      };
    });
    return { turns, final: vocabulary.decode(transcript.final), transcript, model };
  });
}

/** How many of the things given fulfil each condition. */
function count<Thing>(things: readonly Thing[], paths: Readonly<Record<string, (thing: Thing) => boolean>>) {
  return Object.fromEntries(Object.entries(paths).map(([name, holds]) => [name, things.filter(holds).length]));
}

function expectAllReached(...counts: Readonly<Record<string, number>>[]): void {
  const missed = Object.entries(Object.assign({}, ...counts) as Record<string, number>).filter(
    ([, times]) => times === 0,
  );
  expect(missed.map(([path]) => path)).toEqual([]);
}

function endings(...kinds: Transcript["ending"]["kind"][]): Record<string, (run: Run) => boolean> {
  return Object.fromEntries(
    kinds.map((kind) => [`the run ends: ${kind}`, ({ transcript }) => transcript.ending.kind === kind]),
  );
}

function threadEnds(...ends: Turn["end"][]): Record<string, (turn: Turn) => boolean> {
  return Object.fromEntries(ends.map((end) => [`a thread ends: ${end}`, (turn) => turn.depth > 0 && turn.end === end]));
}

/** Whether the first `tag` ends within one of the tokens written. */
function cutsToken({ ids, text }: Turn, tag: string, { decode }: Vocabulary): boolean {
  const end = text.indexOf(tag) + tag.length;
  return !ids.some((_, at) => decode(ids.slice(0, at)).length === end) && end < text.length;
}

/** The ids in what follows the last opener. */
function headsIn(text: string, opener: string, head: RegExp): string[] {
  return Array.from(text.slice(text.lastIndexOf(opener)).matchAll(head), (match) => match[1]!);
}

describe("the scripted model", () => {
  it("is a pure function of context, place and ordinal", () => {
    const vocabulary = createFlavourVocabulary("npr");
    const [one, other] = [5, 5].map((seed) => createScriptedModel({ vocabulary, seed, flavour: "npr" }));
    expect(one!.output([1, 2], "0/1.1", 1)).toEqual(other!.output([1, 2], "0/1.1", 1));
  });

  it.each(Object.keys(INTERPRETERS) as Flavour[])("lets every %s run end", (flavour) => {
    for (const { turns, transcript } of runsOf(flavour, () => [])) {
      expect(turns.length).toBeLessThan(400);
      for (const { depth, end } of turns) expect(depth === 0 && end === "cut").toBe(false);
      const forks = new Set(transcript.calls.map(({ place }) => place.replace(/\.\d+$/, "")));
      if (flavour === "npr") expect(forks.size).toBeLessThan(32);
    }
  });

  it("takes every path of threadweaver", () => {
    const runs = runsOf("threadweaver", ({ place }) => [place === "0" ? "</Outlines>" : "</Thread>"]);
    const headsOf = ({ text }: Turn) => headsIn(text, "<Outlines>", /<Outline>\s*([0-9.]+)\s*:/g);
    const stopped = (turn: Turn) => turn.depth === 0 && turn.end === "stop";
    const forked = (turn: Turn) => stopped(turn) && turn.next !== "0";
    const planned = (threads: number) => (run: Run) =>
      run.turns.some(({ place }) => place === `0/1.${threads}`) &&
      !run.turns.some(({ place }) => place === `0/1.${threads + 1}`);
    expectAllReached(
      count(runs, {
        ...endings("eos", "length", "failed"),
        "a thread's EOS ends the run": ({ turns, transcript }) =>
          turns.at(-1)!.depth > 0 && transcript.ending.kind === "eos",
        "a thread without room ends it": ({ turns, transcript }) =>
          turns.at(-1)!.depth > 0 && transcript.ending.kind === "length",
        "a second fork": ({ turns }) => turns.some(({ place }) => place === "0/2.1"),
        ...Object.fromEntries([1, 2, 3, 5, 6].map((threads) => [`${threads} threads`, planned(threads)])),
      }),
      count(
        runs.flatMap((run) => run.turns),
        {
          ...threadEnds("stop", "eos", "length", "cut", "failed"),
          "a plan without items": (turn) => stopped(turn) && turn.next === "0" && headsOf(turn).length === 0,
          "a plan without opener": (turn) => stopped(turn) && !turn.text.includes("<Outlines>"),
          "too many threads": (turn) => stopped(turn) && turn.next === "0" && headsOf(turn).length > 64,
          "an id twice": (turn) => forked(turn) && new Set(headsOf(turn)).size < headsOf(turn).length,
          "a dotted id": (turn) => forked(turn) && headsOf(turn).some((id) => id.includes(".")),
          "two openers": (turn) => forked(turn) && turn.text.split("<Outlines>").length > 2,
        },
      ),
    );
  });

  it("takes every path of parallel-r1", () => {
    const stopOf = (place: string, before: string) =>
      place !== "0" ? "</Path>" : before.endsWith("<Summary>") ? "</Summary>" : "<Parallel>";
    const runs = runsOf("parallel-r1", ({ place }, before) => [stopOf(place, before)]);
    const { decode } = createFlavourVocabulary("parallel-r1");
    const summary = (end: Turn["end"]) => (turn: Turn) =>
      turn.depth === 0 && turn.end === end && decode(turn.context).endsWith("<Summary>");
    expectAllReached(
      count(runs, {
        ...endings("eos", "length", "failed"),
        "a fifth round": ({ turns }) => turns.filter(({ text }) => text.endsWith("<Parallel>")).length > 4,
        "the same paths twice in one context": ({ turns }) =>
          turns.some(
            ({ place, context }, at) => place.endsWith(".2") && decode(turns[at - 1]!.context) === decode(context),
          ),
      }),
      count(
        runs.flatMap((run) => run.turns),
        {
          ...threadEnds("stop", "eos", "length", "cut", "failed"),
          "a closed summary": summary("stop"),
          "a summary that ends in EOS": summary("eos"),
          "a summary without room": summary("length"),
          "a summary that fails": summary("failed"),
        },
      ),
    );
  });

  it("takes every path of npr", () => {
    const isTail = (before: string) => before.endsWith("</step>");
    const runs = runsOf("npr", ({ place }, before) => {
      if (place === "0") return ["</guideline>"];
      return isTail(before) ? [] : ["</step>", "</guideline>"];
    });
    const { decode, eos } = createFlavourVocabulary("npr");
    const headsOf = ({ text }: Turn) => new Set(headsIn(text, "<guideline>", /<plan>\s*([0-9.]+)\s*:/g));
    const planned = (turn: Turn) => turn.text.endsWith("</guideline>") && turn.text.includes("<guideline>");
    const forked = (turn: Turn) => planned(turn) && turn.next.startsWith(`${turn.place}/`);
    const again = (turn: Turn) => planned(turn) && turn.next === turn.place;
    const tails = (turn: Turn) => turn.depth > 0 && isTail(decode(turn.context));
    expectAllReached(
      count(runs, endings("eos", "length", "failed", "refused")),
      count(
        runs.flatMap((run) => run.turns),
        {
          ...threadEnds("stop", "eos", "length", "cut", "failed"),
          "a fork of one": (turn) => forked(turn) && headsOf(turn).size === 1,
          "a fork of five": (turn) => forked(turn) && headsOf(turn).size === 5,
          "a fork in a thread": (turn) => forked(turn) && turn.depth === 1,
          "a fork four levels down": (turn) => forked(turn) && turn.depth === 4,
          "too many threads": (turn) => again(turn) && headsOf(turn).size > 5,
          "too deep": (turn) => again(turn) && turn.depth === 5 && headsOf(turn).size === 1,
          "a thread refused": (turn) =>
            turn.depth > 0 &&
            turn.end === "stop" &&
            turn.text.endsWith("</guideline>") &&
            turn.next.length <= turn.place.length,
          "a line feed behind a step": (turn) => tails(turn) && turn.text.startsWith("\n"),
          "more than a token behind a step": (turn) => tails(turn) && turn.ids.length > 1 && turn.ids[1] !== eos,
          "a marker behind a step": (turn) => tails(turn) && turn.text.startsWith("</guideline>"),
          "EOS behind a step": (turn) => tails(turn) && turn.ids[0] === eos,
          "nothing behind a step": (turn) => tails(turn) && turn.ids.length === 0,
        },
      ),
    );
  });

  it("takes every path of apr", () => {
    const vocabulary = createFlavourVocabulary("apr");
    const runs = runsOf("apr", () => []);
    const goals = (times: number) => (turn: Turn) =>
      turn.depth > 0 && turn.text.split("Goal Reached").length === times + 1;
    const itemsOf = ({ text }: Turn) =>
      headsIn(text, "<Calling Sub Searches>", /Search [0-9]+ at level 1> Moving to Node #(\S+)/g);
    const guarded = ({ depth, text }: Turn) => depth === 0 && text.includes("<Sub Searches>");
    expectAllReached(
      count(runs, {
        ...endings("eos", "length", "failed", "refused"),
        "a solution": ({ final }) => final.includes("<Goal Reached in Sub Search"),
        "no solution": ({ final }) => final.includes("<No Solution in Sub Search"),
        "an unknown node": ({ final }) => final.includes("at Node #9,9>\n"),
        "a second fork": ({ turns }) => turns.some(({ place }) => place.startsWith("0/2.")),
      }),
      count(
        runs.flatMap((run) => run.turns),
        {
          ...threadEnds("eos", "length", "cut", "failed"),
          ...Object.fromEntries([0, 1, 2, 3].map((times) => [`${times} goals`, goals(times)])),
          "the guard": guarded,
          "a guard whose last token goes on": (turn) => guarded(turn) && cutsToken(turn, "<Sub Searches>", vocabulary),
          "a child that writes results": ({ depth, text }) => depth > 0 && text.includes("<Sub Searches>"),
          "a node twice": (turn) => turn.next.startsWith("0/") && new Set(itemsOf(turn)).size < itemsOf(turn).length,
          "a call without items": ({ text, next }) =>
            text.endsWith("<Calling Sub Searches>\n<End Calling Sub Searches>") && next === "",
          "a call without opener": ({ text, context, next }) =>
            next === "" &&
            text.endsWith("<End Calling Sub Searches>") &&
            !text.includes("<Calling") &&
            context.length > 0,
          "operations from the parent": ({ depth, context }) =>
            depth > 0 && vocabulary.decode(context).includes("', '"),
        },
      ),
    );
  });

  it("takes every path of asyncthink", () => {
    const vocabulary = createFlavourVocabulary("asyncthink");
    const runs = runsOf("asyncthink", () => []);
    const spawn = /<FORK-([A-Za-z0-9_.,-]+)>(?:(?!<FORK-[A-Za-z0-9_.,-]+>|<JOIN-[A-Za-z0-9_.,-]+>)[^])*?<\/FORK-\1>/g;
    const joins = /<JOIN-([A-Za-z0-9_.,-]+)>/;
    const beforeJoin = ({ depth, text }: Turn) => (depth === 0 ? text.split(joins, 1)[0]! : "");
    const spawnedIn = (run: Run) =>
      run.turns.flatMap((turn) => Array.from(beforeJoin(turn).matchAll(spawn), (match) => match[1]!));
    const joinedIn = (run: Run) =>
      run.turns.flatMap(({ depth, text }) => (depth === 0 ? (joins.exec(text)?.slice(1) ?? []) : []));
    const workersIn = (run: Run) => run.turns.filter(({ depth }) => depth > 0).length;
    expectAllReached(
      count(runs, {
        ...endings("eos", "length", "failed"),
        "two workers": (run) => workersIn(run) > 1,
        "an id used twice": (run) => workersIn(run) < 10 && new Set(spawnedIn(run)).size < spawnedIn(run).length,
        "too many workers": (run) => workersIn(run) >= 64 && spawnedIn(run).some((id) => id === "w65"),
        "an unknown join": (run) => joinedIn(run).includes("9"),
        "a join of what was refused": (run) => joinedIn(run).includes("w66") && spawnedIn(run).includes("w66"),
        "a second join of one fork": (run) =>
          spawnedIn(run).some((id) => joinedIn(run).filter((join) => join === id).length > 1),
        "a fork never joined": (run) => spawnedIn(run).some((id) => !joinedIn(run).includes(id)),
        "a joined return": ({ final }) => />[^<]+<\/JOIN-/.test(final),
      }),
      count(
        runs.flatMap((run) => run.turns),
        {
          ...threadEnds("eos", "length", "cut", "failed"),
          "an abandoned fork": (turn) => /<FORK-[^>]*>lost<FORK/.test(beforeJoin(turn)),
          "a join in an open fork": (turn) =>
            joins.test(turn.text) && /<FORK-[a1-9][^<>]*>[^<>]*$/.test(beforeJoin(turn)),
          "a close of another fork": (turn) => beforeJoin(turn).includes("</FORK-8>"),
          "text behind a join": ({ depth, text }) => depth === 0 && /<JOIN-[a1-9][^<>]*>[^]/.test(text),
          "a join whose last token goes on": (turn) => {
            const join = turn.depth === 0 ? joins.exec(turn.text) : null;
            return join !== null && cutsToken(turn, join[0], vocabulary);
          },
          "a worker without <RETURN>": ({ depth, text }) => depth > 0 && !text.includes("<RETURN>"),
          "a worker that closes before it opens": ({ depth, text }) => depth > 0 && /<\/RETURN>[^]*<RETURN>/.test(text),
          "a worker that is closed but cut": ({ depth, text, end }) =>
            depth > 0 && end === "cut" && text.includes("</RETURN>"),
        },
      ),
    );
  });
});
