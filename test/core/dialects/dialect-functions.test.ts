import { describe, expect, it } from "vitest";
import { builtinFunctions } from "../../../src/core/dialects/bundled/index.ts";

describe("the node table of apr", () => {
  const node = builtinFunctions["countdownNode"];
  const at = (history: string, id: string) => node?.({ text: "", history, captures: { id }, threads: [] });
  const start = "Moving to Node #0\nCurrent State: 24:[4, 6, 8, 8], Operations: []\n";

  it("builds a node's state and the operations that led there", () => {
    const history = `${start}Generated Node #0,1: 24:[2, 8, 8] Operation: 6-4=2\nGenerated Node #0,1,2: 24:[16, 8] Operation: 2*8=16\n`;
    expect(at(history, "0,1")).toBe("Moving to Node #0,1\nCurrent State: 24:[2, 8, 8], Operations: ['6-4=2']");
    expect(at(history, "0,1,2")).toBe(
      "Moving to Node #0,1,2\nCurrent State: 24:[16, 8], Operations: ['6-4=2', '2*8=16']",
    );
    expect(at(history, "0")).toBe("Moving to Node #0\nCurrent State: 24:[4, 6, 8, 8], Operations: []");
  });

  it("takes the operations of a node that is moved to as they are quoted", () => {
    const history =
      "Moving to Node #1\nCurrent State: -3:[1], Operations: ['4-7=-3', '1*1=1']\nGenerated Node #1,0: 5:[] Operation: 1+4=5\n";
    expect(at(history, "1,0")).toBe(
      "Moving to Node #1,0\nCurrent State: 5:[], Operations: ['4-7=-3', '1*1=1', '1+4=5']",
    );
  });

  it("lets what is told last hold", () => {
    const history = `${start}Generated Node #0,1: 24:[1] Operation: a\nGenerated Node #0,1: 24:[2] Operation: b\n`;
    expect(at(history, "0,1")).toContain("24:[2], Operations: ['b']");
    expect(at(`${history}Moving to Node #0,1\nCurrent State: 24:[3], Operations: ['c']`, "0,1")).toContain("24:[3]");
    expect(at(`Generated Node #0,1: 24:[1] Operation: a\n${start}`, "0,1")).toContain("Operations: ['a']");
  });

  it("knows nothing of a node that nobody wrote down", () => {
    expect(at(start, "0,1")).toBeUndefined();
    expect(at(start, "")).toBeUndefined();
    expect(node?.({ text: "", history: start, captures: {}, threads: [] })).toBeUndefined();
    expect(at("Generated Node #7: 24:[1] Operation: a", "7")).toContain("Operations: ['a']");
  });
});

describe("the return of a sub-search", () => {
  const goal = builtinFunctions["goalPath"];
  const of = (text: string) => goal?.({ text, history: "", captures: {}, threads: [] });

  it("is what stands after the last goal but one, without white space at its end", () => {
    expect(of("a Goal Reached\nthe way\n24,24 equal: Goal Reached\n")).toBe("the way\n24,24 equal: Goal Reached");
    expect(of("Goal Reached 1 Goal Reached 2 Goal Reached.")).toBe("2 Goal Reached.");
    expect(of("Goal ReachedGoal Reached")).toBe("oal Reached");
  });

  it("is nothing where a goal is told less than twice", () => {
    expect(of("")).toBeUndefined();
    expect(of("Goal Reached")).toBeUndefined();
    expect(of("x Goal Reached x")).toBeUndefined();
  });
});

describe("the return of a worker", () => {
  const returned = builtinFunctions["returned"];
  const of = (text: string) => returned?.({ text, history: "", captures: {}, threads: [] });

  it.each([
    ["a<RETURN>b</RETURN>c", "b"],
    ["a<RETURN>b", "b"],
    ["a</RETURN>b", "a"],
    ["ab", "ab"],
    ["</RETURN><RETURN>b</RETURN>", "b"],
    ["<RETURN>a<RETURN>b</RETURN>", "a<RETURN>b"],
    ["", ""],
  ])("of %j is %j", (text, expected) => {
    expect(of(text)).toBe(expected);
  });
});
