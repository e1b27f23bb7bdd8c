import fc from "fast-check";
import type { Dialect } from "../../src/core/dialects/schema.ts";
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
} from "../../src/core/dialects/bundled/index.ts";
import { hostFork } from "../../src/core/dialects/host-fork.ts";
import type { UntimedInput } from "../../src/core/machine/protocol.ts";
import type { Limits } from "../../src/core/limits/limits.ts";
import type { State } from "../../src/core/machine/state.ts";
import { FLAVOURS, createFlavourVocabulary, createScriptedModel, type Flavour } from "../reference/scripted-model.ts";
import { chanceFrom, drive, type Driven, type DriveOptions } from "./drive.ts";

/** Every bundled dialect, and the forks that a program plans, with the grammar of its scripted model. */
export const cast: [name: string, Dialect, Flavour][] = [
  ["threadweaver", threadweaver, "threadweaver"],
  ["threadweaver-conclusion", threadweaverConclusion, "threadweaver"],
  ["parallel-r1", parallelR1, "parallel-r1"],
  ["npr", npr, "npr"],
  ["multiverse", multiverse, "multiverse"],
  ["dc-cot", dcCot, "dc-cot"],
  ["apr", apr, "apr"],
  ["asyncthink", asyncthink, "asyncthink"],
  ["pacore", pacore, "pacore"],
  ["fork", hostFork(false), "fork"],
  ["fork, combined", hostFork(true), "fork"],
];

/** Those of them in which what the model writes, and no program, says what runs. */
export const formats: typeof cast = cast.filter(([, { plan }]) => plan.source !== "host");

const vocabularies = new Map<Flavour, ReturnType<typeof createFlavourVocabulary>>();

export function runScripted(
  dialect: Dialect,
  flavour: Flavour,
  { seed, order }: { seed: number; order: number },
  options: DriveOptions = {},
): Driven {
  const vocabulary = vocabularies.get(flavour) ?? createFlavourVocabulary(flavour);
  vocabularies.set(flavour, vocabulary);
  const model = createScriptedModel({ vocabulary, seed, flavour });
  return drive(dialect, model, FLAVOURS[flavour].prompt, chanceFrom(order), options);
}

/** What a scripted model writes and in what order it comes. */
export const chances = fc.record({ seed: fc.nat(), order: fc.nat() });

export const limits: fc.Arbitrary<Partial<Limits>> = fc.record(
  {
    threads: fc.integer({ min: 0, max: 4 }),
    forks: fc.integer({ min: 0, max: 3 }),
    threadTokens: fc.integer({ min: 0, max: 40 }),
    runTokens: fc.integer({ min: 0, max: 400 }),
    criticalTokens: fc.integer({ min: 0, max: 200 }),
    calls: fc.integer({ min: 1, max: 12 }),
    // A driven machine's clock shows the number of its inputs.
    ms: fc.integer({ min: 0, max: 120 }),
  },
  { requiredKeys: [] },
);

/** Something that comes from outside, at the n-th event of the engine. */
export type Interruption = { n: number; what: "stop" | "cut"; whom: number } | undefined;

export const interruptions: fc.Arbitrary<Interruption> = fc.option(
  fc.record({ n: fc.nat({ max: 60 }), what: fc.constantFrom("stop" as const, "cut" as const), whom: fc.nat() }),
  { nil: undefined },
);

export function interruptBy(interruption: Interruption): NonNullable<DriveOptions["interrupt"]> {
  return (state: State, n: number): UntimedInput | undefined => {
    if (interruption === undefined || n !== interruption.n) return undefined;
    if (interruption.what === "stop") return { t: "stop" };
    return { t: "cut", sequence: interruption.whom % state.sequences.length, by: "user" };
  };
}

export const modes: fc.Arbitrary<NonNullable<DriveOptions["mode"]>> = fc.constantFrom("ids", "ids", "spelled", "text");
