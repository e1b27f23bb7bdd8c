import type { JoinPolicy } from "../policy.ts";

/** Waits for all of them. */
export function all(): JoinPolicy {
  return { name: "all", subtasks: true, options: {}, decide: () => undefined };
}
