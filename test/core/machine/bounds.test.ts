import { describe, expect, it } from "vitest";
import { apr, asyncthink, npr, threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { defineDialect } from "../../../src/core/dialects/dialect.ts";
import type { Dialect } from "../../../src/core/dialects/schema.ts";
import { countTokens } from "../../../src/core/measures/tokens.ts";
import { step } from "../../../src/core/machine/machine.ts";
import { createState, type State } from "../../../src/core/machine/state.ts";
import type { Effect, Input } from "../../../src/core/machine/protocol.ts";
import { ThreadweaverError } from "../../../src/errors.ts";
import { completesOf, play } from "../play.ts";
import { endingOf, threadEndings, two } from "./support.ts";

const vocabulary = { eos: [0], markers: { "<Outlines>": 7, "</Outlines>": 8, "</Thread>": 9 } };

function started(dialect: Dialect = threadweaver, limits = {}): State {
  const state = createState({ dialect, limits });
  step(state, { at: 0, t: "start", prompt: { ids: [1], text: "Q" }, vocabulary });
  return state;
}

/** Feeds a model that writes the same again and again, until the run is over or so many calls were made. */
function repeat(state: State, pieces: { ids: number[]; text: string }[], most = 2000): Effect[] {
  const effects: Effect[] = [];
  for (let n = 0; state.ending === undefined && n < most; n += 1) {
    const call = state.calls.findLast(({ live, ending }) => live && ending === undefined);
    if (call === undefined) throw new Error("nothing runs");
    effects.push(...step(state, { at: n, t: "pieces", call: call.id, pieces }));
    if (call.ending !== undefined)
      effects.push(...step(state, { at: n, t: "ended", call: call.id, reason: { kind: "stop" } }));
  }
  return effects;
}

describe("nothing runs for ever", () => {
  it("not a model that repeats its trigger: after some calls it is not looked for, and one warning says so", () => {
    const state = started(threadweaver, { runTokens: 5000 });
    const effects = repeat(state, [{ ids: [8], text: "</Outlines>" }], 6000);
    expect(state.ending).toEqual({ kind: "length", limit: "runTokens" });
    expect(state.calls.length).toBeLessThanOrEqual(256);
    const used = effects.flatMap((e) =>
      e.e === "warning" && e.warning.code === "calls-used-up" ? [e.warning.message] : [],
    );
    expect(used).toEqual(["it has made 253 of 256 calls, so it starts no more threads"]);
  });

  it("not a dialect that goes on when its text ends without a plan", () => {
    const endless: Dialect = { ...apr, plan: { ...apr.plan, onEmpty: "continue" } as Dialect["plan"] };
    const state = started(endless, { calls: 10 });
    repeat(state, [
      { ids: [70], text: "<End Calling Sub Searches>" },
      { ids: [0], text: "" },
    ]);
    expect(state.ending).toEqual({ kind: "eos" });
    expect(state.calls).toHaveLength(8);
  });

  it("not a guard that is written again and again", () => {
    const state = started(apr, { calls: 6, runTokens: 500 });
    repeat(state, [{ ids: [70], text: "<Sub Searches>" }]);
    expect(state.ending).toEqual({ kind: "length", limit: "runTokens" });
    expect(state.calls).toHaveLength(4);
  });

  it("and one call is enough for a sequence that may make no more", () => {
    const played = play(threadweaver, { "0": [`${two} on`] }, { limits: { calls: 1 } });
    expect(played.text).toBe(`Q\n${two} on`);
    expect(played.codes).toEqual([]);
  });

  it("keeps calls for the phase after a join, for the text after it, and for a tail", () => {
    const guide = "<guideline><plan>1:</plan></guideline>";
    const lines = { "0": [guide, "."], "0/1.1": [`${guide}x</step>`, "\n"] };
    const played = play(npr, { ...lines, "0/1.1": ["x</step>", "\n"] }, { limits: { calls: 4 } });
    expect(played.text).toBe(`Q\n${guide}\n<step>\n1:x</step>\n<takeaway>\n.`);
  });
});

describe("the limit of forks", () => {
  it("counts inline spawns too; the first that is refused is warned of, and the others are text", () => {
    const main = [1, 2, 3, 4].map((i) => `<FORK-${i}>a</FORK-${i}>`).join("");
    const played = play(asyncthink, { "0": [main], "0/1.1": ["x"], "0/2.1": ["y"] }, { limits: { forks: 2 } });
    expect(played.state.forks).toHaveLength(2);
    expect(played.warnings.filter(({ code }) => code === "fork-refused").map(({ message }) => message)).toEqual([
      "the fork 3 is over the limit of 2 forks per run",
    ]);
  });

  it("once it is reached, a trigger is text and costs no call", () => {
    const played = play(
      threadweaver,
      { "0": [two, two, `${two}.`], "0/1.1": ["x</Thread>"], "0/1.2": ["y</Thread>"] },
      { limits: { forks: 1 } },
    );
    expect(played.codes).toEqual(["fork-refused"]);
    expect(completesOf(played.effects).filter(({ threadId }) => threadId === "0")).toHaveLength(3);
    expect(played.text).toMatch(/<\/Outlines>\.$/);
  });
});

describe("a parent that is stopped while it waits", () => {
  const forks = "<FORK-1>a</FORK-1><FORK-2>b</FORK-2><FORK-3>c</FORK-3>";

  it.each([1, 2, 3])("for thread %i of three gets that one joined, and is told so", (wanted) => {
    const played = play(
      asyncthink,
      { "0": [`${forks}<JOIN-${wanted}>`], "0/1.1": ["xyzuvw"], "0/2.1": ["xyzuvw"], "0/3.1": ["xyzuvw"] },
      { interrupt: (state) => (state.sequences[0]?.phase.is === "waiting" ? { t: "stop" } : undefined) },
    );
    expect(played.text).toBe(`Q\n${forks}<JOIN-${wanted}></JOIN-${wanted}>`);
    expect(played.effects.filter(({ e }) => e === "join")).toHaveLength(1);
    expect(played.state.forks.map(({ joined }) => joined)).toEqual([1, 2, 3].map((i) => i === wanted));
    expect(endingOf(played)).toEqual({ kind: "cut", by: "user" });
  });
});

describe("the pot of tokens", () => {
  it("is shared: no thread is cut while the run has tokens, and each is asked for all that is left", () => {
    const before = [...two.matchAll(/<[^>]*>|[^<]/g)].length;
    const played = play(
      threadweaver,
      { "0": [two, "."], "0/1.1": ["a</Thread>"], "0/1.2": [`${"b".repeat(20)}</Thread>`] },
      { limits: { runTokens: before + 30 } },
    );
    expect(
      completesOf(played.effects)
        .map(({ maxTokens }) => maxTokens)
        .slice(1, 3),
    ).toEqual([30, 30]);
    expect(threadEndings(played).map(([, ending]) => (ending as { kind: string }).kind)).toEqual(["marker", "marker"]);
  });

  it("bounds the parts that come at once by each call's share of what is left", () => {
    const played = play(
      threadweaver,
      { "0": [two, "."], "0/1.1": ["a</Thread>"], "0/1.2": ["b</Thread>"] },
      { limits: { runTokens: 1000 } },
    );
    const generated = [...two.matchAll(/<[^>]*>|[^<]/g)].length;
    const parts = completesOf(played.effects).map(({ maxPart }) => maxPart);
    expect(parts.slice(0, 3)).toEqual([1000, Math.floor((1000 - generated) / 2), Math.floor((1000 - generated) / 2)]);
    const free = play(threadweaver, { "0": ["."] });
    expect(completesOf(free.effects)[0]?.maxPart).toBeUndefined();
    expect(completesOf(play(threadweaver, { "0": ["ab"] }, { limits: { runTokens: 1 } }).effects)[0]?.maxPart).toBe(1);
  });

  it("empties where a piece of several tokens does, and says which limit it was", () => {
    const state = started(threadweaver, { runTokens: 2 });
    const effects = step(state, { at: 1, t: "pieces", call: 0, pieces: [{ ids: [2, 3, 4], text: "é" }] });
    expect(effects.at(-1)).toEqual({ e: "finish", ending: { kind: "length", limit: "runTokens" } });
  });
});

describe("the limit of the critical path", () => {
  it("ends whatever stands at its end, and counts a thread's tokens on its parent's", () => {
    const before = [...two.matchAll(/<[^>]*>|[^<]/g)].length;
    const played = play(
      threadweaver,
      { "0": [two, "never"], "0/1.1": ["ab</Thread>"], "0/1.2": ["abcdefgh"] },
      { limits: { criticalTokens: before + 4 } },
    );
    expect(threadEndings(played)).toEqual([
      ["0/1.1", { kind: "marker", marker: "</Thread>" }],
      ["0/1.2", { kind: "length", limit: "criticalTokens" }],
    ]);
    expect(countTokens(played.state).criticalPath).toBe(before + 4);
  });
});

describe("time", () => {
  it("is an input: when it is over, whatever runs is cut, and nothing starts after it", () => {
    const state = createState({ dialect: threadweaver, limits: { ms: 100 } });
    const effects = step(state, { at: 1000, t: "start", prompt: { ids: [1] }, vocabulary });
    expect(effects.at(-1)).toEqual({ e: "wake", at: 1100 });
    expect(step(state, { at: 1099, t: "time" })).toEqual([]);
    expect(step(state, { at: 1100, t: "time" })).toEqual([
      { e: "cancel", call: 0 },
      { e: "finish", ending: { kind: "length", limit: "ms" } },
    ]);
    expect(step(state, { at: 1200, t: "time" })).toEqual([]);
  });

  it("that is over when a thread ends lets its parent make no call", () => {
    const state = started(threadweaver, { ms: 100 });
    const pieces = [
      { ids: [7], text: "<Outlines>" },
      { ids: [2], text: "<Outline>1:</Outline>" },
      { ids: [8], text: "</Outlines>" },
    ];
    step(state, { at: 5, t: "pieces", call: 0, pieces });
    const effects = step(state, { at: 150, t: "pieces", call: 1, pieces: [{ ids: [9], text: "</Thread>" }] });
    expect(effects.map(({ e }) => e)).toEqual(["thread-end", "join", "finish"]);
    expect(state.ending).toEqual({ kind: "length", limit: "ms" });
    expect(state.sequences.map(({ startedAt, endedAt }) => [startedAt, endedAt])).toEqual([
      [0, 150],
      [5, 150],
    ]);
  });

  it("never goes back", () => {
    const state = started();
    step(state, { at: 5, t: "time" });
    expect(() => step(state, { at: 4, t: "time" })).toThrow(new RangeError("time goes back: 4 after 5"));
    expect(() => step(state, { at: NaN, t: "time" })).toThrow(RangeError);
    expect(step(state, { at: 5, t: "time" })).toEqual([]);
  });
});

describe("tokens of an engine that returns no ids", () => {
  const text = { pieces: [{ text: "one two three" }, { text: " four" }] };

  it("are what the engine counts, where it does, and then they are no estimate", () => {
    const state = started();
    step(state, { at: 0, t: "pieces", call: 0, ...text });
    expect(countTokens(state)).toMatchObject({ generated: 2, estimated: true });
    step(state, { at: 0, t: "ended", call: 0, reason: { kind: "stop" }, usage: { completionTokens: 9 } });
    expect(countTokens(state)).toMatchObject({ generated: 9, criticalPath: 9, estimated: false });
    expect(state.sequences[0]?.tokens).toBe(9);
  });

  it("are estimates where it does not, or where we cut the call", () => {
    const state = started();
    step(state, { at: 0, t: "pieces", call: 0, ...text });
    step(state, { at: 0, t: "stop" });
    step(state, { at: 0, t: "ended", call: 0, reason: { kind: "stop" }, usage: { completionTokens: 50 } });
    expect(countTokens(state)).toMatchObject({ generated: 2, estimated: true });
  });

  it("use up the limits by that count, and a length is the limit's that the call was given", () => {
    const state = started(threadweaver, { runTokens: 20 });
    step(state, { at: 0, t: "pieces", call: 0, ...text });
    step(state, { at: 0, t: "ended", call: 0, reason: { kind: "length" }, usage: { completionTokens: 20 } });
    expect(state.ending).toEqual({ kind: "length", limit: "runTokens" });
    const without = started(threadweaver, { runTokens: 20 });
    step(without, { at: 0, t: "pieces", call: 0, ...text });
    step(without, { at: 0, t: "ended", call: 0, reason: { kind: "length" } });
    expect(without.ending).toEqual({ kind: "length", limit: "runTokens" });
  });

  it("are not counted anew where the ids came", () => {
    const state = started();
    step(state, { at: 0, t: "pieces", call: 0, pieces: [{ ids: [5], text: "a" }] });
    step(state, { at: 0, t: "ended", call: 0, reason: { kind: "stop" }, usage: { completionTokens: 50 } });
    expect(countTokens(state)).toMatchObject({ generated: 1, estimated: false });
  });
});

describe("a step that throws half-way", () => {
  const dialect = defineDialect({
    ...asyncthink,
    functions: {
      returned: () => {
        throw new Error("my own mistake");
      },
    },
  });

  it("breaks the state, and every later step says at which input and why", () => {
    const state = started(dialect);
    step(state, { at: 0, t: "pieces", call: 0, pieces: [{ ids: [2], text: "<FORK-1>a</FORK-1><JOIN-1>" }] });
    const end: Input = { at: 0, t: "ended", call: 1, reason: { kind: "stop" } };
    expect(() => step(state, end)).toThrow("the function returned of dialect asyncthink threw: my own mistake");
    const again = () => step(state, { at: 1, t: "time" });
    expect(again).toThrow(ThreadweaverError);
    expect(again).toThrow(/broke at an earlier input \(ended\) and cannot go on: the function returned/);
  });

  it("is not one that refuses an input before anything has changed", () => {
    const state = started();
    expect(() => step(state, { at: 0, t: "pieces", call: 9, pieces: [] })).toThrow(RangeError);
    expect(() => step(state, { at: 0, t: "ended", call: 0, reason: { kind: "stop" } })).not.toThrow();
  });
});
