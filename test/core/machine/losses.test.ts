import { describe, expect, it } from "vitest";
import { asyncthink, npr, parallelR1, threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { sequenceText } from "../../../src/core/measures/display.ts";
import { step } from "../../../src/core/machine/machine.ts";
import type { Effect, UntimedInput } from "../../../src/core/machine/protocol.ts";
import { createState, endingOf, sequenceOf, type MachineOptions, type State } from "../../../src/core/machine/state.ts";

const vocabulary = { eos: [0], markers: { "<Parallel>": 5, "</Path>": 6 } };

function started(options: MachineOptions): {
  state: State;
  feed: (input: UntimedInput, at?: number) => readonly Effect[];
} {
  const state = createState(options);
  const feed = (input: UntimedInput, at = 0): readonly Effect[] => step(state, { ...input, at });
  feed({ t: "start", prompt: { ids: [1], text: "Q" }, vocabulary });
  return { state, feed };
}

const pieces = (call: number, ...texts: string[]): UntimedInput => ({
  t: "pieces",
  call,
  pieces: texts.map((text) => ({ ids: [vocabulary.markers[text as "<Parallel>"] ?? 7], text })),
});
const warningsOf = (effects: readonly Effect[]): string[][] =>
  effects.flatMap((effect) => (effect.e === "warning" ? [[effect.warning.code, effect.warning.message]] : []));

describe("a thread that is missing something is warned of by name", () => {
  const forked = () => {
    const made = started({ dialect: parallelR1 });
    made.feed(pieces(0, "<Parallel>"));
    return made;
  };

  it("where it could not start", () => {
    const { feed } = forked();
    const effects = feed({ t: "ended", call: 1, reason: { kind: "refused", limit: "context" } });
    expect(warningsOf(effects)).toEqual([["thread-not-started", "thread 1 could not start (context)"]]);
  });

  it("where it ran out of something, failed, or was cut: by whom", () => {
    const { feed } = forked();
    expect(warningsOf(feed({ t: "ended", call: 1, reason: { kind: "context" } }))).toEqual([
      ["thread-out-of-tokens", "thread 1 ran out of context before it was done"],
    ]);
    const failing = forked();
    expect(warningsOf(failing.feed({ t: "ended", call: 1, reason: { kind: "failed", message: "gone" } }))).toEqual([
      ["thread-failed", "thread 1 failed: gone"],
    ]);
    const cut = forked();
    expect(warningsOf(cut.feed({ t: "cut", sequence: 2, by: "straggler" }))).toEqual([
      ["thread-cut", "thread 2 was cut (straggler)"],
    ]);
    const ended = forked();
    expect(warningsOf(ended.feed({ t: "stop" }))).toEqual([
      ["thread-cut", "thread 1 was cut when its parent ended"],
      ["thread-cut", "thread 2 was cut when its parent ended"],
    ]);
  });

  it("not twice where it wrote something before its own fork was refused", () => {
    const { state, feed } = started({ dialect: npr, limits: { forks: 1 } });
    const plan = "<guideline>\n<plan>1: a</plan>\n<plan>2: b</plan>\n</guideline>";
    feed(pieces(0, plan));
    const effects = feed(pieces(1, plan));
    expect(warningsOf(effects).map(([code]) => code)).not.toContain("thread-not-started");
    expect(sequenceOf(state, 1).tokens).toBe(1);
  });
});

describe("a cut", () => {
  it("of what has stopped in the same step ends it once, with its parent", () => {
    const { state, feed } = started({ dialect: asyncthink, limits: { ms: 100 } });
    feed(pieces(0, "<FORK-1>think</FORK-1> and "));
    expect(state.sequences.map(({ phase }) => phase.is)).toEqual(["running", "running"]);
    const effects = feed({ t: "time" }, 100);
    // Both calls end by the clock; main is followed first, and takes its thread with it.
    expect(effects.filter(({ e }) => e === "thread-end")).toHaveLength(1);
    expect(effects.at(-1)).toEqual({ e: "finish", ending: { kind: "length", limit: "ms" } });
    expect(state.sequences.map((sequence) => endingOf(sequence)?.kind)).toEqual(["length", "cut"]);
  });

  it("of what is over, or closing, changes nothing", () => {
    const { state, feed } = started({ dialect: parallelR1 });
    feed(pieces(0, "<Parallel>"));
    feed(pieces(1, "a", "</Path>"));
    const text = sequenceText(state, sequenceOf(state, 1));
    expect(feed({ t: "cut", sequence: 1, by: "user" })).toEqual([]);
    expect(endingOf(sequenceOf(state, 1))).toEqual({ kind: "marker", marker: "</Path>" });
    expect(sequenceText(state, sequenceOf(state, 1))).toBe(text);
  });

  it("ends only threads that are not over: one that is keeps its ending and is told of once", () => {
    const { feed } = started({ dialect: parallelR1 });
    feed(pieces(0, "<Parallel>"));
    expect(feed(pieces(1, "a", "</Path>")).filter(({ e }) => e === "thread-end")).toHaveLength(1);
    const effects = feed({ t: "stop" });
    expect(effects.filter(({ e }) => e === "thread-end")).toEqual([{ e: "thread-end", sequence: 2 }]);
    expect(effects.at(-1)).toEqual({ e: "finish", ending: { kind: "cut", by: "user" } });
  });
});

describe("strings that end a run", () => {
  it("end main where it writes one, across pieces, and are no part of its text; threads may write them", () => {
    const { state, feed } = started({ dialect: parallelR1, stop: ["END"] });
    feed(pieces(0, "a", "<Parallel>"));
    feed(pieces(1, "it is the END", "</Path>"));
    expect(endingOf(sequenceOf(state, 1))).toEqual({ kind: "marker", marker: "</Path>" });
    feed(pieces(2, "b", "</Path>"));
    const after = state.calls.at(-1)?.id ?? 0;
    feed(pieces(after, "so E"));
    expect(state.ending).toBeUndefined();
    feed(pieces(after, "ND of it"));
    const main = started({ dialect: threadweaver, stop: ["END"] });
    const effects = main.feed(pieces(0, "so ", "E", "ND of it"));
    expect(effects.at(-1)).toEqual({ e: "finish", ending: { kind: "marker", marker: "END" } });
    expect(sequenceText(main.state, sequenceOf(main.state, 0))).toBe("so ");
    expect(main.state.calls[0]).toMatchObject({ tokens: 3, wasted: 0 });
  });
});
