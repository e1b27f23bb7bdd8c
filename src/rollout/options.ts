import * as z from "zod";
import { parseOptions } from "../engine/parse-options.ts";
import { extractionRules, type ExtractionRule } from "../grade/extract/extract.ts";
import { policies, type PolicyName } from "../grade/presets.ts";
import type { BatchOptions, BatchProblem } from "../run/batch/options.ts";
import { samplingNames, type SamplingParameters } from "../core/trie/sampling.ts";
import { ThreadweaverError } from "../errors.ts";
import type { RunOptions } from "../run/options.ts";
import { wholeDistribution } from "./sampling.ts";

/** A problem whose answer is known. */
export interface RolloutProblem extends BatchProblem {
  /** Names its group; unique. */
  readonly id: string;
  /** What is right. */
  readonly answer: string;
}

/**
 * Options of all rollouts. Sampling is none of them (`wholeDistribution`). Limits and `policy` say what becomes of
 * stragglers: a thread that is cut keeps what it sampled, and that is trained like the rest.
 */
export interface RolloutOptions extends Omit<
  BatchOptions,
  keyof SamplingParameters | "samples" | "logprobs" | "tree" | "threadSampling" | "answer" | "equal"
> {
  /** Rollouts of each problem. @defaultValue 8 */
  readonly group?: number | undefined;
  /** How the answer is found in what follows the thinking. @defaultValue "auto" */
  readonly extract?: (typeof extractionRules)[number] | undefined;
  /** When an answer is right. @defaultValue "strict": nothing is forgiven that a model could learn to use */
  readonly grading?: PolicyName | undefined;
}

/** When an answer is right, by name. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys are those names
export const gradingSchema: z.ZodType<PolicyName> = z.enum(Object.keys(policies) as [PolicyName, ...PolicyName[]]);

const own = z.object({
  group: z.int().min(2, "a group has at least two rollouts, since they are compared").default(8),
  extract: z.enum(extractionRules).default("auto"),
  grading: gradingSchema.default("strict"),
});

export interface CheckedRollouts {
  readonly group: number;
  readonly extract: Extract<ExtractionRule, string>;
  readonly grading: PolicyName;
  /** What the batch checks itself. */
  readonly batch: BatchOptions;
}

/** @throws `invalid_option` */
export function checkRollouts({ group, extract, grading, ...batch }: RolloutOptions): CheckedRollouts {
  const sampling = samplingNames.find((name) => name in batch);
  if (sampling !== undefined)
    throw new ThreadweaverError("invalid_option", `Rollouts take no ${sampling}: they are ${wholly}.`);
  return { ...parseOptions("rollouts", own, { group, extract, grading }), batch };
}

/** How rollouts are sampled, for messages. */
export const wholly =
  "sampled at temperature 1 from the whole distribution, so that the odds of each token are the model's own";

/** What of the options of one problem would draw its tokens in another way. @returns its name and value */
export function otherSampling(options: RunOptions = {}): string | undefined {
  const name = samplingNames.find((one) => options[one] !== undefined && options[one] !== wholeDistribution[one]);
  return name === undefined ? undefined : `${name} ${options[name]}`;
}
