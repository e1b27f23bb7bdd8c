import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { multiverse } from "../../../src/core/dialects/bundled/index.ts";
import { step } from "../../../src/core/machine/machine.ts";
import { createState } from "../../../src/core/machine/state.ts";
import { claimOf } from "../../../src/run/calls/slots/claim.ts";
import type { Complete } from "../../../src/run/calls/request.ts";
import { cast, chances, runScripted } from "../../core/scenarios.ts";

/** Each call of a scripted run with what was known of it, and whether its sequence had forked before. */
function claimsOf([, dialect, flavour]: (typeof cast)[number], chance: { seed: number; order: number }) {
  const { inputs } = runScripted(dialect, flavour, chance);
  const state = createState({ dialect });
  let hasForked = false;
  return inputs.flatMap((input) => {
    const effects = step(state, input);
    const begun = effects.filter((effect): effect is Complete => effect.e === "complete");
    const claims = begun.map((effect) => ({ effect, hasForked, claim: claimOf(state, effect) }));
    hasForked ||= effects.some(({ e }) => e === "fork");
    return claims;
  });
}

describe.each(cast)("of a call of %s", (name, dialect, flavour) => {
  it("is known whether it begins a run or a thread, how deep it is, and how much it may write", () => {
    fc.assert(
      fc.property(chances, (chance) => {
        for (const { effect, hasForked, claim } of claimsOf([name, dialect, flavour], chance)) {
          const { threadId, callIndex, maxTokens = Infinity } = effect;
          const isAfterThreads = threadId === "0" && hasForked;
          const isOfSecondRound = name === "pacore" && threadId.startsWith("0/2");
          const goesOn = callIndex > 0 || isAfterThreads || isOfSecondRound;
          expect(claim).toEqual({ goesOn, depth: threadId.split("/").length - 1, mayWrite: maxTokens });
        }
      }),
      { numRuns: 60 },
    );
  });
});

it("a tail goes on, as does every phase after a join", () => {
  const chances = Array.from({ length: 40 }, (_, seed) => ({ seed, order: seed }));
  const claims = chances.flatMap((chance) => claimsOf(["multiverse", multiverse, "multiverse"], chance));
  for (const role of ["tail", "after"]) {
    const found = claims.filter(({ effect }) => effect.role === role);
    if (role === "tail") expect(found.length).toBeGreaterThan(0);
    expect(found.every(({ claim }) => claim.goesOn)).toBe(true);
  }
});
