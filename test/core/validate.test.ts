import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defineDialect, sequential, type Dialect, type DialectInput } from "../../src/core/dialect.ts";
import {
  apr,
  asyncthink,
  npr,
  parallelR1,
  threadweaver,
  threadweaverConclusion,
} from "../../src/core/dialects/index.ts";
import { textBetween } from "../../src/core/locate.ts";
import { validateFormat } from "../../src/core/validate.ts";
import { FLAVOURS, type Flavour } from "../reference/scripted-model.ts";
import { chanceFrom, drive, hasty, runs } from "./drive.ts";
import { cast, chances, interruptBy, interruptions, limits, modes, runScripted } from "./scenarios.ts";
import { tidyModel } from "./tidy.ts";
import { transcripts } from "./transcripts.ts";

/** Two trajectories as the authors train on them: the released mode, and the older one with a conclusion. */
const released =
  "<think>\nI need 12*13 + 7*9.\n\n<Parallel>\n<Outlines>\n<Outline>1: Work out the first product.</Outline>\n<Outline>2: Work out the second product.</Outline>\n</Outlines>\n<Thread>\n1: 12*13 = 12*10 + 12*3 = 120 + 36 = 156.\n</Thread><Thread>\n2: 7*9 = 63.\n</Thread>\n</Parallel>\n\nAdding, 156 + 63 = 219.\n</think>\n\nThe result is \\boxed{219}.";
const concluded =
  "<think>\nSolve x^2 - 5x + 6 = 0 and check it.\n<Parallel>\n<Outlines>\n<Outline>1: Factor the quadratic.</Outline>\n<Outline>2: Use the discriminant.</Outline>\n</Outlines>\n<Thread>\n1: (x-2)(x-3) = 0, so x is 2 or 3.\n</Thread><Thread>\n2: D = 25 - 24 = 1, so x = (5 +/- 1)/2, that is 3 or 2.\n</Thread>\n<Conclusion>\nBoth routes give 2 and 3.\n</Conclusion>\n</Parallel>\nThe larger root is 3.\n<Parallel>\n<Outlines>\n<Outline>1: Substitute 3 into the polynomial.</Outline>\n</Outlines>\n<Thread>\n1: 9 - 15 + 6 = 0.\n</Thread>\n<Conclusion>\nThe root 3 checks.\n</Conclusion>\n</Parallel>\n</think>\n\n\\boxed{3}";

/** What a tidy model makes of a format, with no warning; undefined where its chance gave it one. */
function tidyText(dialect: Dialect, flavour: Flavour, seed: number): { text: string; forks: number } {
  const driven = drive(dialect, tidyModel(flavour, seed), FLAVOURS[flavour].prompt, chanceFrom(seed));
  const [main] = driven.state.sequences;
  if (main === undefined) throw new Error("no main sequence");
  expect(driven.effects.filter(({ e }) => e === "warning")).toEqual([]);
  expect(main.ending).toEqual({ kind: "eos" });
  return { text: textBetween(driven.state.trie, main.body, main.head), forks: driven.state.forks.length };
}

/** Problems as lines: the text from where they are, and what they say. */
const told = (dialect: Dialect, text: string) =>
  validateFormat(dialect, text).map(({ at, message }) => `${text.slice(at, at + 12)}| ${message}`);

describe("well formed are", () => {
  it("the trajectories that the authors train on", () => {
    expect(validateFormat(threadweaver, released)).toEqual([]);
    expect(validateFormat(threadweaverConclusion, concluded)).toEqual([]);
  });

  it("the 60 texts that the bundled model was seen to write", () => {
    for (const { prompt, text } of transcripts.slice(0, runs(60))) {
      expect(validateFormat(threadweaver, text.slice(prompt.length))).toEqual([]);
    }
  });

  it.each(cast)("all texts that a model of %s writes without a mistake", (_, dialect, flavour) => {
    let forks = 0;
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const tidy = tidyText(dialect, flavour, seed);
        forks += tidy.forks;
        expect(told(dialect, tidy.text)).toEqual([]);
      }),
      { numRuns: runs(150) },
    );
    expect(forks).toBeGreaterThan(0);
  });

  it.each([
    ["nothing", ""],
    ["a text without forks", "think, <b>3 < 4</b>\n</think> done"],
    ["any white space between the parts", concluded.replaceAll(/(?<=>)\n(?=<)/g, " \n\t ")],
    ["none at all", concluded.replaceAll(/(?<=>)\n|\n(?=<)/g, "")],
    [
      "a text that ends behind its threads, closed",
      `${concluded.slice(0, 294)}\n<Conclusion>\n</Conclusion>\n</Parallel>`,
    ],
  ])("%s", (_, text) => {
    expect(told(threadweaverConclusion, text)).toEqual([]);
  });

  it("a step that forks, to the last level", () => {
    const nest = (depth: number): string =>
      depth === 0
        ? "x"
        : `<guideline>\n<plan>1: a</plan>\n</guideline>\n<step>\n1:${nest(depth - 1)}</step>\n<takeaway>\nt</takeaway>`;
    expect(told(npr, nest(5))).toEqual([]);
    expect(told(npr, nest(6))).toEqual([
      "<guideline>\n| forks are 5 levels deep at most",
      "<step>\n1:x</| thread 1 is not closed by </step>",
      "<step>\n1:x</| thread 1 stands here for a second time",
      "</step>\n<tak| </step> closes nothing",
    ]);
  });

  it("a text that ends behind its steps", () => {
    expect(told(npr, "<guideline><plan>1: a</plan></guideline><step>1:x</step>")).toEqual([]);
  });

  it("texts of a sequential twin, whose forks are not read", () => {
    expect(validateFormat(sequential(threadweaver), released)).toEqual([]);
    expect(told(sequential(threadweaver), released.replace("</Parallel>", ""))).toEqual([
      "<Parallel>\n<| <Parallel> is never closed",
    ]);
  });
});

describe("a tag that is missing is told of, where one sees it", () => {
  const without = (tag: string, nth = 0) => {
    const at = [...concluded.matchAll(new RegExp(tag, "g"))][nth]?.index ?? -1;
    return concluded.slice(0, at) + concluded.slice(at + tag.length);
  };

  it.each<[tag: string, nth: number, problems: string[]]>([
    ["<Parallel>", 0, ["<Outlines>\n<| a plan outside <Parallel>", "</Parallel>\n| </Parallel> closes nothing"]],
    [
      "<Outlines>",
      0,
      [
        "<Outline>1: | <Outline> outside <Outlines>",
        "<Outline>2: | <Outline> outside <Outlines>",
        "</Outlines>\n| </Outlines> closes nothing",
      ],
    ],
    [
      "<Outline>",
      1,
      [
        "<Outlines>\n<| the plan has 1 <Outline>, 2 </Outline> and 1 readable item",
        "</Outline>\n<| </Outline> closes nothing",
        "<Thread>\n2: | thread 2 is not in the plan",
      ],
    ],
    [
      "</Outline>",
      1,
      [
        "<Outlines>\n<| the plan has 2 <Outline>, 1 </Outline> and 2 readable items",
        "<Outline>2: | <Outline> is still open at </Outlines>",
      ],
    ],
    [
      "</Outlines>",
      0,
      [
        "<Outlines>\n<| <Outlines> is still open at </Parallel>",
        "<Thread>\n1: | <Thread> outside the threads of a plan",
        "<Thread>\n2: | <Thread> outside the threads of a plan",
      ],
    ],
    ["<Thread>", 0, ['1: (x-2)(x-3| a thread must begin with "<Thread>\\n1:"']],
    ["<Thread>", 1, ['2: D = 25 - | a thread must begin with "<Thread>\\n2:"']],
    ["</Thread>", 0, ["<Thread>\n2: | thread 1 is not closed by </Thread>"]],
    [
      "</Thread>",
      1,
      [
        "</Parallel>\n| thread 2 is not closed by </Thread>",
        '</Parallel>\n| behind the threads must stand "\\n<Conclusion>\\n"',
      ],
    ],
    [
      "<Conclusion>",
      0,
      [
        '\n\nBoth route| behind the threads must stand "\\n<Conclusion>\\n"',
        'Both routes | text directly in <Parallel>: "Both routes give 2 and 3.\\n"',
        "</Conclusion| </Conclusion> closes nothing",
      ],
    ],
    ["</Conclusion>", 0, ["<Conclusion>| <Conclusion> is still open at </Parallel>"]],
    [
      "</Parallel>",
      0,
      [
        "<Parallel>\n<| <Parallel> is never closed",
        'The larger r| text directly in <Parallel>: "The larger root is 3.\\n"',
      ],
    ],
    ["</Parallel>", 1, ["<Parallel>\n<| <Parallel> is never closed"]],
  ])("%s number %i", (tag, nth, problems) => {
    expect(told(threadweaverConclusion, without(tag, nth))).toEqual(problems);
  });
});

describe("so is what is wrong with threads", () => {
  const block = (plan: string, threads: string, behind = "\n</Parallel>") =>
    `a<Parallel>\n<Outlines>\n${plan}</Outlines>\n${threads}${behind}z`;
  const outline = (...ids: string[]) => ids.map((id) => `<Outline>${id}: p</Outline>\n`).join("");
  const threads = (...ids: string[]) => ids.map((id) => `<Thread>\n${id}: t${id}\n</Thread>`).join("");

  it.each<[what: string, text: string, problems: string[]]>([
    [
      "two that changed places",
      block(outline("1", "2", "3"), threads("1", "3", "2")),
      ["<Thread>\n3: | thread 3 stands where thread 2 is due", "<Thread>\n2: | thread 2 stands where thread 3 is due"],
    ],
    [
      "one that is missing at the end",
      block(outline("1", "2", "3"), threads("1", "2")),
      ["\n</Parallel>| thread 3 is missing"],
    ],
    [
      "one that is missing before others",
      block(outline("1", "2", "3"), threads("2", "3")),
      [
        "<Thread>\n2: | thread 2 stands where thread 1 is due",
        "<Thread>\n3: | thread 3 stands where thread 2 is due",
        "\n</Parallel>| thread 1 is missing",
      ],
    ],
    ["all missing", block(outline("1", "2"), ""), ["\n\n</Parallel| threads 1, 2 are missing"]],
    ["one too many", block(outline("1"), threads("1", "2")), ["<Thread>\n2: | thread 2 is not in the plan"]],
    [
      "one that was given another's number",
      block(outline("1", "2"), threads("1", "1")),
      ["<Thread>\n1: | thread 1 stands here for a second time", "\n</Parallel>| thread 2 is missing"],
    ],
    [
      "a number that is declared twice",
      block(outline("1", "1"), threads("1", "2")),
      [
        "<Outlines>\n<| the plan declares 1 more than once; the first one counts",
        "<Thread>\n2: | thread 2 is not in the plan",
      ],
    ],
    [
      "a number that is left out",
      block(outline("1", "3"), threads("1", "3")),
      ["<Outlines>\n<| the plan's numbers are 1, 3: 2 is missing"],
    ],
    [
      "a number that only begins like its own",
      block(outline("1"), threads("1.1")),
      ["<Thread>\n1.1| thread 1.1 is not in the plan", "\n</Parallel>| thread 1 is missing"],
    ],
    [
      "one without a body",
      block(outline("1", "2"), "<Thread>\n1: \n</Thread><Thread>\n2: x</Thread>"),
      ["<Thread>\n1: | thread 1 is empty"],
    ],
    [
      "text between them",
      block(outline("1", "2"), `${threads("1")} junk ${threads("2")}`),
      ['junk <Thread| text before a thread: "junk "'],
    ],
    ["text before them", block(outline("1"), `so ${threads("1")}`), ['so <Thread>\n| text before a thread: "so "']],
    [
      "text behind them",
      block(outline("1"), `${threads("1")} and much more text than can be shown here `),
      ['and much mor| text directly in <Parallel>: "and much more text than can b…"'],
    ],
    [
      "a header without a number",
      block(outline("1"), "<Thread>\none: x</Thread>"),
      ['<Thread>\none| a thread must begin with "<Thread>\\n1:"'],
    ],
    [
      "a header without a number where none is due",
      block(outline("1"), `${threads("1")}<Thread>x</Thread>`),
      ['<Thread>x</T| a thread must begin with "<Thread>\\n{id}:"', "<Thread>x</T| a thread is not in the plan"],
    ],
    ["a plan without an item", block("", ""), ["<Outlines>\n<| a plan without a readable item"]],
    [
      "an item without a number",
      block("<Outline>no</Outline>", ""),
      [
        "<Outlines>\n<| the plan has 1 <Outline>, 1 </Outline> and 0 readable items",
        "<Outlines>\n<| a plan without a readable item",
      ],
    ],
    [
      "a fork in a thread",
      block(outline("1"), `<Thread>\n1: ${block(outline("1"), threads("1"))}</Thread>`),
      [
        "<Parallel>\n<| <Parallel> is never closed",
        "<Outlines>\n<| threads of this format do not fork",
        "<Thread>\n1: | thread 1 is not closed by </Thread>",
        "<Thread>\n1: | thread 1 stands here for a second time",
        "</Thread>\n</| </Thread> closes nothing",
        "</Parallel>z| </Parallel> closes nothing",
      ],
    ],
    [
      "a block without a plan",
      "<Parallel>\n<Thread>\n1: x</Thread></Parallel>",
      ["<Thread>\n1: | <Thread> outside the threads of a plan"],
    ],
    ["a stray close", "a</Thread>b", ["</Thread>b| </Thread> closes nothing"]],
    ["a stray item", "<Outline>1: a</Outline>", ["<Outline>1: | <Outline> outside <Outlines>"]],
    [
      "a text that is broken off in a thread",
      block(outline("1"), "<Thread>\n1: x", ""),
      ["<Parallel>\n<| <Parallel> is never closed", "| thread 1 is not closed by </Thread>"],
    ],
    [
      "a text that is broken off in a plan",
      "<Parallel><Outlines><Outline>1: a",
      [
        "<Parallel><O| <Parallel> is never closed",
        "<Outlines><O| <Outlines> is never closed",
        "<Outline>1: | <Outline> is never closed",
      ],
    ],
    ["two ends of thinking", "a</think>b</think>", ["</think>| </think> stands here for a second time"]],
  ])("%s", (_, text, problems) => {
    expect(told(threadweaver, text)).toEqual(problems);
  });

  it("the same in the phase behind the attempts of parallel-r1", () => {
    const good = "a<Parallel><Path>x</Path><Path>y</Path></Parallel>\n<Summary>s</Summary>z";
    expect(told(parallelR1, good)).toEqual([]);
    expect(told(parallelR1, `${good}${good}`)).toEqual([]);
    const changed = (from: string, to: string) => told(parallelR1, good.replace(from, to));
    expect(changed("</Summary>", "")).toEqual(["<Summary>sz| <Summary> is never closed"]);
    expect(changed("<Summary>", "")).toEqual([
      '</Parallel>\n| behind the threads must stand "</Parallel>\\n<Summary>"',
      "</Summary>z| </Summary> closes nothing",
    ]);
    expect(changed("</Parallel>", "")).toEqual([
      "<Parallel><P| <Parallel> is never closed",
      '\n<Summary>s<| behind the threads must stand "</Parallel>\\n<Summary>"',
    ]);
    expect(changed("<Path>y</Path>", "")).toEqual(["</Parallel>\n| thread 2 is missing"]);
    expect(changed("</Path><Path>", "</Path><Path>w</Path><Path>")).toEqual([
      "<Path>y</Pat| a thread is not in the plan",
    ]);
    expect(changed("<Path>x", "")).toEqual([
      '</Path><Path| a thread must begin with "<Path>"',
      "</Path><Path| thread 1 is empty",
    ]);
    expect(changed("<Path>y</Path>", "y<Path>w</Path>")).toEqual(['y<Path>w</Pa| text before a thread: "y"']);
    // In the phase nothing forks; behind the end of a text nothing need follow.
    expect(changed("s</Summary>", "<Parallel></Parallel></Summary>")).toEqual([]);
    expect(told(parallelR1, "a<Parallel><Path>x</Path><Path>y</Path></Parallel>\n")).toEqual([]);
  });

  it("and in the steps of npr", () => {
    const guide = "<guideline>\n<plan>1: a</plan>\n<plan>2: b</plan>\n</guideline>\n";
    const good = `s${guide}<step>\n1: x</step>\n<step>\n2: y</step>\n<takeaway>\nt</takeaway>z`;
    expect(told(npr, good)).toEqual([]);
    const changed = (from: string, to: string) => told(npr, good.replace(from, to));
    expect(changed("<takeaway>", "")).toEqual([
      '\n\nt</takeawa| behind the threads must stand "<takeaway>\\n"',
      "</takeaway>z| </takeaway> closes nothing",
    ]);
    expect(changed("</step>\n<step>", "</step>so\n<step>")).toEqual(['so\n<step>\n2:| text before a thread: "so\\n"']);
    expect(changed(" x", guide)).toEqual([
      '</step>\n<ste| a thread must begin with "<step>\\n1:"',
      "</step>\n<ste| thread 1 is empty",
      "| thread 1 is not closed by </step>",
      "| thread 2 is missing",
    ]);
    expect(changed("s<guideline>\n", "s<guideline></guideline><guideline>\n")).toEqual([
      "<guideline><| a plan without a readable item",
    ]);
    expect(changed("s<guideline>", "s</guideline><guideline>")).toEqual(["</guideline>| </guideline> closes nothing"]);
  });
});

describe("so is what is wrong with results that take the place of a plan", () => {
  const none = (id: string) => `<No Solution in Sub Search 0 at level 1 at Node #${id}>\n`;
  const some = (id: string, text: string) => `<Goal Reached in Sub Search 1 at level 1 at Node #${id}>\n${text}\n`;
  const block = (...results: string[]) => `a<Sub Searches>\n${results.join("")}<End Sub Searches>\nz`;

  it.each<[what: string, text: string, problems: string[]]>([
    ["nothing, where they are right", block(none("0,1"), some("0,2", "way"), none("0,3")), []],
    [
      "a plan that is still there",
      "<Calling Sub Searches>\n<End Calling Sub Searches>",
      ["<Calling Sub| a plan that was never joined: <Calling Sub Searches>"],
    ],
    ["a block that is not closed", "<Sub Searches>\n", ["<Sub Searche| <Sub Searches> is never closed"]],
    ["a block that was never begun", "<End Sub Searches>", ["<End Sub Sea| <End Sub Searches> closes nothing"]],
    ["no result", block(), ["<End Sub Sea| no result in <Sub Searches>"]],
    ["two for one node", block(none("0"), some("0", "way")), ["<Goal Reache| a second result for 0"]],
    ["one without a text", block(some("0", ""), some("1", "x")), ["<Goal Reache| a result without a text"]],
    ["a last one without a text", block(some("0", "\n")), ["<End Sub Sea| a result without a text"]],
    ["text before them", block("so ", none("0")), ['so <No Solut| text between results: "so "']],
    ["text behind one that has none", block(none("0"), "so "), ['so <End Sub | text between results: "so "']],
    [
      "one outside a block",
      `${none("0")}${block(none("0"))}${none("1")}`,
      ["<No Solution| a result outside <Sub Searches>", "<No Solution| a result outside <Sub Searches>"],
    ],
  ])("%s", (_, text, problems) => {
    expect(told(apr, text)).toEqual(problems);
  });

  it("finds nothing to check where results have no marks of their own", () => {
    const bare: Dialect = {
      ...apr,
      join: {
        shape: "replaceBlock",
        from: "<Calling Sub Searches>",
        open: " ",
        each: { some: "{return}", none: "" },
        close: "",
      },
    };
    expect(told(bare, block("x"))).toEqual([]);
    const half = (open: string, close: string, some = "{id}:", none = "{id};"): Dialect => ({
      ...bare,
      join: { shape: "replaceBlock", from: "#", open, each: { some, none }, close },
    });
    expect(told(half("(", ")"), "(so)")).toEqual(['so)| text between results: "so"', ")| no result in ("]);
    expect(told(half("", ")"), "(so)")).toEqual([]);
    expect(told(half("(", ""), "(so)")).toEqual([]);
    expect(told(half("(", ")", "{return}"), "(so)")).toEqual([]);
    expect(told(half("(", ")", "{id}:", ""), "(so)")).toEqual([]);
  });
});

describe("so is what is wrong with forks and joins in a text", () => {
  const good = "a<FORK-1>t</FORK-1>b<FORK-2>u</FORK-2><JOIN-2>r</JOIN-2><JOIN-1></JOIN-1>c<ANSWER>4</ANSWER>";

  it.each<[what: string, text: string, problems: string[]]>([
    ["nothing, where they are right", good, []],
    ["a join for a second time", `${good}<JOIN-1>r</JOIN-1>`, []],
    ["a fork that nobody joins", "<FORK-1>t</FORK-1>", []],
    ["tags in what was returned", "<FORK-1>t</FORK-1><JOIN-1><ANSWER><FORK-2><JOIN-2></JOIN-2></JOIN-1>", []],
    ["a fork that is not closed", "a<FORK-1>t", ["<FORK-1>t| a fork that is never closed"]],
    [
      "one that another takes the place of",
      "<FORK-1>t<FORK-2>u</FORK-2>",
      ["<FORK-1>t<FO| a fork that is never closed"],
    ],
    [
      "an id for a second time",
      "<FORK-1>t</FORK-1><FORK-1>u</FORK-1>",
      ["<FORK-1>u</F| 1 is forked for a second time"],
    ],
    ["a join of nobody", "<JOIN-1></JOIN-1>", ["<JOIN-1></JO| a join of 1, which was never forked"]],
    [
      "a join before its fork",
      "<JOIN-1></JOIN-1><FORK-1>t</FORK-1>",
      ["<JOIN-1></JO| a join of 1, which was never forked"],
    ],
    ["a join that is not filled", "<FORK-1>t</FORK-1><JOIN-1>r", ["<JOIN-1>r| the join of 1 is never filled"]],
    [
      "a join that another's end fills",
      "<FORK-1>t</FORK-1><JOIN-1>r</JOIN-2>",
      ["<JOIN-1>r</J| the join of 1 is never filled", "</JOIN-2>| </JOIN-2> closes nothing"],
    ],
    [
      "a fork that a join cuts",
      "<FORK-1>t</FORK-1><FORK-2>u<JOIN-1>r</JOIN-1></FORK-2>",
      ["<FORK-2>u<JO| a fork that is still open at the join of 1"],
    ],
    [
      "a fork that a join cuts and nothing closes",
      "<FORK-1>t</FORK-1><FORK-2>u<JOIN-1>r</JOIN-1>",
      ["<FORK-2>u<JO| a fork that is still open at the join of 1"],
    ],
    ["a close of nothing", "a</JOIN-1>", ["</JOIN-1>| </JOIN-1> closes nothing"]],
    [
      "a close that stands before its join",
      "</JOIN-1><FORK-1>t</FORK-1><JOIN-1></JOIN-1></JOIN-1>",
      ["</JOIN-1><FO| </JOIN-1> closes nothing", "</JOIN-1>| </JOIN-1> closes nothing"],
    ],
    ["tags around all that", `<RETURN>${good}`, ["<RETURN>a<FO| <RETURN> is never closed"]],
    [
      "tags behind a return",
      "<FORK-1>t</FORK-1><JOIN-1><ANSWER></JOIN-1></ANSWER>",
      ["</ANSWER>| </ANSWER> closes nothing"],
    ],
    [
      "a fork that a join cuts, joined all the same",
      "<FORK-2>u<JOIN-9></FORK-2><JOIN-2></JOIN-2>",
      [
        "<FORK-2>u<JO| a fork that is still open at the join of 9",
        "<JOIN-9></FO| a join of 9, which was never forked",
        "<JOIN-9></FO| the join of 9 is never filled",
        "<JOIN-2></JO| a join of 2, which was never forked",
      ],
    ],
    [
      "a fork that begins in a return",
      "<FORK-1>t</FORK-1><JOIN-1><FORK-2>x</JOIN-1>y</FORK-2><JOIN-2></JOIN-2>",
      ["<JOIN-2></JO| a join of 2, which was never forked"],
    ],
  ])("%s", (_, text, problems) => {
    expect(told(asyncthink, text)).toEqual(problems);
  });

  it("reads forks without a text, and formats without joins", () => {
    const simple: Dialect = { ...asyncthink, trigger: { kind: "inline", spawn: "GO {id:int};" } };
    expect(told(simple, "GO 1;GO 2;GO 1;")).toEqual(["GO 1;| 1 is forked for a second time"]);
    const waiting: Dialect = {
      ...asyncthink,
      trigger: { kind: "inline", spawn: "GO {id:int};", wait: "GET {id:int};" },
      join: { shape: "fill", each: { some: "{return}", none: "" } },
    };
    expect(told(waiting, "GO 1;GET 1;xGET 2;")).toEqual(["GET 2;| a join of 2, which was never forked"]);
    const closed: Dialect = {
      ...waiting,
      join: { shape: "fill", each: { some: "<{return}>END {id}.", none: "END {id}." } },
    };
    expect(told(closed, "GO 1;GET 1;<GO 1;GET 9;>END 1.")).toEqual([]);
  });
});

describe("formats of other shapes", () => {
  const base: DialectInput = {
    name: "toy",
    version: 1,
    summary: "a toy",
    threads: "subtasks",
    exact: { kind: "provisional", tokens: "kept", why: "a toy of the tests" },
    markers: [],
    trigger: { kind: "marker", marker: "</Plan>" },
    plan: { source: "outline", after: "<Plan>", item: "<Outline>~Step {id:int}: {text};", empty: "end" },
    refusedFork: "end",
    context: {
      kind: "prefix",
      header: {
        prompt: "\n<Execution>\n<Step> Step {id}: {text}\n",
        first: "\n<Execution>\n<Step> Step {id}: {text}\n",
        rest: "\n<Step> Step {id}: {text}\n",
      },
    },
    thread: { stop: ["</Step>"], close: "</Step>", keepTail: 0, maxDepth: 1 },
    afterEnding: { eos: "continue", length: "continue", cut: "policy", failed: "policy", refused: "policy" },
    join: { shape: "append", tail: "\n</Execution>\n<Sum>\n", endTail: "\n</Execution>\n" },
    after: { kind: "phase", stop: ["</Sum>"], close: "</Sum>" },
  };

  describe("a header that holds more than a number, in a block of the runtime's own", () => {
    const medical = defineDialect({
      ...base,
      markers: ["<Plan>", "</Plan>", "<Execution>", "</Execution>", "<Step>", "</Step>", "<Sum>", "</Sum>"],
    });
    const plan = "<Plan>\n<Outline> Step 1: fever;\n<Outline> Step 2: rash;\n</Plan>";
    const steps = "<Execution>\n<Step> Step 1: fever\nx</Step>\n<Step> Step 2: rash\ny</Step>";
    const good = `a${plan}\n${steps}\n</Execution>\n<Sum>\ns</Sum>b`;

    it("is well formed", () => {
      expect(told(medical, good)).toEqual([]);
      expect(told(medical, `a${plan}\n${steps}\n</Execution>\n`)).toEqual([]);
      expect(told(medical, `${good}${good}`)).toEqual([]);
    });

    it.each<[what: string, from: string, to: string, problems: string[]]>([
      ["another text in a header", "Step 2: rash\ny", "Step 2: cough\ny", []],
      [
        "another number",
        "Step 2: rash\ny",
        "Step 3: rash\ny",
        ["<Step> Step | thread 3 is not in the plan", "\n</Execution| thread 2 is missing"],
      ],
      [
        "no header of the block",
        "<Execution>",
        "",
        [
          '<Step> Step | a thread must begin with "<Execution>\\n<Step> Step 1: fe…"',
          "</Execution>| </Execution> closes nothing",
        ],
      ],
      ["a sum that is not closed", "s</Sum>", "s", ["<Sum>\nsb| <Sum> is never closed"]],
      [
        "a text that goes on where it should have ended",
        "<Sum>\ns</Sum>",
        "",
        ['\n</Execution| behind the threads must stand "\\n</Execution>\\n<Sum>\\n"'],
      ],
      [
        "an end of the block that is missing",
        "</Execution>\n",
        "",
        [
          '\n<Sum>\ns</S| behind the threads must stand "\\n</Execution>\\n<Sum>\\n"',
          "<Execution>\n| <Execution> is never closed",
        ],
      ],
    ])("%s", (_, from, to, problems) => {
      expect(told(medical, good.replace(from, to)).sort()).toEqual([...problems].sort());
    });
  });

  it("finds tags that only a part of the dialect names", () => {
    const terse = defineDialect({ ...base, thinkingEnd: "</think>" });
    const good = "a<Plan><Outline>Step 1: p;</Plan><Execution><Step> Step 1: p\nx</Step></Execution><Sum>s</Sum>b";
    expect(told(terse, good)).toEqual([]);
    // In the phase nothing forks, and behind it again.
    expect(told(terse, good.replace("s</Sum>", "s<Plan></Plan></Sum>"))).toEqual([]);
    expect(told(terse, `${good}</Plan>`)).toEqual(["</Plan>| </Plan> closes nothing"]);
    expect(told(terse, good.replace("</Step>", ""))).toEqual(
      [
        "<Execution><| thread 1 is not closed by </Step>",
        `| behind the threads must stand "\\n</Execution>\\n<Sum>\\n"`,
      ].map((line) => (line.startsWith("<Exec") ? "| thread 1 is not closed by </Step>" : line)),
    );
    expect(told(terse, `</think>${good}</think>`)).toEqual(["</think>| </think> stands here for a second time"]);
  });

  it("reads threads behind a plan that nobody began, whatever their numbers", () => {
    const threads = "<Execution><Step> Step 7: p\nx</Step></Execution><Sum>";
    expect(told(defineDialect(base), `a</Plan>${threads}`)).toEqual(["</Plan><Exec| </Plan> closes nothing"]);
    const plan = { source: "outline", after: "PLAN", item: "#{id:int};", empty: "end" } as const;
    const unpaired = defineDialect({ ...base, plan, trigger: { kind: "marker", marker: "GO" }, context: npr.context });
    const steps = "<step>1:x</Step></Execution><Sum>";
    expect(told(unpaired, `PLAN#1;GO${steps}`)).toEqual([]);
    expect(told(unpaired, `#1;GO${steps.replace("1", "5")}`)).toEqual([
      "GO<step>5:x<| a plan ended that no PLAN began",
    ]);
    // A plan is read once.
    expect(told(unpaired, `PLAN#1;GO${steps}</Sum>GO`)).toEqual(["GO| a plan ended that no PLAN began"]);
  });

  it("reads plans that end with a line and begin anywhere, and headers without tags", () => {
    const plain = defineDialect({
      ...base,
      trigger: { kind: "endOfText", lastLine: "GO" },
      plan: { source: "outline", after: "", item: "#{id:int} {name:word};", empty: "end" },
      context: {
        kind: "prefix",
        header: { prompt: "\n[{index}/{id} {id}]", first: "\n[{index}/{id} {id}]", rest: " ({id})" },
      },
      thread: { stop: ["!"], close: "!", keepTail: 0, maxDepth: 2 },
      join: { shape: "append", tail: "", endTail: "" },
      after: { kind: "continue" },
    });
    const good = "#3 a; #7 b;\nGO\n[1/3 3]x! (7)y!.";
    expect(
      told(plain, good.replace("#3", "#2").replace("[1/3 3]", "[1/2 2]").replace("#7", "#1").replace("(7)", "(1)")),
    ).toEqual([]);
    expect(told(plain, good)).toEqual(["GO\n[1/3 3]x!| the plan's numbers are 3, 7: 1 is missing"]);
    const problems = (from: string, to: string) => told(plain, good.replace(from, to)).slice(1);
    expect(problems("[1/3 3]", "[1/7 7]")).toEqual([
      "[1/7 7]x! (7| thread 7 stands where thread 3 is due",
      "(7)y!.| thread 7 stands here for a second time",
      ".| thread 3 is missing",
    ]);
    expect(problems("[1/3 3]", "[1/3 4]")).toEqual(['[1/3 4]x! (7| a thread must begin with "[1/3 3]"']);
    expect(problems(" (7)", " {7}")).toEqual(['{7}y!.| a thread must begin with "(7)"']);
    expect(problems("x! (7)y!.", "x!")).toEqual(["| thread 7 is missing"]);
    // A second plan is looked for behind the first one's threads.
    expect(told(plain, "#1 a;GO[1/1 1]x!#1 b;GO[1/1 1]y!")).toEqual([]);
    expect(told(plain, "#1 a;GO[1/1 1]x!GO")).toEqual(["GO| a plan without a readable item"]);
    // And one in a thread behind its header, a level deeper.
    expect(told(plain, "#1 a;GO[1/1 1]#1 b;GO[1/1 1]x!y!")).toEqual([]);
  });

  it("takes every text for a body where a format's headers and stops say nothing", () => {
    const mute = defineDialect({
      ...base,
      plan: { source: "fixed", count: 2 },
      trigger: { kind: "marker", marker: "=" },
      context: { kind: "prefix", header: { prompt: "", first: "", rest: "" } },
      thread: { stop: ["."], close: ".", keepTail: 0, maxDepth: 1 },
      join: { shape: "append", tail: "~", endTail: "" },
      after: { kind: "continue" },
    });
    expect(told(mute, "a=b.c.~d")).toEqual([]);
    expect(told(mute, "a=b.c.d")).toEqual(['d| behind the threads must stand "~"']);
    expect(told(mute, "a=b.c.")).toEqual([]);
    expect(told(mute, "a=b.")).toEqual(["| thread 2 is not closed by .", "| thread 2 is empty"].sort());
  });

  it("checks the tags alone where nothing is joined", () => {
    const shown = defineDialect({
      ...base,
      markers: ["<a>", "</a>"],
      context: { kind: "text", text: "{text}" },
      join: { shape: "display", render: { fn: "list" } },
      after: { kind: "continue" },
      functions: { list: () => "" },
    });
    expect(told(shown, "<a><Plan></Plan></Step></a>")).toEqual([]);
    expect(told(shown, "<a></a></a>")).toEqual(["</a>| </a> closes nothing"]);
    expect(told(sequential(asyncthink), "<FORK-1><ANSWER>")).toEqual(["<ANSWER>| <ANSWER> is never closed"]);
    expect(
      validateFormat({ ...sequential(asyncthink), markers: [], thread: { ...asyncthink.thread, stop: [] } }, "<a>"),
    ).toEqual([]);
  });

  it("reads results of a fixed plan by their numbers", () => {
    const fixed = defineDialect({
      ...base,
      plan: { source: "fixed", count: 2 },
      context: { kind: "text", text: "{id}" },
      join: {
        shape: "replaceBlock",
        from: "=",
        open: " (",
        each: { some: "{id}: {return}", none: "{id}-" },
        close: ") ",
      },
      after: { kind: "continue" },
      trigger: { kind: "marker", marker: "=" },
    });
    expect(told(fixed, "a (1: x2- )b")).toEqual([]);
    expect(told(fixed, "a (1: x1- )b")).toEqual(["1- )b| a second result for 1"]);
    expect(told(fixed, "a= (1- )b")).toEqual(["= (1- )b| a plan that was never joined: ="]);
  });

  it("shows up to thirty characters of a text", () => {
    const of = (n: number) => told(threadweaver, `<Parallel>${"x".repeat(n)}</Parallel>`);
    expect(of(30)).toEqual([`xxxxxxxxxxxx| text directly in <Parallel>: "${"x".repeat(30)}"`]);
    expect(of(31)).toEqual([`xxxxxxxxxxxx| text directly in <Parallel>: "${"x".repeat(29)}…"`]);
  });
});

describe("single changes to texts without a mistake", () => {
  /** Where things are in a text of one of the formats that append threads. */
  interface Change {
    name: string;
    /** The changed text and the place of the change; undefined where there is nothing to change. */
    make: (text: string, chance: (n: number) => number) => { text: string; at: number } | undefined;
  }

  const pick = <T>(list: readonly T[], chance: (n: number) => number): T | undefined =>
    list.length === 0 ? undefined : list[chance(list.length)];
  const replaced = (text: string, from: number, length: number, by: string) => ({
    text: text.slice(0, from) + by + text.slice(from + length),
    at: from,
  });

  function changesFor(dialect: Dialect, thread: string, item: string | undefined): Change[] {
    const whole = new RegExp(`<${thread}>(?:(?!<${thread}>).)*?</${thread}>`, "gs");
    const changes: Change[] = [
      {
        name: "a tag is dropped",
        make(text, chance) {
          const tags = dialect.markers.flatMap((m) => [...text.matchAll(new RegExp(m, "g"))]);
          const tag = pick(tags, chance);
          return tag && replaced(text, tag.index, tag[0].length, "");
        },
      },
      {
        name: "a body is deleted",
        make(text, chance) {
          const bodies = [
            ...text.matchAll(
              new RegExp(`(?<=<${thread}>${item === undefined ? "" : "\\n[0-9.]+:"})[^<]*(?=</${thread}>)`, "g"),
            ),
          ];
          const body = pick(bodies, chance);
          return body && replaced(text, body.index, body[0].length, "");
        },
      },
      {
        name: "junk stands between threads",
        make(text, chance) {
          const place = pick([...text.matchAll(new RegExp(`</${thread}>\\s*(?=<${thread}>)`, "g"))], chance);
          return place && replaced(text, place.index + `</${thread}>`.length, 0, "junk");
        },
      },
    ];
    if (item === undefined) return changes;
    changes.push(
      {
        name: "two threads change places",
        make(text) {
          const [one, two] = [...text.matchAll(whole)];
          if (one === undefined || two === undefined || two.index > one.index + one[0].length + 1) return undefined;
          const swapped = text.slice(0, one.index) + two[0] + one[0] + text.slice(two.index + two[0].length);
          return { text: swapped, at: one.index };
        },
      },
      {
        name: "a thread is renumbered",
        make(text, chance) {
          const number = pick([...text.matchAll(new RegExp(`(?<=<${thread}>\\n)[0-9.]+(?=:)`, "g"))], chance);
          return number && replaced(text, number.index, number[0].length, "77");
        },
      },
      {
        name: "an item is declared twice",
        make(text, chance) {
          const line = pick([...text.matchAll(new RegExp(`<${item}>.*?</${item}>\\n`, "gs"))], chance);
          return line && replaced(text, line.index, 0, line[0]);
        },
      },
      {
        name: "an item is renumbered",
        make(text, chance) {
          const line = pick([...text.matchAll(new RegExp(`(?<=<${item}>\\s*)[0-9.]+`, "g"))], chance);
          return line && replaced(text, line.index, line[0].length, "77");
        },
      },
    );
    return changes;
  }

  const formats: [Dialect, Flavour, string, string | undefined][] = [
    [threadweaver, "threadweaver", "Thread", "Outline"],
    [threadweaverConclusion, "threadweaver", "Thread", "Outline"],
    [npr, "npr", "step", "plan"],
    [parallelR1, "parallel-r1", "Path", undefined],
  ];
  const cases = formats.flatMap(([dialect, flavour, thread, item]) =>
    changesFor(dialect, thread, item).map((change) => [change.name, dialect.name, dialect, flavour, change] as const),
  );

  it.each(cases)("%s in %s, and it is told of", (_, _name, dialect, flavour, change) => {
    let changed = 0;
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, by) => {
        const { text } = tidyText(dialect, flavour, seed);
        const made = change.make(text, chanceFrom(by));
        if (made === undefined) return;
        changed += 1;
        const problems = validateFormat(dialect, made.text);
        expect(problems.length).toBeGreaterThan(0);
        expect(problems.map(({ at }) => at)).toEqual(problems.map(({ at }) => at).sort((a, b) => a - b));
        for (const { at, message } of problems) {
          expect(at).toBeGreaterThanOrEqual(0);
          expect(at).toBeLessThanOrEqual(made.text.length);
          expect(message).toMatch(/^[^\n]{8,}$/);
        }
        if (change.name === "junk stands between threads") {
          expect(problems).toEqual([
            { at: made.at, message: expect.stringMatching(/^text before a thread: "junk/) as string },
          ]);
        }
        if (change.name === "a body is deleted") {
          expect(problems).toEqual([
            { at: expect.any(Number) as number, message: expect.stringMatching(/^thread [0-9.]+ is empty$/) as string },
          ]);
        }
      }),
      { numRuns: runs(60) },
    );
    if (runs(60) === 60) expect(changed).toBeGreaterThan(5);
  });

  it.each<[Dialect, Flavour, RegExp]>([
    [apr, "apr", /<Sub Searches>|<End Sub Searches>/g],
    [asyncthink, "asyncthink", /<\/?(?:FORK|JOIN)-[0-9.]+>|<\/?ANSWER>/g],
  ])("a tag of $name is dropped, and it is told of", (dialect, flavour, tags) => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, by) => {
        const { text } = tidyText(dialect, flavour, seed);
        const tag = pick([...text.matchAll(tags)], chanceFrom(by));
        // Without its opening tag the rest of a fork is text, unless somebody joins it.
        if (tag === undefined || (tag[0].startsWith("<FORK") && !text.includes(tag[0].replace("FORK", "JOIN")))) return;
        const problems = validateFormat(dialect, replaced(text, tag.index, tag[0].length, "").text);
        expect(problems.length).toBeGreaterThan(0);
      }),
      { numRuns: runs(150) },
    );
  });
});

describe("whatever the text", () => {
  it.each(cast)("a text of %s has problems in order, each in the text", (_, dialect, flavour) => {
    fc.assert(
      fc.property(chances, limits, interruptions, modes, (chance, limit, interruption, mode) => {
        const options = { limits: limit, interrupt: interruptBy(interruption), mode };
        const { state } = runScripted(dialect, flavour, chance, options);
        const main = state.sequences[0];
        const text = main === undefined ? "" : textBetween(state.trie, main.body, main.head);
        let last = 0;
        for (const { at } of validateFormat(dialect, text)) {
          expect(at).toBeGreaterThanOrEqual(last);
          last = at;
        }
        expect(last).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: runs(150) },
    );
  });

  it.skipIf(hasty).each(cast)(
    "reading a hostile text of %s takes no longer than its length allows",
    (_, dialect) => {
      const tags = [
        ...dialect.markers,
        "<Outlines><Outline>1:</Outline></Outlines>",
        "<Outlines></Outlines>",
        "<Parallel><Outlines><Outline>1:</Outline></Outlines><Thread>\n1:",
        "<Thread>\n1:",
        "<guideline><plan>1:</plan></guideline><step>\n1:",
        "<FORK-1>",
        "<FORK-1></FORK-1><JOIN-1>",
        "<JOIN-1>",
        "</JOIN-1>",
        "<Sub Searches><Goal Reached in Sub Search 0 at level 1 at Node #0>",
        " ",
        "<Parallel> ",
      ];
      for (const tag of tags) validateFormat(dialect, tag.repeat(Math.ceil(60_000 / tag.length)));
      for (const tag of tags) validateFormat(dialect, `${tags.join("")}${tag.repeat(Math.ceil(20_000 / tag.length))}`);
    },
    20_000,
  );
});
