import type { JoinPolicy } from "../core/policies/policy.ts";
import type { Engine } from "../engine/engine.ts";
import type { RetryOptions } from "../run/calls/retries.ts";
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
  readonly "template-option": RunOptions["templateOptions"];
  readonly timeout: number | undefined;
  readonly "call-timeout": number | undefined;
  readonly policy?: readonly JoinPolicy[];
  readonly answer?: RunOptions["answer"];
  readonly equal?: RunOptions["equal"];
}

interface RetryFlags {
  readonly retries: number;
  readonly "run-retries": number;
  readonly "retry-wait": number;
  readonly "retry-max-wait": number;
}

/** How often, and after how long, what breaks off is tried again. */
export function retryOptions(flags: RetryFlags): RetryOptions {
  return {
    perCall: flags.retries,
    perRun: flags["run-retries"],
    baseMs: flags["retry-wait"] * 1000,
    maxMs: flags["retry-max-wait"] * 1000,
  };
}

export function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

export function runOptions(flags: SamplingFlags & RetryFlags): RunOptions {
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
    templateOptions: flags["template-option"],
    timeoutMs: milliseconds(flags.timeout),
    callTimeoutMs: milliseconds(flags["call-timeout"]),
    retry: retryOptions(flags),
    ...decidersOf(flags),
  };
}

/** Those that were given: forks that a program plans have no answers. */
function decidersOf({ policy = [], answer, equal }: SamplingFlags): Pick<RunOptions, "policy" | "answer" | "equal"> {
  return { ...(policy.length > 0 && { policy }), ...(answer && { answer }), ...(equal && { equal }) };
}

/** Requests at once: as many as the engine takes, or as were asked for; on a server at least one for each problem. */
export function requestsAtOnce(
  { requests }: { readonly requests: number | undefined },
  { parallelCalls }: Pick<Engine, "parallelCalls">,
  problems = 1,
): number {
  return requests ?? parallelCalls ?? Math.max(64, problems);
}
