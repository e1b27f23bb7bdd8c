import { describe, expect, it } from "vitest";
import { hostFork } from "../../../src/core/dialects/host-fork.ts";
import { step } from "../../../src/core/machine/machine.ts";
import type { Effect, UntimedInput } from "../../../src/core/machine/protocol.ts";
import { createState, endingOf, sequenceOf } from "../../../src/core/machine/state.ts";
import { displayText } from "../../../src/core/measures/display.ts";
import { textBetween } from "../../../src/core/trie/path.ts";
import type { SomeLimits } from "../../../src/core/limits/limits.ts";

const piece = (text: string) => ({ ids: Array.from(text, (c) => c.codePointAt(0) ?? 0), text });
const branches = ["a", "b"].map((name) => ({ name, plan: `${name}?`, context: piece(`${name}? `) }));

/** A fork that has begun, and what feeds its machine. */
function begun(goesOn: boolean, limits: SomeLimits = {}) {
  const state = createState({ dialect: hostFork(goesOn), limits });
  let at = 0;
  const feed = (input: UntimedInput): readonly Effect[] => step(state, { ...input, at: (at += 1) });
  const effects = feed({ t: "start", prompt: piece("Doc. "), vocabulary: { eos: [], markers: {} }, branches });
  const answer = (call: number, text: string): readonly Effect[] => {
    feed({ t: "pieces", call, pieces: [piece(text)] });
    return feed({ t: "ended", call, reason: { kind: "stop" } });
  };
  return { state, feed, answer, effects };
}

const kinds = (effects: readonly Effect[]) => effects.map(({ e }) => e);
const turn: UntimedInput = { t: "combined", fork: 0, turn: piece("=") };

describe("main of a fork that the program plans", () => {
  it("begins with the fork, and makes no call of its own before it", () => {
    const { effects, state } = begun(false);
    expect(kinds(effects)).toEqual(["fork", "complete", "complete"]);
    expect(sequenceOf(state, 0)).toMatchObject({ calls: 0, phase: { is: "waiting", fork: 0 } });
  });

  it("asks for a turn when the last branch is over, and begins to write after it", () => {
    const { state, feed, answer } = begun(true);
    expect(kinds(answer(1, "two"))).toEqual(["thread-end"]);
    expect(answer(0, "one")).toEqual([
      { e: "thread-end", sequence: 1 },
      { e: "combine", fork: 0 },
    ]);
    const effects = feed(turn);
    expect(effects).toMatchObject([
      { e: "join", fork: 0, tail: "" },
      { e: "complete", threadId: "0", critical: 3 },
    ]);
    answer(2, "all");
    expect(displayText(state)).toBe("all");
    expect(textBetween(state.trie, undefined, sequenceOf(state, 0).head)).toBe("Doc. =all");
    expect(state.ending).toEqual({ kind: "eos" });
  });

  it("is cut while it waits for its turn, and a turn that comes late changes nothing", () => {
    const { state, feed, answer } = begun(true);
    answer(0, "one");
    answer(1, "two");
    expect(kinds(feed({ t: "stop" }))).toEqual(["join", "finish"]);
    expect(state.ending).toEqual({ kind: "cut", by: "user" });
    expect(feed(turn)).toEqual([]);
    expect(displayText(state)).toBe("");
  });

  it("takes no turn before it has asked for one, and none twice", () => {
    const { feed, answer } = begun(true);
    answer(0, "one");
    expect(() => feed(turn)).toThrow(new RangeError("fork 0 does not wait for a turn"));
    answer(1, "two");
    feed(turn);
    expect(() => feed(turn)).toThrow("fork 0 does not wait for a turn");
    expect(() => feed({ ...turn, fork: 7 })).toThrow("there is no fork 7");
  });

  it("has nothing left to write where the branches have used up what all share", () => {
    const { state, feed, answer } = begun(true, { runTokens: 6 });
    answer(0, "one");
    answer(1, "two");
    expect(kinds(feed(turn))).toEqual(["join", "finish"]);
    expect(state.ending).toEqual({ kind: "length", limit: "runTokens" });
  });

  it("ends where its fork is over a limit, before anything is asked", () => {
    const { state, effects } = begun(true, { threads: 1 });
    expect(kinds(effects)).toEqual(["warning", "finish"]);
    expect(endingOf(sequenceOf(state, 0))).toEqual({ kind: "refused", limit: "threads" });
  });
});
