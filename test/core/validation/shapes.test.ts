import { describe, expect, it } from "vitest";
import { defineDialect, sequential } from "../../../src/core/dialects/dialect.ts";
import type { DialectInput } from "../../../src/core/dialects/schema.ts";
import { asyncthink, npr, threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { validateFormat } from "../../../src/core/validation/validate.ts";
import { told } from "./support.ts";

describe("formats of other shapes", () => {
  const base: DialectInput = {
    name: "toy",
    version: 1,
    summary: "a toy",
    threadKind: "subtasks",
    exact: { kind: "provisional", tokens: "kept", why: "a toy of the tests" },
    markers: [],
    trigger: { kind: "marker", marker: "</Plan>" },
    plan: { source: "outline", after: "<Plan>", item: "<Outline>~Step {id:int}: {text};", onEmpty: "end" },
    onForkRefused: "end",
    context: {
      kind: "prefix",
      header: {
        prompt: "\n<Execution>\n<Step> Step {id}: {text}\n",
        first: "\n<Execution>\n<Step> Step {id}: {text}\n",
        rest: "\n<Step> Step {id}: {text}\n",
      },
    },
    thread: { stop: ["</Step>"], close: "</Step>", tailTokens: 0, maxDepth: 1 },
    onThreadEnd: { eos: "continue", length: "continue", cut: "continue", failed: "continue", refused: "continue" },
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
        ['\n</Execution| the threads must be followed by "\\n</Execution>\\n<Sum>\\n"'],
      ],
      [
        "an end of the block that is missing",
        "</Execution>\n",
        "",
        [
          '\n<Sum>\ns</Su| the threads must be followed by "\\n</Execution>\\n<Sum>\\n"',
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
    expect(told(terse, good.replace("</Step>", ""))).toEqual([
      "| thread 1 is not closed by </Step>",
      '| the threads must be followed by "\\n</Execution>\\n<Sum>\\n"',
    ]);
    expect(told(terse, `</think>${good}</think>`)).toEqual(["</think>| </think> appears a second time"]);
  });

  it("reads threads behind a plan that nobody began, whatever their numbers", () => {
    const threads = "<Execution><Step> Step 7: p\nx</Step></Execution><Sum>";
    expect(told(defineDialect(base), `a</Plan>${threads}`)).toEqual(["</Plan><Exec| </Plan> closes nothing"]);
    const plan = { source: "outline", after: "PLAN", item: "#{id:int};", onEmpty: "end" } as const;
    const unpaired = defineDialect({ ...base, plan, trigger: { kind: "marker", marker: "GO" }, context: npr.context });
    const steps = "<step>1:x</Step></Execution><Sum>";
    expect(told(unpaired, `PLAN#1;GO${steps}`)).toEqual([]);
    expect(told(unpaired, `#1;GO${steps.replace("1", "5")}`)).toEqual([
      "GO<step>5:x<| a plan ended, but there is no PLAN before it",
    ]);
    // A plan is read once.
    expect(told(unpaired, `PLAN#1;GO${steps}</Sum>GO`)).toEqual(["GO| a plan ended, but there is no PLAN before it"]);
  });

  it("reads plans that end with a line and begin anywhere, and headers without tags", () => {
    const plain = defineDialect({
      ...base,
      trigger: { kind: "endOfText", lastLine: "GO" },
      plan: { source: "outline", after: "", item: "#{id:int} {name:word};", onEmpty: "end" },
      context: {
        kind: "prefix",
        header: { prompt: "\n[{index}/{id} {id}]", first: "\n[{index}/{id} {id}]", rest: " ({id})" },
      },
      thread: { stop: ["!"], close: "!", tailTokens: 0, maxDepth: 2 },
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
      "[1/7 7]x! (7| thread 7 appears where thread 3 is expected",
      "(7)y!.| thread 7 appears a second time",
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
      thread: { stop: ["."], close: ".", tailTokens: 0, maxDepth: 1 },
      join: { shape: "append", tail: "~", endTail: "" },
      after: { kind: "continue" },
    });
    expect(told(mute, "a=b.c.~d")).toEqual([]);
    expect(told(mute, "a=b.c.d")).toEqual(['d| the threads must be followed by "~"']);
    expect(told(mute, "a=b.c.")).toEqual([]);
    expect(told(mute, "a=b.")).toEqual(["| thread 2 is empty", "| thread 2 is not closed by ."]);
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
