import { describe, expect, it } from "vitest";
import { apr } from "../../../src/core/dialects/bundled/index.ts";
import { path, textOf } from "../../../src/core/trie/path.ts";
import { segmentOf } from "../../../src/core/trie/trie.ts";
import { completesOf, play, type Line } from "../play.ts";
import { piecesOf, typed, endingOf, threadEndings } from "./support.ts";

describe("apr", () => {
  const prompt = "Moving to Node #0\nCurrent State: 24:[4, 6], Operations: []";
  const call = (...ids: string[]) =>
    `<Calling Sub Searches>\n${ids.map((id, n) => `<Start Sub Search ${n} at level 1> Moving to Node #${id}\n`).join("")}<End Calling Sub Searches>`;
  const made = "\nGenerated Node #0,1: 24:[24] Operation: 4*6=24\n";
  const search = (lines: Record<string, Line[]>, more = {}) => play(apr, lines, { prompt, markers: [], ...more });

  it("puts results in the place of the call, and shows nothing else of the searches", () => {
    const played = search({
      "0": [`${made}${call("0,1", "0")}`, "done"],
      "0/1.1": ["\nx Goal Reached\nway Goal Reached\n"],
      "0/1.2": ["\nnothing"],
    });
    expect(played.contexts["0/1.1#0"]).toBe("Moving to Node #0,1\nCurrent State: 24:[24], Operations: ['4*6=24']");
    expect(played.text).toBe(
      `${prompt}${made}<Sub Searches>\n<Goal Reached in Sub Search 0 at level 1 at Node #0,1>\nway Goal Reached\n` +
        "<No Solution in Sub Search 1 at level 1 at Node #0>\n<End Sub Searches>\ndone",
    );
    expect(endingOf(played)).toEqual({ kind: "eos" });
    expect(played.codes).toEqual([]);
  });

  it("replaces a guarded marker wherever it begins in a piece, and goes on", () => {
    for (const head of ["", "ab", "x"]) {
      for (const write of [["a", "b<Sub ", "Searches>c"], typed("ab<Sub Searches>c"), ["ab<Sub Searches>c"]]) {
        const played = search({ "0": [[head, ...write].filter((w) => w !== ""), "end"] });
        expect(completesOf(played.effects).map(({ role }) => role)).toEqual(["body", "body"]);
        expect(played.contexts["0#1"]).toBe(`${prompt}${head}ab<Calling Sub Searches>`);
        expect(played.text).toBe(`${prompt}${head}ab<Calling Sub Searches>end`);
      }
    }
  });

  it("replaces a guard that is one token too, and sends it to nobody", () => {
    const played = search({ "0": ["ab<Sub Searches>c", "end"] }, { markers: ["<Sub Searches>"] });
    expect(played.text).toBe(`${prompt}ab<Calling Sub Searches>end`);
    expect(played.state.calls[0]).toMatchObject({ tokens: 3, wasted: 0, live: false });
    expect(segmentOf(played.state.trie, 1)).toMatchObject({ sampled: 3, context: 2 });
    expect(played.effects.some(({ e }) => e === "cancel")).toBe(false);
  });

  it("ends where the last line asks for nothing", () => {
    expect(search({ "0": [`${call("0")}\nso`] }).state.forks).toHaveLength(0);
    expect(endingOf(search({ "0": ["<End Calling Sub Searches>"] }))).toEqual({ kind: "eos" });
    expect(search({ "0": ["<End Calling Sub Searches>"] }).codes).toEqual(["plan-without-opener", "plan-empty"]);
  });

  it("asks also where something stands behind the marker on the last line, or where the text is cut in two calls", () => {
    expect(search({ "0": [`\n${call("0")} so`, "."], "0/1.1": [""] }).state.forks).toHaveLength(1);
    const guarded = search({
      "0": ["<Sub Searches>", `\n<Start Sub Search 0 at level 1> Moving to Node #0\n<End Calling Sub Searches>`, "."],
      "0/1.1": [""],
    });
    expect(guarded.state.forks).toHaveLength(1);
    expect(guarded.text).toBe(
      `${prompt}<Sub Searches>\n<No Solution in Sub Search 0 at level 1 at Node #0>\n<End Sub Searches>\n.`,
    );
  });

  it("makes no call for a node that nobody wrote down, and gives no solution for it", () => {
    const played = search({ "0": [call("9"), "."] });
    expect(played.warnings).toEqual([
      {
        code: "thread-not-started",
        message: "thread 9 cannot start, because the dialect's function returned no prompt for it",
        threadId: "0/1.1",
      },
    ]);
    expect(threadEndings(played)).toEqual([["0/1.1", { kind: "refused", limit: "plan" }]]);
    expect(played.text).toContain("<No Solution in Sub Search 0 at level 1 at Node #9>\n");
    expect(completesOf(played.effects)).toHaveLength(2);
  });

  it("gives no solution for a search that failed or was cut, whatever it found", () => {
    const goals = "Goal Reached\nGoal Reached\n";
    const played = search({
      "0": [`${made}${call("0", "0,1")}`, "."],
      "0/1.1": [{ write: goals, fate: "failed" }],
      "0/1.2": [{ write: goals, fate: "cut" }],
    });
    expect(played.text.match(/No Solution/g)).toHaveLength(2);
    const long = search({ "0": [call("0"), "."], "0/1.1": [{ write: goals, fate: "length" }] });
    expect(long.text).toContain("<Goal Reached in Sub Search 0 at level 1 at Node #0>\nGoal Reached\n<End");
  });

  it("ends at a call of too many", () => {
    const played = search({ "0": [call("0", "1")] }, { limits: { threads: 1 } });
    expect(endingOf(played)).toEqual({ kind: "refused", limit: "threads" });
    expect(played.text).toBe(`${prompt}${call("0", "1")}`);
    const main = played.state.sequences[0]?.head ?? { segment: 0, n: 0 };
    expect(path(played.state.trie, main).at(-1)?.ids).toHaveLength(1); // the end of sequence is still there
  });

  it("drops one final line feed of what main or a search wrote, before anything looks at it", () => {
    // The last line asks for a search all the same.
    const asked = search({ "0": [`${call("0")}\n`, "."], "0/1.1": [""] });
    expect(asked.state.forks).toHaveLength(1);
    for (const write of ["a\n\n", ["a", "\n", "\n"], ["a\n\n"]]) {
      expect(search({ "0": [write] }).text).toBe(`${prompt}a\n`);
    }
    expect(search({ "0": [{ write: "a\n", fate: "length" }] }).text).toBe(`${prompt}a`);
    expect(search({ "0": [{ write: "a\n", fate: "failed" }] }).text).toBe(`${prompt}a\n`);
    expect(search({ "0": [["a", "\n"]] }).state.trie.segments[1]).toMatchObject({ sampled: 3, context: 1 });
  });

  it("hands a token budget in front of the prompt down to every search, and no budget of calls", () => {
    const budgeted = (front: string) =>
      search({ "0": [`${made}${call("0,1")}`, "."], "0/1.1": [""] }, { prompt: `${front}${prompt}` }).contexts[
        "0/1.1#0"
      ];
    expect(budgeted("Token Budget: 512 ")).toMatch(/^Token Budget: 512 Moving to Node #0,1\n/);
    expect(budgeted("Sub Call Budget: 3 ")).toMatch(/^Moving to Node #0,1\n/);
  });

  it("replaces what stands behind the last opener only, and keeps all before it", () => {
    const played = search({ "0": [`a<Calling Sub Searches>b${call("0")}`, "."], "0/1.1": [""] });
    expect(played.text).toContain("a<Calling Sub Searches>b<Sub Searches>\n<No Solution");
  });

  it("cuts through a piece where the call begins in it", () => {
    const whole = call("0");
    const played = search({ "0": [["a\n", `b${whole.slice(0, 9)}`, whole.slice(9)], "."], "0/1.1": [""] });
    expect(played.text).toBe(
      `${prompt}a\nb<Sub Searches>\n<No Solution in Sub Search 0 at level 1 at Node #0>\n<End Sub Searches>\n.`,
    );
    const [, , next] = completesOf(played.effects);
    expect(next?.from?.call).toBe(0);
    expect(textOf(path(played.state.trie, next?.from?.shared ?? { segment: -1, n: 0 }))).toBe(`${prompt}a\n`);
    const cut = played.state.trie.segments.filter(({ maker }) => maker.by === "cut");
    expect(cut.map(({ id }) => piecesOf(played.state, id).map((p) => p.text))).toEqual([["b"]]);
  });

  it("finds the call by its token where it has one, and replaces from there on", () => {
    const opener = "<Calling Sub Searches>";
    const body = "<Start Sub Search 0 at level 1> Moving to Node #0\n";
    const played = search(
      { "0": [["a", opener, body, ...typed(opener), "\n<End Calling Sub Searches>"], "."], "0/1.1": [""] },
      { markers: [opener] },
    );
    expect(played.text).toBe(
      `${prompt}a<Sub Searches>\n<No Solution in Sub Search 0 at level 1 at Node #0>\n<End Sub Searches>\n.`,
    );
  });
});
