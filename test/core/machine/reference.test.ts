import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  apr,
  asyncthink,
  dcCot,
  multiverse,
  npr,
  pacore,
  parallelR1,
  threadweaver,
  threadweaverConclusion,
} from "../../../src/core/dialects/bundled/index.ts";
import { hostFork } from "../../../src/core/dialects/host-fork.ts";
import type { Dialect } from "../../../src/core/dialects/schema.ts";
import { interpret as interpretApr } from "../../reference/apr.ts";
import { interpret as interpretAsyncthink } from "../../reference/asyncthink.ts";
import { interpret as interpretFork, interpretCombined } from "../../reference/fork.ts";
import { interpret as interpretDcCot } from "../../reference/dc-cot.ts";
import { interpret as interpretMultiverse } from "../../reference/multiverse.ts";
import { interpret as interpretNpr } from "../../reference/npr.ts";
import { interpret as interpretPacore } from "../../reference/pacore.ts";
import { interpret as interpretParallelR1 } from "../../reference/parallel-r1.ts";
import {
  FLAVOURS,
  createFlavourVocabulary,
  createScriptedModel,
  type Flavour,
} from "../../reference/scripted-model.ts";
import { interpret as interpretThreadweaver, interpretConclusion } from "../../reference/threadweaver.ts";
import type { Call, Model, Transcript } from "../../reference/transcript.ts";
import { chanceFrom, drive, type Driven } from "../drive.ts";

const pairs: [name: string, Dialect, Flavour, (model: Model, prompt: string) => Transcript][] = [
  ["threadweaver", threadweaver, "threadweaver", interpretThreadweaver],
  ["threadweaver-conclusion", threadweaverConclusion, "threadweaver", interpretConclusion],
  ["parallel-r1", parallelR1, "parallel-r1", interpretParallelR1],
  ["npr", npr, "npr", interpretNpr],
  ["multiverse", multiverse, "multiverse", interpretMultiverse],
  ["dc-cot", dcCot, "dc-cot", interpretDcCot],
  ["apr", apr, "apr", interpretApr],
  ["asyncthink", asyncthink, "asyncthink", interpretAsyncthink],
  ["pacore", pacore, "pacore", interpretPacore],
  ["fork", hostFork(false), "fork", interpretFork],
  ["fork, combined", hostFork(true), "fork", interpretCombined],
];

const sent = ({ sent: calls }: Driven): Call[] =>
  calls.map(({ threadId, callIndex, context }) => ({ threadId, callIndex, context })).toSorted(byPlace);

const byPlace = (a: { threadId: string; callIndex: number }, b: { threadId: string; callIndex: number }): number =>
  a.threadId === b.threadId ? a.callIndex - b.callIndex : a.threadId < b.threadId ? -1 : 1;

describe("the machine makes the calls of an independent interpreter, id for id, and ends in the same context", () => {
  it.each(pairs)("%s", { timeout: 240_000 }, (_, dialect, flavour, interpret) => {
    const vocabulary = createFlavourVocabulary(flavour);
    const { prompt } = FLAVOURS[flavour];
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, order) => {
        const model = createScriptedModel({ vocabulary, seed, flavour });
        const expected = interpret(model, prompt);
        const driven = drive(dialect, model, prompt, chanceFrom(order));
        expect(sent(driven)).toEqual(expected.calls.toSorted(byPlace));
        expect(driven.final).toEqual(expected.final);
        expect(driven.state.ending?.kind).toBe(expected.ending.kind);
      }),
      { numRuns: Number(process.env["REFERENCE_RUNS"] ?? 1000) },
    );
  });
});

it("dc-cot has the budget of its authors, on the length that is parallel", { timeout: 240_000 }, () => {
  const vocabulary = createFlavourVocabulary("dc-cot");
  const { prompt } = FLAVOURS["dc-cot"];
  let usedUp = 0;
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 150 }), (seed, order, budget) => {
      const model = createScriptedModel({ vocabulary, seed, flavour: "dc-cot" });
      const expected = interpretDcCot(model, prompt, budget);
      const driven = drive(dcCot, model, prompt, chanceFrom(order), { limits: { criticalTokens: budget } });
      expect(sent(driven)).toEqual(expected.calls.toSorted(byPlace));
      expect(driven.final).toEqual(expected.final);
      expect(driven.state.ending?.kind).toBe(expected.ending.kind);
      if (expected.ending.kind === "length") usedUp += 1;
    }),
    { numRuns: Number(process.env["REFERENCE_RUNS"] ?? 500) },
  );
  expect(usedUp).toBeGreaterThan(0);
});
