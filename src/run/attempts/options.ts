import * as z from "zod";
import { checkPolicies, needsOf } from "../../core/policies/check.ts";
import { confidenceOptions } from "../../core/policies/bundled/confidence.ts";
import type { JoinPolicy } from "../../core/policies/policy.ts";
import type { SamplingParameters } from "../../core/trie/sampling.ts";
import type { Engine } from "../../engine/engine.ts";
import { parseOptions } from "../../engine/parse-options.ts";
import { ThreadweaverError } from "../../errors.ts";
import { optionsSchema, type CheckedOptions, type RunOptions } from "../options.ts";

/** What the vote of an attempt weighs. `majority`: all the same. `confidence`: the attempt's score. */
export type AttemptVote = "majority" | "confidence";

/** Options of attempts at one question: those of a run, without the ones that say how a model may fork. */
export interface AttemptsOptions extends Omit<
  RunOptions,
  "mode" | "threadSampling" | "maxThreads" | "maxForks" | "maxDepth" | "stop"
> {
  /** How many, at most 4096. */
  count: number;
  /** @defaultValue "confidence" with the policy of that name, else "majority" */
  vote?: AttemptVote | undefined;
}

const without = {
  mode: true,
  threadSampling: true,
  maxThreads: true,
  maxForks: true,
  maxDepth: true,
  stop: true,
} as const;

const schema = optionsSchema.omit(without).extend({
  count: z.int().min(1).max(4096),
  vote: z.enum(["majority", "confidence"]).optional(),
});

export interface CheckedAttempts {
  readonly count: number;
  readonly vote: AttemptVote;
  readonly options: CheckedOptions;
}

/** @throws `invalid_option`, naming each option that cannot be used, and why. */
export function checkAttempts(given: AttemptsOptions, engine: Engine): CheckedAttempts {
  const { count, vote: asked, ...options } = parseOptions("attempts", schema, given);
  checkPolicies(options.policy, { kind: "attempts", what: "attempts", count });
  if (isWithoutChance(count, options, engine))
    throw new ThreadweaverError(
      "invalid_option",
      `At temperature 0 all ${count} attempts would be the same: give a temperature above 0, such as 0.7.`,
    );
  const isMeasured = needsOf(options.policy).confidence !== undefined;
  const vote = asked ?? (isMeasured ? "confidence" : "majority");
  const policy = vote === "confidence" && !isMeasured ? [...options.policy, measured] : options.policy;
  return { count, vote, options: { ...options, policy, mode: "fork-join", stop: [] } };
}

/** Cuts nothing; the confidence of attempts is measured for their vote. */
const measured: JoinPolicy = {
  name: "all",
  needs: { confidence: confidenceOptions.pick({ window: true, topLogprobs: true }).parse({}) },
  decide: () => undefined,
};

/** Whether all attempts would be the same. */
export function isWithoutChance(
  count: number,
  { temperature }: Pick<SamplingParameters, "temperature">,
  { samplingDefaults }: Pick<Engine, "samplingDefaults">,
): boolean {
  return count > 1 && (temperature ?? samplingDefaults?.temperature) === 0;
}
