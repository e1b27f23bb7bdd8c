import * as z from "zod";

export interface LlamaEngineOptions {
  /** Path of the GGUF file, relative to the working directory. */
  model: string;
  /** Prompt and generated tokens of one call, at most. Default: what the model was trained on, but at most 4096. */
  contextTokens?: number | undefined;
  /**
   * Calls that run at once, and prefixes kept for reuse. Each takes memory for `contextTokens`. Further calls wait.
   * Default 8.
   */
  sequences?: number | undefined;
  /** Threads that evaluate. They spin while they wait, so leave one core to Node. Default 1. */
  threads?: number | undefined;
}

export const llamaEngineOptions: z.ZodType<LlamaEngineOptions> = z.strictObject({
  model: z.string().min(1, "the path of a GGUF file"),
  contextTokens: z.int().min(2).optional(),
  sequences: z.int().min(1).max(256).optional(),
  threads: z.int().min(1).max(512).optional(),
});
