import { z } from "zod";
import type { CompletionRequest } from "./engine.ts";

/** What a completion needs besides the request. */
export interface CompletionContext {
  model: string;
  /** At least 1, at most what fits. */
  maxTokens: number;
}

/** A part of a streamed answer, the same for every server. */
export interface CompletionChunk {
  ids: readonly number[];
  text: string;
  /** Set on the last part: what the server calls its reason. */
  finish?: string | undefined;
  /** With `finish`: the stop id that ended it; undefined at an end of sequence. */
  stopId?: number | undefined;
}

export interface ParsedEvent {
  chunk?: CompletionChunk | undefined;
  cachedTokens?: number | undefined;
  /** What the server says in an answer that began with HTTP 200 when it refuses or breaks off after all. */
  error?: { message: string; refused: boolean } | undefined;
  /** The server sent text without token ids. */
  idless?: boolean | undefined;
}

/**
 * Bodies and answers of vLLM. Everything that differs between servers is here, so that another server is another file
 * like this one. Sampling is said in full: a field that is left out takes the model's own default, not ours.
 */
export const vllm = {
  completionsPath: "/v1/completions",
  tokenizePath: "/tokenize",
  detokenizePath: "/detokenize",

  completionBody(
    { prompt, stop, sampling }: CompletionRequest,
    { model, maxTokens }: CompletionContext,
  ): Record<string, unknown> {
    return {
      model,
      prompt,
      max_tokens: maxTokens,
      stop_token_ids: stop.ids,
      temperature: sampling.temperature,
      top_p: sampling.topP,
      top_k: -1,
      min_p: 0,
      repetition_penalty: sampling.repetitionPenalty ?? 1,
      presence_penalty: 0,
      frequency_penalty: 0,
      ...(sampling.seed === undefined ? {} : { seed: sampling.seed }),
      skip_special_tokens: false,
      include_stop_str_in_output: true,
      return_token_ids: true,
      stream: true,
      stream_options: { include_usage: true },
    };
  },

  parseEvent(data: string): ParsedEvent {
    const { error, choices = [], usage } = event.parse(JSON.parse(data));
    if (error !== undefined) return { error: { message: error.message, refused: (error.code ?? 500) < 500 } };
    const [choice] = choices;
    const cachedTokens = usage?.prompt_tokens_details?.cached_tokens ?? undefined;
    if (choice === undefined) return { cachedTokens };
    const { text, token_ids: ids, finish_reason: finish, stop_reason: stopReason } = choice;
    if (ids === undefined || ids === null) return { idless: true };
    const stopId = typeof stopReason === "number" ? stopReason : undefined;
    return { cachedTokens, chunk: { ids, text, finish: finish ?? undefined, stopId } };
  },
} as const;

const event = z.object({
  error: z.object({ message: z.string(), code: z.int().nullish() }).optional(),
  choices: z
    .array(
      z.object({
        text: z.string(),
        token_ids: z.array(z.int()).nullish(),
        finish_reason: z.string().nullish(),
        stop_reason: z.union([z.number(), z.string()]).nullish(),
      }),
    )
    .optional(),
  usage: z.object({ prompt_tokens_details: z.object({ cached_tokens: z.int().nullish() }).nullish() }).nullish(),
});

export const modelList: z.ZodType<{ data: { id: string; max_model_len?: number | null | undefined }[] }> = z.object({
  data: z.array(z.object({ id: z.string(), max_model_len: z.int().nullish() })),
});

export const tokenized: z.ZodType<{ tokens: number[] }> = z.object({ tokens: z.array(z.int()) });
export const detokenized: z.ZodType<{ prompt: string }> = z.object({ prompt: z.string() });

export const forcedAnswer: z.ZodType<{
  choices: { finish_reason?: string | null | undefined; token_ids?: number[] | null | undefined }[];
}> = z.object({
  choices: z.array(z.object({ finish_reason: z.string().nullish(), token_ids: z.array(z.int()).nullish() })),
});

export const anything: z.ZodType = z.unknown();
