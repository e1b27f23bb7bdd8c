import * as z from "zod";

/** What llama.cpp evaluates on. */
export type Gpu = "auto" | "cuda" | "vulkan" | "metal" | false;

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
  /**
   * Threads of the processor that evaluate, at most 512. They spin while they wait, so more of them than cores are
   * slower by far. @defaultValue one for each core that is free for arithmetic, but one less than Node may use
   */
  threads?: number | undefined;
  /**
   * What evaluates. `false`: the processor alone. `"cuda"`, `"vulkan"`, `"metal"`: that kind of GPU, with as many of the
   * model's layers as it has memory for. `"auto"`: the best kind that works here, else the processor. GPUs were never
   * tested with this library. @defaultValue false
   */
  gpu?: Gpu | undefined;
  /**
   * Gets the share of the model's file that is read, from 0 to 1, as it grows. If it throws, loading fails with its
   * error. @defaultValue none
   */
  onLoadProgress?: ((fraction: number) => void) | undefined;
  /**
   * Ends loading: the promise rejects with `aborted` within one turn of the event loop, and what was loaded is released
   * soon after. It has no effect on a loaded engine. @defaultValue none
   */
  signal?: AbortSignal | undefined;
}

const gpus = ["auto", "cuda", "vulkan", "metal"] as const;

export const llamaEngineOptions: z.ZodType<LlamaEngineOptions> = z.strictObject({
  model: z.string().min(1, "the path of a GGUF file"),
  contextTokens: z.int().min(2).optional(),
  sequences: z.int().min(1).max(256).optional(),
  threads: z.int().min(1).max(512).optional(),
  gpu: z.union([z.enum(gpus), z.literal(false)], { error: `false or one of ${gpus.join(", ")}` }).optional(),
  onLoadProgress: z.custom<(fraction: number) => void>((value) => typeof value === "function", "a function").optional(),
  signal: z.instanceof(AbortSignal, { error: "an AbortSignal" }).optional(),
});
