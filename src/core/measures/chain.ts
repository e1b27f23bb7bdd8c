import { callOf, forkOf, threadsOf, type Sequence, type State } from "../machine/state.ts";

/**
 * Generated tokens on the longest chain that leads to the place where a sequence stands. One that waits for threads stands
 * where the longest of them does.
 */
export function chainTo(state: State, sequence: Sequence): number {
  const { phase, critical } = sequence;
  if (phase.is === "running" || phase.is === "tail") {
    const call = callOf(state, phase.call);
    return call.critical + call.tokens;
  }
  if (phase.is !== "waiting") return critical;
  return threadsOf(state, forkOf(state, phase.fork)).reduce(
    (longest, thread) => Math.max(longest, chainTo(state, thread)),
    critical,
  );
}
