import { describe, expect, it } from "vitest";
import { npr, parallelR1, threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { countTokens } from "../../../src/core/measures/tokens.ts";
import { step } from "../../../src/core/machine/machine.ts";
import { createState, type State } from "../../../src/core/machine/state.ts";
import type { UntimedInput } from "../../../src/core/machine/protocol.ts";
import { play } from "../play.ts";
import { two, endingOf, threadEndings } from "./support.ts";

describe("cutting from outside", () => {
  const lines = { "0": [two, "."], "0/1.1": ["one</Thread>"], "0/1.2": ["two</Thread>"] };

  it("stops a run at its fork: threads are closed, the block too, and every call is cancelled", () => {
    const played = play(threadweaver, lines, {
      interrupt: (state, n) => (state.forks.length > 0 && n % 3 === 0 ? { t: "stop" } : undefined),
    });
    expect(played.text).toMatch(/<Thread>\n1:\w*\n<\/Thread><Thread>\n2:\w*\n<\/Thread>\n<\/Parallel>$/);
    expect(endingOf(played)).toEqual({ kind: "cut", by: "user" });
    expect(threadEndings(played).map(([, ending]) => ending)).toEqual([
      { kind: "cut", by: "parentCut" },
      { kind: "cut", by: "parentCut" },
    ]);
    expect(played.effects.filter(({ e }) => e === "cancel")).toHaveLength(2);
  });

  it("keeps the whole of a thread that had ended before, and of one that was writing its tail", () => {
    const played = play(
      npr,
      {
        "0": ["<guideline><plan>1:</plan><plan>2:</plan></guideline>"],
        "0/1.1": ["x</step>", "\n"],
        "0/1.2": ["yz</step>", "\n"],
      },
      {
        interrupt: (state) =>
          state.calls.some(({ role, live }) => role === "tail" && live) ? { t: "stop" } : undefined,
      },
    );
    expect(played.text).toMatch(/<step>\n1:x<\/step><step>\n2:y?z?\n<\/step>\n$/);
    expect(threadEndings(played)[0]?.[1]).toEqual({ kind: "marker", marker: "</step>" });
  });

  it("cuts a parent's threads with it, and joins what they wrote, innermost first", () => {
    const played = play(
      npr,
      {
        "0": ["<guideline><plan>1:</plan><plan>2:</plan></guideline>", "."],
        "0/1.1": ["<guideline><plan>1.1:</plan></guideline>"],
        "0/1.1/1.1": ["abc</step>"],
        "0/1.2": ["d</step>", "\n"],
      },
      {
        interrupt: (state) =>
          state.calls.some(({ sequence, tokens }) => sequence === 3 && tokens === 2)
            ? { t: "cut", sequence: 1, by: "deadline" }
            : undefined,
      },
    );
    expect(endingOf(played)).toEqual({ kind: "eos" });
    expect(threadEndings(played).map(([, ending]) => ending)).toEqual([
      { kind: "cut", by: "deadline" },
      { kind: "marker", marker: "</step>" },
      { kind: "cut", by: "parentCut" },
    ]);
    expect(played.text).toContain("\n<step>\n1.1:ab\n</step>\n\n</step>\n<step>\n2:d</step>\n<takeaway>\n.");
  });

  it("does nothing to what has ended", () => {
    const state = createState({ dialect: threadweaver });
    step(state, { at: 0, t: "start", prompt: { ids: [1] }, vocabulary: { eos: [0], markers: {} } });
    expect(step(state, { at: 0, t: "cut", sequence: 0, by: "quorum" })).toEqual([
      { e: "cancel", call: 0 },
      { e: "finish", ending: { kind: "cut", by: "quorum" } },
    ]);
    expect(step(state, { at: 0, t: "cut", sequence: 0, by: "user" })).toEqual([]);
    expect(step(state, { at: 0, t: "stop" })).toEqual([]);
    // The engine has not stopped yet.
    expect(step(state, { at: 0, t: "pieces", call: 0, pieces: [{ ids: [5, 6] }] })).toEqual([]);
    expect(countTokens(state)).toMatchObject({ generated: 0, wasted: 2 });
    expect(step(state, { at: 0, t: "ended", call: 0, reason: { kind: "stop" } })).toEqual([]);
  });

  it("closes the phase's block too when main is cut in it: it stands behind the join", () => {
    const played = play(
      parallelR1,
      { "0": ["<Parallel>", "sum</Summary>"], "0/1.1": ["x</Path>"], "0/1.2": ["y</Path>"] },
      {
        interrupt: (state) => (state.calls.some((c) => c.role === "after" && c.tokens > 1) ? { t: "stop" } : undefined),
      },
    );
    expect(played.text).toMatch(/<\/Parallel>\n<Summary>s\w+<\/Summary>$/);
    expect(endingOf(played)).toEqual({ kind: "cut", by: "user" });
  });
});

describe("a driver's mistake is a RangeError", () => {
  const started = (): State => {
    const state = createState({ dialect: threadweaver });
    step(state, { at: 0, t: "start", prompt: { ids: [1], text: "Q" }, vocabulary: { eos: [0], markers: {} } });
    return state;
  };

  it.each<[string, UntimedInput, string]>([
    [
      "a second start",
      { t: "start", prompt: {}, vocabulary: { eos: [], markers: {} } },
      "the machine has started already",
    ],
    ["pieces of an unknown call", { t: "pieces", call: 7, pieces: [] }, "there is no call 7"],
    ["the end of an unknown call", { t: "ended", call: -1, reason: { kind: "stop" } }, "there is no call -1"],
    ["a cut of an unknown sequence", { t: "cut", sequence: 2, by: "user" }, "there is no sequence 2"],
    ["ids for an unknown segment", { t: "encoded", segment: 5, ids: [] }, "the trie has no segment 5"],
    ["ids for what has them", { t: "encoded", segment: 0, ids: [] }, "segment 0 has its ids already"],
  ])("%s", (_, input, message) => {
    expect(() => step(started(), { ...input, at: 0 })).toThrow(new RangeError(message));
  });

  it("anything of a call behind its end", () => {
    const state = started();
    step(state, { at: 0, t: "ended", call: 0, reason: { kind: "stop" } });
    expect(() => step(state, { at: 0, t: "pieces", call: 0, pieces: [] })).toThrow(
      new RangeError("call 0 has ended already"),
    );
    expect(() => step(state, { at: 0, t: "ended", call: 0, reason: { kind: "stop" } })).toThrow(RangeError);
  });

  it("anything before the start", () => {
    const state = createState({ dialect: threadweaver });
    expect(() => step(state, { at: 0, t: "pieces", call: 0, pieces: [] })).toThrow(RangeError);
  });
});
