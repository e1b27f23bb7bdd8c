import { describe, expect, it } from "vitest";
import { dcCot, npr, parallelR1, threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { told } from "./support.ts";

describe("so is what is wrong with threads", () => {
  const block = (plan: string, threads: string, behind = "\n</Parallel>") =>
    `a<Parallel>\n<Outlines>\n${plan}</Outlines>\n${threads}${behind}z`;
  const outline = (...ids: string[]) => ids.map((id) => `<Outline>${id}: p</Outline>\n`).join("");
  const threads = (...ids: string[]) => ids.map((id) => `<Thread>\n${id}: t${id}\n</Thread>`).join("");

  it.each<[what: string, text: string, problems: string[]]>([
    [
      "two that changed places",
      block(outline("1", "2", "3"), threads("1", "3", "2")),
      [
        "<Thread>\n3: | thread 3 appears where thread 2 is expected",
        "<Thread>\n2: | thread 2 appears where thread 3 is expected",
      ],
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
        "<Thread>\n2: | thread 2 appears where thread 1 is expected",
        "<Thread>\n3: | thread 3 appears where thread 2 is expected",
        "\n</Parallel>| thread 1 is missing",
      ],
    ],
    ["all missing", block(outline("1", "2"), ""), ["\n\n</Parallel| threads 1, 2 are missing"]],
    ["one too many", block(outline("1"), threads("1", "2")), ["<Thread>\n2: | thread 2 is not in the plan"]],
    [
      "one that was given another's number",
      block(outline("1", "2"), threads("1", "1")),
      ["<Thread>\n1: | thread 1 appears a second time", "\n</Parallel>| thread 2 is missing"],
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
        "<Thread>\n1: | thread 1 appears a second time",
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
    ["two ends of thinking", "a</think>b</think>", ["</think>| </think> appears a second time"]],
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
      '</Parallel>\n| the threads must be followed by "</Parallel>\\n<Summary>"',
      "</Summary>z| </Summary> closes nothing",
    ]);
    expect(changed("</Parallel>", "")).toEqual([
      "<Parallel><P| <Parallel> is never closed",
      '\n<Summary>s<| the threads must be followed by "</Parallel>\\n<Summary>"',
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
      '\n\nt</takeawa| the threads must be followed by "<takeaway>\\n"',
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

describe("so is what is wrong with threads of which each has its own tags", () => {
  const block = (...workers: string[]) => `a<spawn_workers>${workers.join("")}</spawn_workers>z`;
  const worker = (n: number, text = "t") => `<worker_${n}>${text}</worker_${n}>`;

  it.each<[what: string, text: string, problems: string[]]>([
    ["nothing", block(worker(1), worker(2), worker(3)), []],
    [
      "two that changed places",
      block(worker(2), worker(1), worker(3)),
      [
        "<worker_2>t<| thread 2 appears where thread 1 is expected",
        "<worker_1>t<| thread 1 appears where thread 2 is expected",
      ],
    ],
    ["one that is missing", block(worker(1), worker(2)), ["</spawn_work| thread 3 is missing"]],
    ["one too many", block(worker(1), worker(2), worker(3), worker(4)), ["<worker_4>t<| thread 4 is not in the plan"]],
    [
      "one that is closed by another's tag",
      block(`<worker_1>t</worker_2>`, worker(2), worker(3)),
      ["</worker_2><| thread 1 is not closed by </worker_1>"],
    ],
    [
      "one that is never closed",
      block(worker(1), worker(2), "<worker_3>t"),
      ["</spawn_work| thread 3 is not closed by </worker_3>"],
    ],
  ])("%s", (_, text, problems) => {
    expect(told(dcCot, text)).toEqual(problems);
  });
});
