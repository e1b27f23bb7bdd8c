import { describe, expect, it } from "vitest";
import { threadweaver, parallelR1 } from "../../../src/core/dialects/bundled/index.ts";
import { step } from "../../../src/core/machine/machine.ts";
import { createState, type State } from "../../../src/core/machine/state.ts";
import type { UntimedInput } from "../../../src/core/machine/protocol.ts";
import { countTokens } from "../../../src/core/measures/tokens.ts";
import { segmentOf } from "../../../src/core/trie/trie.ts";

const vocabulary = { eos: [0], markers: { "<Parallel>": 5, "</Path>": 6 } };

/** A machine that has started, and a way to feed it at a time. */
function started(limits: { callMs?: number; ms?: number } = {}, dialect = threadweaver) {
  const state: State = createState({ dialect, limits });
  const feed = (input: UntimedInput, at = 0) => step(state, { ...input, at });
  const effects = feed({ t: "start", prompt: { ids: [1], text: "Q" }, vocabulary });
  return { state, feed, effects };
}

const sent = (call: number, attempt: number, promptTokens: number): UntimedInput => ({
  t: "sent",
  call,
  attempt,
  promptTokens,
});
const broke = (call: number, attempt: number, usage = {}): UntimedInput => ({
  t: "broke",
  call,
  attempt,
  code: "engine_failed",
  message: "cut",
  waitMs: 1,
  usage,
});
const pieces = (call: number, ...texts: string[]): UntimedInput => ({
  t: "pieces",
  call,
  pieces: texts.map((text) => ({ ids: [text.codePointAt(0) ?? 0], text })),
});

describe("a call in several attempts", () => {
  it("is one segment with an origin for each request, with what the engine counted of each", () => {
    const { state, feed } = started();
    feed(sent(0, 1, 1));
    feed(pieces(0, "a", "b"));
    feed(broke(0, 1, { cachedTokens: 0, weightVersion: "w1" }));
    feed(sent(0, 2, 3));
    feed(broke(0, 2));
    feed(broke(0, 3, { cachedTokens: 9 })); // its prompt could not be encoded
    feed(sent(0, 4, 3));
    feed(pieces(0, "c"));
    expect(
      feed({ t: "ended", call: 0, reason: { kind: "stop" }, usage: { cachedTokens: 2, weightVersion: "w2" } }),
    ).toEqual([{ e: "finish", ending: { kind: "eos" } }]);
    expect(segmentOf(state.trie, 1).origins).toEqual([
      { from: 0, attempt: 1, promptTokens: 1, cachedTokens: 0, weightVersion: "w1" },
      { from: 2, attempt: 2, promptTokens: 3 },
      { from: 2, attempt: 4, promptTokens: 3, cachedTokens: 2, weightVersion: "w2" },
    ]);
    expect(state.calls[0]?.retries).toBe(3);
    expect(countTokens(state)).toMatchObject({ generated: 3, sent: 7, cached: undefined, estimated: false });
  });

  it("counts the tokens of earlier attempts once, where only the last one is counted by the engine: then as estimates", () => {
    const { state, feed } = started();
    feed(sent(0, 1, 1));
    feed({ t: "pieces", call: 0, pieces: [{ text: "ab" }, { text: "cd" }] });
    feed(broke(0, 1));
    feed(sent(0, 2, 3));
    feed({ t: "pieces", call: 0, pieces: [{ text: "efg" }] });
    feed({ t: "ended", call: 0, reason: { kind: "stop" }, usage: { completionTokens: 7 } });
    expect(countTokens(state)).toMatchObject({ generated: 9, estimated: true });
  });

  it("that has ended takes no more of them", () => {
    const { feed } = started();
    feed({ t: "ended", call: 0, reason: { kind: "stop" } });
    expect(() => feed(broke(0, 1))).toThrow(/call 0 has ended already/);
  });
});

describe("the time that a call may take", () => {
  const threads = (): ReturnType<typeof started> => {
    const made = started({ callMs: 100 }, parallelR1);
    made.feed(sent(0, 1, 1), 5);
    made.feed({ t: "pieces", call: 0, pieces: [{ ids: [5], text: "<Parallel>" }] }, 10);
    made.feed(sent(1, 1, 3), 20);
    made.feed(sent(2, 1, 3), 50);
    return made;
  };

  it("begins with its first request and goes on through all attempts; the driver is asked to wake it then", () => {
    const { state, feed } = started({ callMs: 100 });
    expect(feed(sent(0, 1, 1), 5)).toEqual([{ e: "wake", at: 105 }]);
    feed(pieces(0, "a"), 6);
    feed(broke(0, 1), 50);
    expect(feed(sent(0, 2, 2), 60)).toEqual([]);
    expect(feed({ t: "time" }, 104.9)).toEqual([]);
    expect(feed({ t: "time" }, 105)).toEqual([
      { e: "cancel", call: 0 },
      { e: "finish", ending: { kind: "length", limit: "callMs" } },
    ]);
    expect(countTokens(state).generated).toBe(1);
  });

  it("ends a thread that has used it up, and no other", () => {
    const { state, feed } = threads();
    feed({ t: "time" }, 120);
    expect(state.sequences.map(({ phase }) => phase.is)).toEqual(["waiting", "over", "running"]);
    expect(state.calls.map(({ ending }) => ending?.kind)).toEqual(["marker", "length", undefined]);
    feed({ t: "time" }, 149);
    expect(state.sequences[2]?.phase.is).toBe("running");
    feed({ t: "time" }, 150);
    expect(state.calls[2]?.ending).toEqual({ kind: "length", limit: "callMs" });
  });

  it("is looked at with every input, not only when the clock says so", () => {
    const { state, feed } = threads();
    feed({ t: "pieces", call: 2, pieces: [{ ids: [7], text: "x" }] }, 130);
    expect(state.calls[1]?.ending).toEqual({ kind: "length", limit: "callMs" });
    expect(state.calls[2]?.ending).toBeUndefined();
  });

  it("is not that of a call that has ended by then", () => {
    const { state, feed } = threads();
    feed({ t: "ended", call: 0, reason: { kind: "stop" } }, 55);
    feed({ t: "ended", call: 1, reason: { kind: "stop" } }, 60);
    feed({ t: "time" }, 105);
    expect(state.calls[1]?.ending).toEqual({ kind: "eos" });
    expect(state.ending).toBeUndefined();
  });

  it("does not begin with a request of a call that has ended while it was encoded", () => {
    const { state, feed } = started({ callMs: 100 });
    feed({ t: "stop" }, 1);
    expect(state.ending).toEqual({ kind: "cut", by: "user" });
    expect(feed(sent(0, 1, 1), 5)).toEqual([]);
  });

  it("is less than that of the run: what ends first is named", () => {
    const { feed } = started({ callMs: 100, ms: 100 });
    feed(sent(0, 1, 1), 0);
    expect(feed({ t: "time" }, 100).at(-1)).toEqual({ e: "finish", ending: { kind: "length", limit: "ms" } });
  });
});

it("a warning of the engine changes nothing, and comes after the start only", () => {
  const warned: UntimedInput = { t: "warned", code: "cache-lost", message: "cold", threadId: "" };
  const { state, feed } = started();
  const before = structuredClone({ ...state, dialect: undefined, trie: undefined, calls: undefined });
  expect(feed(warned)).toEqual([]);
  expect(structuredClone({ ...state, dialect: undefined, trie: undefined, calls: undefined })).toEqual(before);
  expect(() => step(createState({ dialect: threadweaver }), { ...warned, at: 0 })).toThrow(/has not started/);
});
