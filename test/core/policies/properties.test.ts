import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { markersOf, threadStops } from "../../../src/core/dialects/markers.ts";
import { hostAttempts } from "../../../src/core/dialects/host-attempts.ts";
import type { Dialect } from "../../../src/core/dialects/schema.ts";
import { spliceHeader } from "../../../src/core/machine/join.ts";
import { step } from "../../../src/core/machine/machine.ts";
import type { Effect } from "../../../src/core/machine/protocol.ts";
import { createState, endingOf, threadsOf } from "../../../src/core/machine/state.ts";
import { countTokens } from "../../../src/core/measures/tokens.ts";
import { sequenceText } from "../../../src/core/measures/display.ts";
import {
  all,
  confidence,
  criticalTokens,
  deadline,
  firstOf,
  quorum,
  stragglers,
  type JoinPolicy,
} from "../../../src/run/policies/index.ts";
import { tokensOf } from "../../../src/core/trie/piece.ts";
import { serializeTrie } from "../../../src/core/trie/serialize.ts";
import { columnsOf, segmentOf } from "../../../src/core/trie/trie.ts";
import { OpenTags, pairsOf, readTags, type FormatProblem } from "../../../src/core/validation/tags.ts";
import type { Flavour } from "../../reference/scripted-model.ts";
import { runs, type Driven } from "../drive.ts";
import { cast, chances, interruptBy, interruptions, limits, modes, runScripted } from "../scenarios.ts";

const some = fc.integer({ min: 1, max: 4 });

/** Cuts, holds and asks as it likes. */
const moody = fc.array(fc.nat(), { minLength: 4, maxLength: 20 }).map((moods): JoinPolicy => {
  let n = 0;
  const next = (below: number): number => (moods[(n += 1) % moods.length] ?? 0) % below;
  return {
    name: "moody",
    needs: { tokens: true },
    decide: ({ siblings, ms }) => ({
      cut: siblings.filter(() => next(12) === 0),
      // It lets all of them go in the end, or the run could not end.
      hold: siblings.filter(({ index }) => ms < 60 && index !== 0 && next(3) === 0),
      askAt: ms + next(9),
    }),
  };
});

const policies: fc.Arbitrary<JoinPolicy[]> = fc.array(
  fc.oneof(
    fc.constant(all()),
    some.map(firstOf),
    some.map(quorum),
    fc.integer({ min: 1, max: 80 }).map(deadline),
    fc.integer({ min: 1, max: 30 }).map(criticalTokens),
    fc.record({ factor: fc.constantFrom(1.1, 2), atLeast: some }).map(stragglers),
    fc
      .record({ warmups: some, window: fc.integer({ min: 1, max: 6 }), percentile: fc.integer({ min: 0, max: 100 }) })
      .map(confidence),
    moody,
  ),
  { minLength: 1, maxLength: 3 },
);

const attempts: [string, Dialect, Flavour] = ["attempts", hostAttempts(4), "pacore"];

describe.each([...cast, attempts])(
  "whatever policies decide about what a model of %s writes",
  (_, dialect, flavour) => {
    const every = (name: string, check: (driven: Driven, policies: readonly JoinPolicy[]) => void, n = 80) => {
      it(name, () => {
        fc.assert(
          fc.property(chances, limits, interruptions, modes, policies, (chance, limit, interruption, mode, chosen) => {
            const options = { limits: limit, interrupt: interruptBy(interruption), mode, policies: chosen };
            check(runScripted(dialect, flavour, chance, options), chosen);
          }),
          { numRuns: runs(n) },
        );
      });
    };

    every("the run comes to its end, and each call is answered once", ({ state, answered, effects }) => {
      expect(state.ending).toBeDefined();
      for (const sequence of state.sequences) expect(endingOf(sequence)).toBeDefined();
      const asked = effects.filter(({ e }) => e === "complete");
      expect([...answered.values()].every((times) => times === 1)).toBe(true);
      expect(answered.size).toBe(asked.length);
    });

    every("every token that came is in the trie once, and is counted once", ({ state, delivered }) => {
      for (const call of state.calls) {
        const given = delivered.get(call.id) ?? [];
        const came = given.reduce((sum, piece) => sum + tokensOf(piece), 0);
        expect(call.tokens + call.wasted).toBe(came);
        expect(columnsOf(segmentOf(state.trie, call.segment)).length).toBe(given.length);
      }
      const counts = countTokens(state);
      expect(counts.criticalPath).toBeLessThanOrEqual(counts.generated);
    });

    every(
      "the inputs alone give the same run again: no policy is needed to replay it",
      ({ state, inputs, effects }) => {
        const again = createState({ dialect, limits: state.limits });
        const replayed: Effect[] = [];
        for (const input of structuredClone(inputs)) replayed.push(...step(again, input));
        expect(replayed).toEqual(effects);
        expect(serializeTrie(again.trie)).toEqual(serializeTrie(state.trie));
      },
    );

    every("what was cut names the policy that decided so, and limits are kept", ({ state }, chosen) => {
      const names = new Set(["user", "parentCut", ...chosen.map(({ name }) => name)]);
      for (const sequence of state.sequences) {
        const ending = endingOf(sequence);
        if (ending?.kind === "cut") expect(names).toContain(ending.by);
      }
      const { runTokens = Infinity, threads } = state.limits;
      expect(state.generated).toBeLessThanOrEqual(runTokens + 1); // a character may be two tokens
      for (const fork of state.forks) expect(threadsOf(state, fork).length).toBeLessThanOrEqual(threads);
    });
  },
);

describe("a thread that a policy cut", () => {
  /** What the tags of a text have wrong, and which stay open. */
  const tagsOf = (dialect: Dialect, text: string) => {
    const markers = markersOf(dialect);
    const problems: FormatProblem[] = [];
    const open = new OpenTags(pairsOf(markers), problems);
    for (const tag of readTags(markers, text)) open.take(tag);
    const wrong = problems.length;
    open.finish();
    return { wrong, open: problems.length - wrong };
  };

  it.each(cast.filter(([, { join }]) => join.shape === "append"))(
    "of %s is closed, and leaves no plan open that it was about to write",
    (_, dialect, flavour) => {
      const check = fc.property(chances, modes, fc.integer({ min: 1, max: 12 }), (chance, mode, most) => {
        const { state } = runScripted(dialect, flavour, chance, { mode, policies: [criticalTokens(most)] });
        for (const thread of state.sequences) {
          const ending = endingOf(thread);
          if (ending?.kind !== "cut" || ending.by === "user") continue;
          const text = spliceHeader(state, thread) + sequenceText(state, thread);
          expect(threadStops(dialect, thread.captures["index"] ?? "").some((stop) => text.trim().endsWith(stop))).toBe(
            true,
          );
          // Where threads do not fork, a tag of a plan is the model's mistake, and is left as it is.
          const { wrong, open } = tagsOf(dialect, text);
          if (wrong === 0 && dialect.thread.maxDepth > 1) expect(open).toBe(0);
        }
      });
      fc.assert(check, { numRuns: runs(150) });
    },
  );
});
