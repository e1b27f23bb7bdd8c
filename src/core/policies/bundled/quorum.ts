import * as z from "zod";
import { optionsOf } from "../options.ts";
import { running, type JoinPolicy } from "../policy.ts";
import { groupAnswers } from "../vote.ts";

export const quorumOptions = z.strictObject({ count: z.int().min(1) });

/**
 * Equal answers of so many attempts are enough: the others are cut.
 *
 * @param count how many. With more than half of all attempts, the majority is that of all of them.
 * @throws `invalid_option` for anything but a whole number from 1 on.
 */
export function quorum(count: number): JoinPolicy {
  const options = optionsOf("quorum", quorumOptions, { count });
  return {
    name: "quorum",
    needs: { answers: true },
    options,
    decide({ siblings, equal }) {
      const agree = groupAnswers(siblings, equal).some(({ members }) => members.length >= count);
      return agree ? { cut: running(siblings) } : undefined;
    },
    contradicts: (attempts) =>
      attempts < count ? `it waits for ${count} equal answers, and there are ${attempts} attempts` : undefined,
  };
}
