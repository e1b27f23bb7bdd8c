import type { Axis, CallSpan, PathPart } from "./timeline.ts";

/** What a call does at a time. `slot`: it waits for one. `prompt`: for its first token. `pause`: for its next attempt. */
export interface Phase {
  readonly is: "slot" | "prompt" | "writes" | "pause";
  readonly from: number;
  readonly to: number;
  /** The attempt by its place in the call; the first where none has begun. */
  readonly attempt: number;
}

/** What a call did, from when it was needed to its end, without a gap. In milliseconds. */
export function phasesOf({ asked, attempts, end }: CallSpan): Phase[] {
  const phases: Phase[] = [];
  let from = asked;
  const add = (is: Phase["is"], to: number, attempt: number): void => {
    const until = Math.min(to, end);
    if (until > from) phases.push({ is, from, to: until, attempt });
    from = Math.max(from, until);
  };
  for (const [n, { sent, first, broke }] of attempts.entries()) {
    add(n === 0 ? "slot" : "pause", sent, n);
    const over = broke?.at ?? end;
    add("prompt", first ?? over, n);
    add("writes", over, n);
  }
  add(attempts.length === 0 ? "slot" : "pause", end, Math.max(0, attempts.length - 1));
  return phases;
}

/** Where a call writes in a part of the critical path: the rest of the part it waits. */
export function writtenOn(axis: Axis, part: PathPart, call: CallSpan): readonly { from: number; to: number }[] {
  if (axis === "tokens") return [part];
  return phasesOf(call).flatMap(({ is, from, to }) => {
    const until = Math.min(to, part.to);
    return is === "writes" && from < until ? [{ from, to: until }] : [];
  });
}
