import type { RunOptions } from "../../run/options.ts";
import type { commands } from "../flags/commands.ts";
import type { Values } from "../flags/flag.ts";
import { milliseconds, retryOptions } from "../run-options.ts";

export type RolloutFlags = Values<(typeof commands)["rollout"]["flags"]>;

/** Limits and policies of all rollouts, and how often what breaks off is tried again. */
export function limitsOf(flags: RolloutFlags): Pick<RunOptions, (typeof names)[number]> {
  return {
    maxTokens: flags["max-tokens"],
    maxThreadTokens: flags["max-thread-tokens"],
    specialInPrompt: flags["special-in-prompt"],
    timeoutMs: milliseconds(flags.timeout),
    callTimeoutMs: milliseconds(flags["call-timeout"]),
    ...(flags.policy.length > 0 && { policy: flags.policy }),
    retry: retryOptions(flags),
  };
}

const names = [
  "maxTokens",
  "maxThreadTokens",
  "specialInPrompt",
  "timeoutMs",
  "callTimeoutMs",
  "policy",
  "retry",
] as const;
