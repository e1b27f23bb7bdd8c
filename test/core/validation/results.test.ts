import { describe, expect, it } from "vitest";
import type { Dialect } from "../../../src/core/dialects/schema.ts";
import { apr, asyncthink } from "../../../src/core/dialects/bundled/index.ts";
import { told } from "./support.ts";

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
