import * as z from "zod";
import { optionsOf } from "../options.ts";
import { running, type JoinPolicy } from "../policy.ts";

export const criticalTokensOptions = z.strictObject({ count: z.int().min(1) });

/**
 * Each thread is cut when its longest chain of generated tokens since the fork has this length, those of its own threads
 * included. So a join waits for no more tokens than that, but for those that came in the same part as the last one.
 *
 * @param count tokens.
 * @throws `invalid_option` for anything but a whole number from 1 on.
 */
export function criticalTokens(count: number): JoinPolicy {
  const options = optionsOf("criticalTokens", criticalTokensOptions, { count });
  return {
    name: "criticalTokens",
    subtasks: true,
    needs: { tokens: true },
    options,
    decide: ({ siblings, changed }) => ({
      // Only the one that tokens came for can have become too long.
      cut: running(changed === undefined ? siblings : [changed]).filter((one) => one.criticalTokens >= count),
    }),
  };
}
