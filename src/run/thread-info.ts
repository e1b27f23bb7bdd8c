import * as z from "zod";
import { forkOf, sequenceOf, type Sequence, type State } from "../core/machine/state.ts";

/** The fields by which events and results name a thread. */
export const threadInfoShape = {
  /** `0/2.1` is the first thread of main's second fork, `0/2.1/1.3` a thread of that thread. */
  threadId: z.string(),
  /** `0/2`: main's second fork. */
  forkId: z.string(),
  /** The sequence that forked it; `0` is main. */
  parentId: z.string(),
  /** What the plan calls it. */
  name: z.string(),
  /** What the plan says that it is for; empty where the plan has no text for it. */
  plan: z.string(),
  /** From 1, in plan order. */
  index: z.int().min(1),
  /** 1 for threads of main. */
  depth: z.int().min(1),
};
const threadInfoSchema = z.object(threadInfoShape);

/** A thread, as events and results name it. */
export type ThreadInfo = z.output<typeof threadInfoSchema>;

/** What names a thread of a run. */
export function threadInfo(state: State, { threadId, name, plan, depth, parent }: Sequence): ThreadInfo {
  if (parent === undefined) throw new RangeError("main is no thread");
  const fork = forkOf(state, parent.fork);
  return {
    threadId,
    forkId: fork.forkId,
    parentId: sequenceOf(state, fork.by).threadId,
    name,
    plan,
    index: parent.index + 1,
    depth,
  };
}

/** Times have a resolution of a thousandth of a millisecond. */
export function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
