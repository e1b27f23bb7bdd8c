import * as z from "zod";

/** Options of `llamaEngine`. */
export interface LlamaEngineOptions {
  /** Path of the GGUF file, relative to the working directory. */
  model: string;
  /**
   * Most tokens of one call, prompt and generated tokens together; no more than the model was trained on. @defaultValue
   * what the model was trained on, but at most 4096
   */
  contextTokens?: number | undefined;
  /**
   * How many calls run at once, and how many prefixes are kept for reuse; at most 256. Each takes memory for
   * `contextTokens` tokens. Further calls wait. @defaultValue 8
   */
  sequences?: number | undefined;
  /** Threads that evaluate, at most 512. They spin while they wait, so leave one core to Node. @defaultValue 1 */
  threads?: number | undefined;
}

export const llamaEngineOptions: z.ZodType<LlamaEngineOptions> = z.strictObject({
  model: z.string().min(1, "the path of a GGUF file"),
  contextTokens: z.int().min(2).optional(),
  sequences: z.int().min(1).max(256).optional(),
  threads: z.int().min(1).max(512).optional(),
});
