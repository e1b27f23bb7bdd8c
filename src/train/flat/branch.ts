import type { Segment } from "../../core/trie/trie.ts";

/** Tokens that follow each other in a flattened trie, and what goes on after some of them. */
export interface Branch {
  /** What tells it from its siblings: the same segment, seen in the same way, is the same branch. */
  readonly key: string;
  readonly parent: Branch | undefined;
  /** How many of the parent's tokens stand before it. */
  readonly at: number;
  ids: Int32Array;
  /** Undefined for a context that was encoded again. */
  readonly segment: Segment | undefined;
  readonly children: Branch[];
  /** Whether main's last call is on it, or follows it: then it goes before its siblings. */
  onMain: boolean;
}

/** A place in a tree of branches. */
export interface Place {
  readonly branch: Branch;
  readonly at: number;
}

export function createRoot(): Branch {
  return { key: "", parent: undefined, at: 0, ids: new Int32Array(0), segment: undefined, children: [], onMain: true };
}

/** Goes on after a place with these tokens; what is there already is shared. */
export function follow({ branch, at }: Place, key: string, ids: Int32Array, segment: Segment | undefined): Place {
  if (ids.length === 0) return { branch, at };
  let next = branch.children.find((child) => child.key === key && child.at === at);
  if (next === undefined) {
    next = { key, parent: branch, at, ids, segment, children: [], onMain: false };
    branch.children.push(next);
  } else if (ids.length > next.ids.length) next.ids = ids;
  return { branch: next, at: ids.length };
}
