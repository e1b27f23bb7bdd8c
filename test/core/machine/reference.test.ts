import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  apr,
  asyncthink,
  npr,
  parallelR1,
  threadweaver,
  threadweaverConclusion,
} from "../../../src/core/dialects/bundled/index.ts";
import type { Dialect } from "../../../src/core/dialects/schema.ts";
import { interpret as interpretApr } from "../../reference/apr.ts";
import { interpret as interpretAsyncthink } from "../../reference/asyncthink.ts";
import { interpret as interpretNpr } from "../../reference/npr.ts";
import { interpret as interpretParallelR1 } from "../../reference/parallel-r1.ts";
import {
  FLAVOURS,
  createFlavourVocabulary,
  createScriptedModel,
  type Flavour,
} from "../../reference/scripted-model.ts";
import { interpret as interpretThreadweaver, interpretConclusion } from "../../reference/threadweaver.ts";
import type { Model, Transcript } from "../../reference/transcript.ts";
import { chanceFrom, drive } from "../drive.ts";

const pairs: [Dialect, Flavour, (model: Model, prompt: string) => Transcript][] = [
  [threadweaver, "threadweaver", interpretThreadweaver],
  [threadweaverConclusion, "threadweaver", interpretConclusion],
  [parallelR1, "parallel-r1", interpretParallelR1],
  [npr, "npr", interpretNpr],
  [apr, "apr", interpretApr],
  [asyncthink, "asyncthink", interpretAsyncthink],
];

const byPlace = (a: { threadId: string; callIndex: number }, b: { threadId: string; callIndex: number }): number =>
  a.threadId === b.threadId ? a.callIndex - b.callIndex : a.threadId < b.threadId ? -1 : 1;

describe("the machine makes the calls of an independent interpreter, id for id, and ends in the same context", () => {
  it.each(pairs.map(([dialect, ...rest]) => [dialect.name, dialect, ...rest] as const))(
    "%s",
    { timeout: 240_000 },
    (_, dialect, flavour, interpret) => {
      const vocabulary = createFlavourVocabulary(flavour);
      const { prompt } = FLAVOURS[flavour];
      fc.assert(
        fc.property(fc.nat(), fc.nat(), (seed, order) => {
          const model = createScriptedModel({ vocabulary, seed, flavour });
          const expected = interpret(model, prompt);
          const driven = drive(dialect, model, prompt, chanceFrom(order));
          expect(
            driven.sent.map(({ threadId, callIndex, context }) => ({ threadId, callIndex, context })).sort(byPlace),
          ).toEqual([...expected.calls].sort(byPlace));
          expect(driven.final).toEqual(expected.final);
          expect(driven.state.ending?.kind).toBe(expected.ending.kind);
        }),
        { numRuns: Number(process.env["REFERENCE_RUNS"] ?? 1000) },
      );
    },
  );
});
