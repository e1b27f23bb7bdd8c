import * as z from "zod";

/**
 * How tokens are sampled. A parameter that is missing is left to the engine; a server then uses its default for the
 * model.
 */
export interface SamplingParameters {
  /** 0 always takes the most likely token. */
  temperature?: number | undefined;
  /** Sample only from the most likely tokens that together have this probability. Above 0, at most 1; 1 is off. */
  topP?: number | undefined;
  /** Sample only from this many of the most likely tokens. 0 is off. */
  topK?: number | undefined;
  /** Sample only from tokens with at least this share of the most likely token's probability. 0 to 1; 0 is off. */
  minP?: number | undefined;
  /** Divides the scores of tokens that already occur in the prompt or the answer. 1 is off. */
  repetitionPenalty?: number | undefined;
}

/** Sampling parameters of which none is missing. */
export type KnownSampling = { readonly [K in keyof SamplingParameters]-?: number };

export const samplingNames = ["temperature", "topP", "topK", "minP", "repetitionPenalty"] as const;

/** Whether nothing that matters was left to the server. Where the likeliest token is taken the rest of the odds is all the same. */
export function isKnownSampling(sampling: SamplingParameters): boolean {
  return sampling.temperature === 0 || samplingNames.every((name) => sampling[name] !== undefined);
}

/** The schema of the parameters, with the range of each. */
export const samplingSchema = z.strictObject({
  temperature: z.number().min(0).max(10).optional(),
  topP: z.number().gt(0).max(1).optional(),
  topK: z.int().min(0).optional(),
  minP: z.number().min(0).max(1).optional(),
  repetitionPenalty: z.number().gt(0).max(10).optional(),
}) satisfies z.ZodType<SamplingParameters>;
