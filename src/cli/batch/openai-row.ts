import * as z from "zod";
import { samplingSchema } from "../../core/trie/sampling.ts";
import type { RunOptions } from "../../run/options.ts";
import type { RunInput } from "../../run/input.ts";

const count = z.int().min(1);
const sampling = samplingSchema.shape;

/**
 * A line of OpenAI's batch files. Of a body's fields those are known that a run has an option for; those that change nothing
 * here are left out, and any other is a mistake, since it would be ignored without a word.
 */
export const openaiRow: z.ZodType<{ input: RunInput; options: RunOptions; model: string | undefined }> = z
  .object({
    custom_id: z.string("custom_id is a string"),
    method: z.literal("POST", "method is POST").optional(),
    url: z
      .enum(["/v1/chat/completions", "/v1/completions"], "url is /v1/chat/completions or /v1/completions")
      .optional(),
    body: z.strictObject(
      {
        model: z.string().optional(),
        messages: z.array(z.unknown()).min(1, "messages is empty").optional(),
        prompt: z.string("prompt is text").min(1, "prompt is empty").optional(),
        max_tokens: count.nullish(),
        max_completion_tokens: count.nullish(),
        temperature: sampling.temperature.nullable(),
        top_p: sampling.topP.nullable(),
        top_k: sampling.topK.nullable(),
        min_p: sampling.minP.nullable(),
        repetition_penalty: sampling.repetitionPenalty.nullable(),
        stop: z.union([z.string(), z.array(z.string())]).nullish(),
        seed: z.int().min(0).nullish(),
        n: z.literal(1, "n is 1 here: --samples makes more").nullish(),
        stream: z.boolean().nullish(),
        stream_options: z.unknown().optional(),
        user: z.unknown().optional(),
        metadata: z.record(z.string(), z.unknown()).nullish(),
      },
      {
        error: ({ code, keys }) =>
          code === "unrecognized_keys"
            ? `${keys.join(", ")}: no option of a run is like this; leave it out`
            : undefined,
      },
    ),
  })
  .refine(({ body }) => (body.prompt === undefined) !== (body.messages === undefined), {
    error: "a body has a prompt or messages, one of them",
  })
  .transform(({ body }) => ({
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each message is checked when the run begins
    input: (body.messages === undefined ? { prompt: body.prompt } : { messages: body.messages }) as RunInput,
    model: body.model,
    options: withoutNothing({
      maxTokens: body.max_completion_tokens ?? body.max_tokens,
      temperature: body.temperature,
      topP: body.top_p,
      topK: body.top_k,
      minP: body.min_p,
      repetitionPenalty: body.repetition_penalty,
      stop: body.stop,
      seed: body.seed,
      metadata: body.metadata,
    }),
  }));

/** What is null or missing is not said. */
function withoutNothing(options: Record<string, unknown>): RunOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value != null));
}
