import { callFunction } from "../dialects/template.ts";
import type { View } from "../dialects/schema.ts";
import { forkOf, runningCall, threadsOf, type Sequence, type State } from "../machine/state.ts";
import { textBetween } from "../trie/path.ts";
import { pieceCount, segmentOf, type Position } from "../trie/trie.ts";

/** Everything after the prompt of a run, as a person should see it: main's text, or a display join's rendering. */
export function displayText(state: State): string {
  const main = state.sequences[0];
  if (main === undefined) return "";
  const { dialect, trie } = state;
  const text = sequenceText(state, main);
  const last = main.forks.at(-1);
  if (dialect.join.shape !== "display" || last === undefined) return text;
  const threads = threadsOf(state, forkOf(state, last)).map(({ captures, body, head }) => ({
    captures,
    text: textBetween(trie, body, head),
  }));
  const view: View = { text, history: "", captures: {}, threads };
  return callFunction(dialect, dialect.join.render.fn, view) ?? text;
}

/** What a sequence has: what it wrote, what was joined into it and how it was closed; its header not. */
export function sequenceText(state: State, sequence: Sequence): string {
  return textBetween(state.trie, sequence.body, currentHead(state, sequence));
}

/** Where a sequence stands: after what its call has generated so far, or after what was put there since. */
export function currentHead(state: State, sequence: Sequence): Position {
  const call = runningCall(state, sequence);
  if (call === undefined) return sequence.head;
  return { segment: call.segment, n: pieceCount(state.trie, segmentOf(state.trie, call.segment)) };
}
