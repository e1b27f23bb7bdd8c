import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { npr, parallelR1, threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { countTokens } from "../../src/core/measures/tokens.ts";
import { segmentOf } from "../../src/core/trie/trie.ts";
import { trainingUnits } from "../../src/train/units.ts";
import { runs } from "../core/drive.ts";
import { play } from "../core/play.ts";
import { two } from "../core/machine/support.ts";
import { cast, chances, interruptBy, interruptions, limits, runScripted } from "../core/scenarios.ts";
import { driven as trajectory, trajectoryOf } from "./support.ts";

const modes = fc.constantFrom("ids" as const, "ids" as const, "spelled" as const);

describe.each(cast)("the training units of any run of %s", (_, dialect, flavour) => {
  const every = (check: (driven: ReturnType<typeof runScripted>) => void) =>
    fc.assert(
      fc.property(chances, limits, interruptions, modes, (chance, limit, interruption, mode) => {
        check(runScripted(dialect, flavour, chance, { limits: limit, interrupt: interruptBy(interruption), mode }));
      }),
      { numRuns: runs(80) },
    );

  it("have each sampled token once, in the context that its call was sent", () => {
    every((driven) => {
      const { state, sent, delivered } = driven;
      const units = trainingUnits(trajectoryOf(dialect, driven));
      const byCall = new Map(units.map((unit) => [unit.call, unit]));
      expect(byCall.size).toBe(units.length);
      for (const { call, context, threadId } of sent) {
        const { segment } = state.calls[call]!;
        const sampled = (delivered.get(call) ?? []).slice(0, segmentOf(state.trie, segment).sampled);
        const ids = sampled.flatMap((piece) => piece.ids ?? []);
        const unit = byCall.get(call);
        expect(unit?.responseIds ?? []).toEqual(ids);
        if (unit !== undefined) expect(unit).toMatchObject({ promptIds: context, threadId, samplingBy: "server" });
        byCall.delete(call);
      }
      expect([...byCall.keys()]).toEqual([]);
      expect(units.reduce((sum, { responseIds }) => sum + responseIds.length, 0)).toBe(countTokens(state).generated);
    });
  });

  it("go on after a call that began before, and end as their call did", () => {
    every((driven) => {
      const { state } = driven;
      for (const { call, parentCall, threadId, finishReason } of trainingUnits(trajectoryOf(dialect, driven))) {
        if (parentCall !== null) expect(parentCall).toBeLessThan(call);
        if (parentCall !== null && dialect.plan.source !== "host" && threadId === "0") {
          expect(state.calls[parentCall]?.sequence).toBe(0);
        }
        expect(finishReason).toBeDefined();
      }
    });
  });
});

describe("what is a target and what is not", () => {
  const textOf = (ids: readonly number[], played: ReturnType<typeof play>) => {
    const marker = (id: number) =>
      Object.entries(played.state.vocabulary.markers).find(([, known]) => known === id)?.[0] ?? "$";
    return ids.map((id) => (id < 0x20000 ? String.fromCharCode(id) : marker(id))).join("");
  };

  it("an end of sequence that was sampled is one, though no context has it; headers and copies are none", () => {
    const played = play(threadweaver, {
      "0": [`so ${two}`, "</Parallel>end"],
      "0/1.1": [" x</Thread>"],
      "0/1.2": [" y</Thread>"],
    });
    const units = trainingUnits(trajectory(played));
    expect(units.map(({ threadId, responseIds }) => [threadId, textOf(responseIds, played)])).toEqual([
      ["0", `so ${two}`],
      ["0/1.1", " x</Thread>"],
      ["0/1.2", " y</Thread>"],
      ["0", "</Parallel>end$"],
    ]);
    expect(units.map(({ parentCall }) => parentCall)).toEqual([null, 0, 0, 0]);
    expect(units.map(({ finishReason }) => finishReason)).toEqual(["stop", "stop", "stop", "stop"]);
    const { promptIds = [] } = units[3] ?? {};
    expect(textOf(promptIds, played)).toContain("\n<Thread>\n1: x</Thread><Thread>\n2: y</Thread>\n");
  });

  it("a close that was forced is none, and the thread that ran out says so", () => {
    const played = play(
      parallelR1,
      { "0": ["<Parallel>", "s</Summary>", "end"], "0/1.1": [{ write: "abc", fate: "length" }], "0/1.2": ["d</Path>"] },
      {},
    );
    const [, cut] = trainingUnits(trajectory(played));
    expect([cut?.finishReason, textOf(cut?.responseIds ?? [], played)]).toEqual(["length", "abc"]);
  });

  it("the token after a thread's stop marker is one: the model sampled it", () => {
    const plan = "<guideline>\n<plan>1: a</plan>\n</guideline>";
    const played = play(npr, { "0": [plan, "t</takeaway>"], "0/1.1": ["x</step>", "\n"] });
    const tail = trainingUnits(trajectory(played)).find(({ role }) => role === "tail");
    expect(textOf(tail?.responseIds ?? [], played)).toBe("\n");
  });

  it("waste is none, and a piece in which a marker ends is one as a whole", () => {
    const played = play(
      threadweaver,
      {
        "0": [`so ${two}`, "</Parallel>end"],
        "0/1.1": [[" x", "</Thread> and", " waste"]],
        "0/1.2": [[" y", "</Thread>"]],
      },
      { mode: "spelled", markers: [], chance: (n) => n - 1 },
    );
    const unit = trainingUnits(trajectory(played)).find(({ threadId }) => threadId === "0/1.1");
    expect(unit?.responseIds).toHaveLength(2);
  });

  it("text without token ids is refused with its call", () => {
    const played = play(threadweaver, { "0": ["abc"] }, { mode: "text" });
    expect(() => trainingUnits(trajectory(played))).toThrow(/call 0 of thread 0 sampled text without token ids/);
  });
});
