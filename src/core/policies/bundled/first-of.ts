import * as z from "zod";
import { optionsOf } from "../options.ts";
import { running, type JoinPolicy } from "../policy.ts";

export const firstOfOptions = z.strictObject({ count: z.int().min(1) });

/**
 * The first attempts that end by themselves are enough: the others are cut.
 *
 * @param count how many.
 * @throws `invalid_option` for anything but a whole number from 1 on.
 */
export function firstOf(count: number): JoinPolicy {
  const options = optionsOf("firstOf", firstOfOptions, { count });
  return {
    name: "firstOf",
    options,
    decide({ siblings }) {
      const done = siblings.filter(({ isDone }) => isDone).length;
      return done < count ? undefined : { cut: running(siblings) };
    },
    contradicts: (attempts) =>
      attempts < count ? `it waits for ${count} of them, and there are ${attempts}` : undefined,
  };
}
