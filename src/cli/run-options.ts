import type { RunOptions } from "../run/options.ts";

interface SamplingFlags {
  readonly temperature: number;
  readonly "top-p": number;
  readonly seed: number | undefined;
  readonly "max-tokens": number | undefined;
  readonly "max-thread-tokens": number | undefined;
  readonly "special-in-prompt": "parse" | "text" | undefined;
}

export function runOptions(flags: SamplingFlags): RunOptions {
  return {
    temperature: flags.temperature,
    topP: flags["top-p"],
    seed: flags.seed,
    maxTokens: flags["max-tokens"],
    maxThreadTokens: flags["max-thread-tokens"],
    specialInPrompt: flags["special-in-prompt"],
  };
}
