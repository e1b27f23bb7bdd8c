import { textBetween } from "../trie/locate.ts";
import { forkOf, threadsOf, type Sequence, type State } from "../machine/state.ts";
import type { View } from "../dialects/schema.ts";
import { segmentOf, type Position } from "../trie/trie.ts";

/** Everything behind the prompt of a run, as a person should see it: main's text, or a display join's rendering. */
export function displayText(state: State): string {
  const main = state.sequences[0];
  if (main === undefined) return "";
  const { join, functions } = state.dialect;
  const text = ownText(state, main);
  const last = main.forks.at(-1);
  if (join.shape !== "display" || last === undefined) return text;
  const threads = threadsOf(state, forkOf(state, last)).map(({ captures, ...thread }) => ({
    captures,
    text: textBetween(state.trie, thread.body, thread.head),
  }));
  const view: View = { text, history: "", captures: {}, threads };
  return functions?.[join.render.fn]?.(view) ?? text;
}

/** What a sequence has: what it wrote, what was joined into it and how it was closed; its header not. */
export function ownText(state: State, sequence: Sequence): string {
  return textBetween(state.trie, sequence.body, currentHead(state, sequence));
}

/** Where a sequence stands: behind what its call has generated so far, or behind what was put there since. */
export function currentHead(state: State, { call, head }: Sequence): Position {
  if (call === undefined) return head;
  const segment = state.calls[call]?.segment ?? head.segment;
  return { segment, n: segmentOf(state.trie, segment).pieces.length };
}
