import * as z from "zod";
import { optionsOf } from "../options.ts";
import { running, type JoinPolicy } from "../policy.ts";

export const deadlineOptions = z.strictObject({
  ms: z.number("is a number of milliseconds").gt(0, "is over before anything begins: give more than 0 milliseconds"),
});

/**
 * What still runs after this time is cut.
 *
 * @param ms milliseconds since the first of the threads started.
 * @throws `invalid_option` for a time that is over before it begins.
 */
export function deadline(ms: number): JoinPolicy {
  const options = optionsOf("deadline", deadlineOptions, { ms });
  return {
    name: "deadline",
    subtasks: true,
    options,
    decide: (view) => (view.ms < ms ? { askAt: ms } : { cut: running(view.siblings) }),
  };
}
