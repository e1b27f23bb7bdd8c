import * as z from "zod";

/** How tokens are drawn. What is not there is left to the engine: a server then applies its own default for the model. */
export interface SamplingParameters {
  /** 0 always takes the likeliest token. */
  temperature?: number | undefined;
  /** Only the likeliest tokens that make up this probability; above 0, at most 1. 1 is off. */
  topP?: number | undefined;
  /** Only so many of the likeliest tokens. 0 is off. */
  topK?: number | undefined;
  /** Only tokens that are at least so likely, compared with the likeliest; 0 to 1. 0 is off. */
  minP?: number | undefined;
  /** Divides the scores of tokens that the prompt or the answer has already. 1 is off. */
  repetitionPenalty?: number | undefined;
}

/** All of them said. */
export type KnownSampling = { readonly [K in keyof SamplingParameters]-?: number };

/** The parameters, with the values that can be meant. */
export const samplingSchema = z.strictObject({
  temperature: z.number().min(0).max(10).optional(),
  topP: z.number().gt(0).max(1).optional(),
  topK: z.int().min(0).optional(),
  minP: z.number().min(0).max(1).optional(),
  repetitionPenalty: z.number().gt(0).max(10).optional(),
}) satisfies z.ZodType<SamplingParameters>;
