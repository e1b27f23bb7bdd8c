import { describe, expect, it } from "vitest";
import { npr, threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { countTokens } from "../../../src/core/measures/tokens.ts";
import { step } from "../../../src/core/machine/machine.ts";
import { createState } from "../../../src/core/machine/state.ts";
import { segmentOf } from "../../../src/core/trie/trie.ts";
import { completesOf, play, type Line } from "../play.ts";
import { plan, piecesOf, two, typed, at, endingOf, threadEndings } from "./support.ts";

describe("markers that are no tokens", () => {
  const lines: Record<string, Line[]> = {
    "0": [typed(`so ${plan("1: a", "2: b")}`), [" </Para", "llel>\n", "end"]],
    "0/1.1": [["x\n<", "/Thr", "ead> and more"]],
    "0/1.2": [["y</Thread>"]],
  };
  const expected = play(threadweaver, {
    "0": [`so ${plan("1: a", "2: b")}`, " </Parallel>\nend"],
    "0/1.1": ["x\n</Thread>"],
    "0/1.2": ["y</Thread>"],
  });

  it.each(["spelled", "text"] as const)("are found in the text (%s), with the same text in the end", (mode) => {
    for (const late of [0, 1, 2, 3]) {
      const played = play(threadweaver, lines, { mode, chance: at(late), markers: [] });
      expect(played.text).toBe(expected.text);
      expect(played.contexts["0/1.2#0"]).toBe(expected.contexts["0/1.2#0"]);
      expect(endingOf(played)).toEqual({ kind: "eos" });
      expect(played.codes).toEqual([]);
      const first = played.state.calls.find(({ sequence }) => sequence === 1);
      expect(
        piecesOf(played.state, first?.segment ?? 0)
          .map((p) => p.text)
          .slice(0, 3),
      ).toEqual(["x\n<", "/Thr", "ead> and more"]);
      expect(segmentOf(played.state.trie, first?.segment ?? 0)).toMatchObject({ sampled: 3, context: 2 });
    }
  });

  it("are cancelled at the engine, which does not know of them", () => {
    const played = play(threadweaver, lines, { mode: "spelled", markers: [] });
    expect(played.effects.filter(({ e }) => e === "cancel").map((effect) => effect)).toEqual([
      { e: "cancel", call: 0 },
      { e: "cancel", call: 1 },
      { e: "cancel", call: 2 },
    ]);
  });

  it("are text where they do have tokens and were spelled out all the same", () => {
    const spelled = play(threadweaver, { "0": [typed(two)] });
    expect(spelled.state.forks).toHaveLength(0);
    expect(spelled.text).toBe(`Q\n${two}`);
  });
});

describe("limits of tokens", () => {
  const body = (text: string): Line => ({ write: text, fate: "length" });

  it("end a thread that has used up its own, and say which limit it was", () => {
    const played = play(
      threadweaver,
      { "0": [two], "0/1.1": ["abcdefgh"], "0/1.2": ["x</Thread>"] },
      { limits: { threadTokens: 3 } },
    );
    expect(threadEndings(played)).toEqual([
      ["0/1.1", { kind: "length", limit: "threadTokens" }],
      ["0/1.2", { kind: "marker", marker: "</Thread>" }],
    ]);
    expect(played.text).toContain("1:abc\n</Thread>");
    expect(completesOf(played.effects).map(({ maxTokens }) => maxTokens)).toEqual([undefined, 3, 3]);
  });

  it("are told to the engine, less what is used up", () => {
    const played = play(
      threadweaver,
      { "0": [two, "abcdefgh"], "0/1.1": ["x</Thread>"], "0/1.2": ["y</Thread>"] },
      { limits: { runTokens: 60, threadTokens: 10 } },
    );
    const before = [...two.matchAll(/<[^>]*>|[^<]/g)].length;
    expect(completesOf(played.effects).map(({ maxTokens }) => maxTokens)).toEqual([
      60,
      Math.min(10, 60 - before),
      Math.min(10, 60 - before),
      60 - before - 4,
    ]);
  });

  it("end the whole run when it has used up all, and close what is open", () => {
    const before = [...two.matchAll(/<[^>]*>|[^<]/g)].length;
    const played = play(
      threadweaver,
      { "0": [two], "0/1.1": ["abcdefgh"], "0/1.2": ["ijklmnop"] },
      { limits: { runTokens: before + 5 } },
    );
    expect(endingOf(played)).toEqual({ kind: "length", limit: "runTokens", threadId: "0/1.1" });
    expect(threadEndings(played).map(([, ending]) => ending)).toEqual([
      { kind: "length", limit: "runTokens" },
      { kind: "length", limit: "runTokens" },
    ]);
    expect(countTokens(played.state).generated).toBe(before + 5);
    expect(played.text).toBe(`Q\n${two}\n<Thread>\n1:abcde\n</Thread><Thread>\n2:\n</Thread>\n</Parallel>`);
  });

  it("leave nothing to a call: then nobody is asked", () => {
    const played = play(threadweaver, {}, { limits: { runTokens: 0 } });
    expect(played.effects).toEqual([{ e: "finish", ending: { kind: "length", limit: "runTokens" } }]);
    expect(played.state.calls[0]).toMatchObject({ live: false, tokens: 0, wasted: 0 });
    const exact = play(npr, { "0": ["<guideline><plan>1:</plan></guideline>"] }, { limits: { runTokens: 6 } });
    expect(endingOf(exact)).toEqual({ kind: "length", limit: "runTokens" });
    expect(completesOf(exact.effects)).toHaveLength(1);
    expect(exact.text).toBe("Q\n<guideline><plan>1:</plan></guideline>\n<step>\n1:\n</step>\n<takeaway>\n");
  });

  it("do not end main by those of a thread", () => {
    const played = play(threadweaver, { "0": ["abcdef"] }, { limits: { threadTokens: 2 } });
    expect(played.text).toBe("Q\nabcdef");
  });

  it("count a thread's tail and what it writes behind its own joins", () => {
    const played = play(
      npr,
      {
        "0": ["<guideline><plan>1:</plan></guideline>", "."],
        "0/1.1": ["<guideline><plan>1:</plan></guideline>", body("abcdef")],
        "0/1.1/1.1": ["x</step>", "\n"],
      },
      { limits: { threadTokens: 9 } },
    );
    expect(played.text).toContain("<takeaway>\nabc\n</step>");
    expect(played.state.sequences[1]?.tokens).toBe(9);
    expect(threadEndings(played)[0]).toEqual(["0/1.1", { kind: "length", limit: "threadTokens" }]);
  });

  it("take for wasted what an engine writes beyond them", () => {
    const state = createState({ dialect: threadweaver, limits: { runTokens: 2 } });
    step(state, { at: 0, t: "start", prompt: { ids: [1] }, vocabulary: { eos: [0], markers: {} } });
    const pieces = [
      { ids: [2], text: "a" },
      { ids: [3], text: "b" },
      { ids: [4], text: "c" },
    ];
    expect(step(state, { at: 0, t: "pieces", call: 0, pieces }).at(-1)).toEqual({
      e: "finish",
      ending: { kind: "length", limit: "runTokens" },
    });
    expect(state.calls[0]).toMatchObject({ tokens: 2, wasted: 1 });
    expect(segmentOf(state.trie, 1)).toMatchObject({ sampled: 2, context: 2 });
  });

  it("end a thread at its last token, whatever the engine does next", () => {
    const state = createState({ dialect: threadweaver, limits: { threadTokens: 1 } });
    const markers = { "<Outlines>": 7, "</Outlines>": 8, "</Thread>": 9 };
    step(state, { at: 0, t: "start", prompt: { ids: [1] }, vocabulary: { eos: [0], markers } });
    const pieces = [
      { ids: [7], text: "<Outlines>" },
      { ids: [2], text: "<Outline>1:</Outline>" },
      { ids: [8], text: "</Outlines>" },
    ];
    step(state, { at: 0, t: "pieces", call: 0, pieces });
    const effects = step(state, {
      at: 0,
      t: "pieces",
      call: 1,
      pieces: [
        { ids: [3], text: "a" },
        { ids: [4], text: "b" },
      ],
    });
    expect(effects.map(({ e }) => e)).toEqual(["warning", "thread-end", "join", "warning", "finish"]);
    expect(state.calls[1]).toMatchObject({ tokens: 1, wasted: 1, ending: { kind: "length", limit: "threadTokens" } });
  });

  it("that an engine reports without there being any are the engine's own", () => {
    for (const limits of [{}, { runTokens: 5 }]) {
      const state = createState({ dialect: threadweaver, limits });
      step(state, { at: 0, t: "start", prompt: { ids: [1] }, vocabulary: { eos: [0], markers: {} } });
      expect(step(state, { at: 0, t: "ended", call: 0, reason: { kind: "length" } })).toEqual([
        { e: "finish", ending: { kind: "length", limit: "engine" } },
      ]);
    }
  });

  it("name the tighter of two limits, and the run's where they are equal", () => {
    const limitOf = (threadTokens: number, runTokens: number) =>
      threadEndings(
        play(threadweaver, { "0": [plan("1: a")], "0/1.1": ["abcdefgh"] }, { limits: { threadTokens, runTokens } }),
      )[0]?.[1];
    const before = [...plan("1: a").matchAll(/<[^>]*>|[^<]/g)].length;
    expect(limitOf(2, before + 3)).toEqual({ kind: "length", limit: "threadTokens" });
    expect(limitOf(3, before + 2)).toEqual({ kind: "length", limit: "runTokens" });
    expect(limitOf(2, before + 2)).toEqual({ kind: "length", limit: "runTokens" });
  });
});
