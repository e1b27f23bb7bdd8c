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
    for (const t of ["time", "stop"] as const) {
      expect(() => step(state, { at: 0, t })).toThrow(new RangeError("the machine has not started"));
    }
    expect(() => step(state, { at: 0, t: "cut", sequence: 0, by: "user" })).toThrow(
      new RangeError("there is no sequence 0"),
    );
    // None of these changed anything: the run can start.
    expect(
      step(state, { at: 0, t: "start", prompt: { ids: [1] }, vocabulary: { eos: [0], markers: {} } }),
    ).toHaveLength(1);
  });

  it("a time before the last one, or no number", () => {
    const state = started();
    step(state, { at: 5, t: "time" });
    expect(() => step(state, { at: 4, t: "time" })).toThrow(new RangeError("time goes back: 4 after 5"));
    expect(() => step(state, { at: Number.NaN, t: "time" })).toThrow(RangeError);
  });
});

it("the state shares nothing with its inputs", () => {
  const eos = [0];
  const markers = { "</Thread>": 5 };
  const promptIds = [1, 2];
  const sampling = { temperature: 1, topP: 1 };
  const state = createState({ dialect: threadweaver });
  step(state, { at: 0, t: "start", prompt: { ids: [1] }, vocabulary: { eos, markers } });
  step(state, { at: 0, t: "sent", call: 0, attempt: 1, promptTokens: 2, promptIds, sampling, seed: 0 });
  eos.push(9);
  markers["</Thread>"] = 6;
  promptIds.push(3);
  expect(state.vocabulary).toEqual({ eos: [0], markers: { "</Thread>": 5 } });
  expect(state.trie.segments[1]?.origins).toStrictEqual([
    { from: 0, attempt: 1, promptTokens: 2, promptIds: [1, 2], sampling: { temperature: 1, topP: 1 }, seed: 0 },
  ]);
});

it("an attempt of which nothing more is known says nothing more", () => {
  const state = createState({ dialect: threadweaver });
  step(state, { at: 0, t: "start", prompt: { ids: [1] }, vocabulary: { eos: [0], markers: {} } });
  step(state, { at: 0, t: "sent", call: 0, attempt: 1, promptTokens: 1 });
  expect(state.trie.segments[1]?.origins).toStrictEqual([{ from: 0, attempt: 1, promptTokens: 1 }]);
});

it("a machine that broke says of every later input where and by what", () => {
  const thrown = new Error("a fault of its own");
  const state = createState({ dialect: threadweaver });
  step(state, { at: 0, t: "start", prompt: { ids: [1] }, vocabulary: { eos: [0], markers: {} } });
  state.broken = { input: "pieces", error: thrown };
  expect(() => step(state, { at: 0, t: "stop" })).toThrow(
    expect.objectContaining({
      code: "internal",
      message: "the machine broke at an earlier input (pieces) and cannot go on: a fault of its own",
      cause: thrown,
    }) as Error,
  );
  state.broken = { input: "ended", error: "bare words" };
  expect(() => step(state, { at: 0, t: "stop" })).toThrow("(ended) and cannot go on: bare words");
});

describe("a warning says what became of a thread", () => {
  const said = ({ warnings }: ReturnType<typeof play>) => warnings.map(({ code, message }) => [code, message]);
  const whole = { "0": [two, "."], "0/1.1": ["one</Thread>"], "0/1.2": ["two</Thread>"] };

  it("that it ran out of its tokens", () => {
    expect(said(play(threadweaver, whole, { limits: { threadTokens: 2 } }))).toEqual([
      ["thread-out-of-tokens", "thread 1 ran out of threadTokens before it was done"],
      ["thread-out-of-tokens", "thread 2 ran out of threadTokens before it was done"],
      ["thread-ended-run", "thread 1 ended by length: the text ends after the join"],
    ]);
  });

  it("that it failed", () => {
    const failed = { ...whole, "0/1.1": [{ write: "on", fate: "failed" as const }] };
    expect(said(play(threadweaver, failed))).toEqual([["thread-failed", "thread 1 failed: scripted"]]);
  });

  it("that it was cut, and by whom", () => {
    const interrupt = (state: State): UntimedInput | undefined =>
      state.sequences[1]?.phase.is === "running" ? { t: "cut", sequence: 1, by: "straggler" } : undefined;
    expect(said(play(threadweaver, whole, { interrupt }))).toEqual([["thread-cut", "thread 1 was cut (straggler)"]]);
  });

  it("that it was cut with its parent", () => {
    const interrupt = (state: State): UntimedInput | undefined =>
      state.sequences[2]?.phase.is === "running" ? { t: "stop" } : undefined;
    expect(said(play(threadweaver, whole, { interrupt }))).toEqual([
      ["thread-cut", "thread 1 was cut when its parent ended"],
      ["thread-cut", "thread 2 was cut when its parent ended"],
    ]);
  });
});
