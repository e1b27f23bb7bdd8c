import type { RunOptions } from "../run/options.ts";

interface SamplingFlags {
  readonly mode: string;
  readonly temperature: number | undefined;
  readonly "top-p": number | undefined;
  readonly "top-k": number | undefined;
  readonly "min-p": number | undefined;
  readonly tree: boolean;
  readonly seed: number | undefined;
  readonly "max-tokens": number | undefined;
  readonly "max-thread-tokens": number | undefined;
  readonly "special-in-prompt": "parse" | "text" | undefined;
}

export function runOptions(flags: SamplingFlags): RunOptions {
  return {
    // Two texts can be compared where both take the likeliest tokens.
    temperature: flags.temperature ?? (flags.mode === "compare" ? 0 : undefined),
    topP: flags["top-p"],
    topK: flags["top-k"],
    minP: flags["min-p"],
    tree: flags.tree,
    seed: flags.seed,
    maxTokens: flags["max-tokens"],
    maxThreadTokens: flags["max-thread-tokens"],
    specialInPrompt: flags["special-in-prompt"],
  };
}
