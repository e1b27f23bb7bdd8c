import * as z from "zod";
import { limitsSchema } from "../core/limits/limits.ts";
import { protocolVersion, vocabularySchema, type Input } from "../core/machine/protocol.ts";
import { samplingSchema } from "../core/trie/sampling.ts";
import { modeSchema } from "./events.ts";
import { decidersSchema } from "./policies/record.ts";
import type { RunSummary } from "./result.ts";

/** The version of the header below. It stands at the beginning of a recorded run. */
export const headerVersion = 1;

const count = z.int().min(0);

/** What a run was started with: with its inputs, all that is needed to replay it or to go on with it. JSON. */
export const headerSchema = z.object({
  version: z.literal(headerVersion),
  /** The version of the inputs that follow. */
  protocol: z.literal(protocolVersion),
  /** Names the run: in the requests to its engine, too. */
  id: z.string(),
  /** When the run began, in milliseconds by the clock that the inputs' times come from. */
  began: z.number(),
  seed: count,
  mode: modeSchema,
  /** The dialect as data: what `dialectFromData` reads, without code. Its `name` says which it was. */
  dialect: z.looseObject({ name: z.string() }),
  /** The limits that the run was given. The dialect's and the defaults apply to the others. */
  limits: limitsSchema.partial(),
  stop: z.array(z.string()),
  /** Of a fork that the program plans: the template by which its results are joined, if they are by one. */
  combine: z.string().optional(),
  /** The policies that decide about its threads, where there are any. */
  deciders: decidersSchema.optional(),
  sampling: samplingSchema,
  threadSampling: samplingSchema.optional(),
  templateOptions: z.record(z.string(), z.unknown()).optional(),
  logprobs: z.union([z.boolean(), z.object({ top: z.int().min(1) })]),
  engine: z.object({ name: z.string(), model: z.string(), tier: z.string(), contextTokens: count.optional() }),
  vocabulary: vocabularySchema.extend({ size: count.optional() }),
  promptTokens: count,
  metadata: z.record(z.string(), z.unknown()).optional(),
});

/** What a run was started with. */
export type RunHeader = z.output<typeof headerSchema>;

/** How a run ended, for its record. */
export interface RunEnd {
  /** What it gave; of a run that failed, what it had made until then. Undefined: nothing. */
  readonly result: RunSummary | undefined;
  /** What it failed with. */
  readonly error: { readonly code: string; readonly message: string } | undefined;
}

/**
 * Takes down all that a run follows from, as it happens. If one of its methods throws, the run goes on with a warning,
 * and the recorder is not called again.
 */
export interface Recorder {
  /** Where the record is, for messages: the path of a file, say. */
  readonly name?: string | undefined;
  /** The run begins: once, before the first input. A run that is resumed does not begin again. */
  begin?(header: RunHeader): void;
  /** Something went into the machine. Feeding the same inputs to `step` of `threadweaver/core` repeats the run. */
  input(input: Input): void;
  /** The run has settled: once, after the last input. */
  end?(end: RunEnd): void;
}

/** A run as it was recorded, complete or not. */
export interface RecordedRun {
  readonly header: RunHeader;
  readonly inputs: readonly Input[];
}
