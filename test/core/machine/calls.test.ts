import { describe, expect, it } from "vitest";
import type { Dialect } from "../../../src/core/dialects/schema.ts";
import { apr, asyncthink, parallelR1, threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { step } from "../../../src/core/machine/machine.ts";
import { createState } from "../../../src/core/machine/state.ts";
import type { Effect, Input } from "../../../src/core/machine/protocol.ts";
import { owners, path, textOf } from "../../../src/core/trie/path.ts";
import { segmentOf } from "../../../src/core/trie/trie.ts";
import { play, type Played } from "../play.ts";
import { plan } from "./support.ts";

describe("how an engine ends a call", () => {
  const end = (reason: Extract<Input, { t: "ended" }>["reason"]): readonly Effect[] => {
    const state = createState({ dialect: threadweaver });
    step(state, { at: 0, t: "start", prompt: { ids: [1] }, vocabulary: { eos: [0], markers: {} } });
    return step(state, { at: 0, t: "ended", call: 0, reason });
  };

  it("is taken over, a stop that no marker explains as the end of the sequence", () => {
    expect(end({ kind: "stop" })).toEqual([{ e: "finish", ending: { kind: "eos" } }]);
    expect(end({ kind: "context" })).toEqual([{ e: "finish", ending: { kind: "length", limit: "context" } }]);
    expect(end({ kind: "refused", limit: "context" })).toEqual([
      { e: "finish", ending: { kind: "refused", limit: "context" } },
    ]);
    expect(end({ kind: "failed", message: "gone" })).toEqual([
      { e: "finish", ending: { kind: "failed", message: "gone" } },
    ]);
  });
});

describe("an end of sequence that the vocabulary did not know", () => {
  const vocabulary = { eos: [0], markers: { "<Parallel>": 5 } };

  it("is told of when a call ends at it, and then dropped like any other, in this call and in those after", () => {
    const state = createState({ dialect: parallelR1 });
    step(state, { at: 0, t: "start", prompt: { ids: [1], text: "Q" }, vocabulary });
    step(state, { at: 0, t: "pieces", call: 0, pieces: [{ ids: [5], text: "<Parallel>" }] });
    step(state, { at: 0, t: "pieces", call: 1, pieces: [{ ids: [7], text: "a" }] });
    step(state, { at: 0, t: "pieces", call: 1, pieces: [{ ids: [9], text: "" }] });
    step(state, { at: 0, t: "ended", call: 1, reason: { kind: "stop", eos: 9 } });
    step(state, {
      at: 0,
      t: "pieces",
      call: 2,
      pieces: [
        { ids: [8], text: "b" },
        { ids: [9], text: "" },
      ],
    });
    step(state, { at: 0, t: "ended", call: 2, reason: { kind: "stop", eos: 9 } });
    const { head = { segment: 0, n: 0 } } = state.sequences[0] ?? {};
    expect(path(state.trie, head).flatMap(({ ids = [] }) => ids)).toEqual([1, 5, 7, 8]);
    expect(textOf(path(state.trie, head))).toBe("Q<Parallel><Path>a</Path><Path>b</Path></Parallel>\n<Summary>");
  });
});

describe("an engine that refuses a call", () => {
  const vocabulary = { eos: [0], markers: { "<Parallel>": 5 } };

  it("ends the run in the summary of parallel-r1, and closes that", () => {
    const state = createState({ dialect: parallelR1 });
    step(state, { at: 0, t: "start", prompt: { ids: [1], text: "Q" }, vocabulary });
    step(state, { at: 0, t: "pieces", call: 0, pieces: [{ ids: [5], text: "<Parallel>" }] });
    for (const call of [1, 2]) step(state, { at: 0, t: "ended", call, reason: { kind: "stop" } });
    expect(state.calls[3]?.role).toBe("after");
    expect(step(state, { at: 0, t: "ended", call: 3, reason: { kind: "refused", limit: "context" } })).toEqual([
      { e: "finish", ending: { kind: "refused", limit: "context" } },
    ]);
    const { head = { segment: 0, n: 0 } } = state.sequences[0] ?? {};
    expect(textOf(path(state.trie, head))).toMatch(/<Summary><\/Summary>$/);
  });

  it("leaves a thread without a result", () => {
    const dialect: Dialect = { ...asyncthink, join: { shape: "fill", each: { some: "some", none: "none" } } };
    const state = createState({ dialect });
    step(state, { at: 0, t: "start", prompt: { ids: [1], text: "Q" }, vocabulary });
    step(state, { at: 0, t: "pieces", call: 0, pieces: [{ ids: [2], text: "<FORK-1>a</FORK-1><JOIN-1>" }] });
    step(state, { at: 0, t: "ended", call: 1, reason: { kind: "refused", limit: "context" } });
    const { head = { segment: 0, n: 0 } } = state.sequences[0] ?? {};
    expect(textOf(path(state.trie, head))).toBe("Q<FORK-1>a</FORK-1><JOIN-1>none");
  });
});

describe("how a call was made", () => {
  it("is kept with what it generated, and what its engine says of it at the end too", () => {
    const state = createState({ dialect: threadweaver });
    step(state, { at: 0, t: "start", prompt: { ids: [1] }, vocabulary: { eos: [0], markers: {} } });
    expect(step(state, { at: 0, t: "sent", call: 0, seed: 7, attempt: 1, promptTokens: 1 })).toEqual([]);
    const made = { from: 0, seed: 7, attempt: 1, promptTokens: 1 };
    expect(segmentOf(state.trie, 1).origins).toEqual([made]);
    step(state, {
      at: 0,
      t: "ended",
      call: 0,
      reason: { kind: "stop" },
      usage: { cachedTokens: 3, weightVersion: "a" },
    });
    expect(segmentOf(state.trie, 1).origins).toEqual([{ ...made, cachedTokens: 3, weightVersion: "a" }]);
    expect(() =>
      step(state, { at: 0, t: "ended", call: 0, reason: { kind: "stop" }, usage: { cachedTokens: 9 } }),
    ).toThrow(RangeError);
    expect(segmentOf(state.trie, 1).origins[0]?.cachedTokens).toBe(3);
  });

  it("is not made up from what the engine says alone, nor taken away where it says nothing", () => {
    for (const usage of [{ cachedTokens: 3 }, undefined]) {
      const state = createState({ dialect: threadweaver });
      step(state, { at: 0, t: "start", prompt: { ids: [1] }, vocabulary: { eos: [0], markers: {} } });
      step(state, { at: 0, t: "ended", call: 0, reason: { kind: "stop" }, usage });
      expect(segmentOf(state.trie, 1).origins).toEqual([]);
    }
    const state = createState({ dialect: threadweaver });
    step(state, { at: 0, t: "start", prompt: { ids: [1] }, vocabulary: { eos: [0], markers: {} } });
    step(state, { at: 0, t: "sent", call: 0, seed: 7, attempt: 1, promptTokens: 1 });
    step(state, { at: 0, t: "ended", call: 0, reason: { kind: "stop" } });
    expect(segmentOf(state.trie, 1).origins).toEqual([{ from: 0, seed: 7, attempt: 1, promptTokens: 1 }]);
  });
});

describe("ids that come late", () => {
  it("are put to the piece, with its text where that comes too", () => {
    const state = createState({ dialect: threadweaver });
    const chat = [{ role: "user", content: "hi" }];
    step(state, { at: 0, t: "start", prompt: { chat }, vocabulary: { eos: [0], markers: {} } });
    expect(step(state, { at: 0, t: "encoded", segment: 0, ids: [1, 2], text: "<hi>" })).toEqual([]);
    expect(path(state.trie, { segment: 0, n: 1 })).toEqual([{ chat, ids: [1, 2], text: "<hi>" }]);
    expect(() => step(state, { at: 0, t: "encoded", segment: 0, ids: [3] })).toThrow("segment 0 has its ids already");
    expect(state.broken).toBeUndefined();
  });
});

describe("who made what", () => {
  /** The pieces of main's text, those of one maker made one. */
  const makersOf = ({ state: { trie, sequences } }: Played): [who: string, text: string, copied: boolean][] => {
    const stretches: [string, string, boolean][] = [];
    for (const { piece, maker, copied } of owners(trie, sequences[0]?.head ?? { segment: 0, n: 0 })) {
      const who = maker.by === "model" ? `call ${maker.call}` : maker.by === "runtime" ? maker.why : maker.by;
      const last = stretches.at(-1);
      if (last?.[0] === who && last[2] === copied) last[1] += piece.text ?? "";
      else stretches.push([who, piece.text ?? "", copied]);
    }
    return stretches;
  };

  it("is known of every piece of the joined text", () => {
    const lines = { "0": [plan("1: a", "2: b"), "."], "0/1.1": ["x</Thread>"], "0/1.2": ["y"] };
    expect(makersOf(play(threadweaver, lines))).toEqual([
      ["prompt", "Q\n", false],
      ["call 0", plan("1: a", "2: b"), false],
      ["header", "\n<Thread>\n1:", false],
      ["call 1", "x</Thread>", false],
      ["header", "<Thread>\n2:", false],
      ["call 2", "y", true],
      ["close", "\n</Thread>", true],
      ["tail", "\n</Parallel>", false],
    ]);
  });

  it("is known of summaries that were closed", () => {
    const lines = { "0": ["<Parallel>", "s", "."], "0/1.1": ["x</Path>"], "0/1.2": ["y</Path>"] };
    expect(makersOf(play(parallelR1, lines)).slice(-4)).toEqual([
      ["tail", "</Parallel>\n<Summary>", false],
      ["call 3", "s", false],
      ["close", "</Summary>", false],
      ["call 4", ".", false],
    ]);
  });

  it("is known of results, of what a guard put in, and of the part of a piece that was kept", () => {
    const call = "\n<Start Sub Search 0 at level 1> Moving to Node #9\n<End Calling Sub Searches>";
    const guarded = play(apr, { "0": [["a<Sub Searches>b"], "c", "."] }, { markers: [], prompt: "Q\n" });
    expect(makersOf(guarded)).toEqual([
      ["prompt", "Q\n", false],
      ["cut", "a", false],
      ["substitute", "<Calling Sub Searches>", false],
      ["call 1", "c", false],
    ]);
    const replaced = play(apr, { "0": [`a<Calling Sub Searches>${call}`, "."] }, { markers: [], prompt: "Q\n" });
    expect(makersOf(replaced).map(([who]) => who)).toEqual(["prompt", "call 0", "return", "call 1"]);
    const filled = play(
      asyncthink,
      { "0": ["<FORK-1>a</FORK-1><JOIN-1>", "<JOIN-2>", "."], "0/1.1": ["x"] },
      { markers: [] },
    );
    expect(makersOf(filled).filter(([who]) => who === "return")).toEqual([
      ["return", "x</JOIN-1>", false],
      ["return", "</JOIN-2>", false],
    ]);
  });
});
