import { callFunction } from "../dialects/template.ts";
import type { View } from "../dialects/schema.ts";
import { forkOf, runningCall, threadsOf, type Sequence, type State } from "../machine/state.ts";
import { textBetween } from "../trie/path.ts";
import { pieceCount, segmentOf, type Position } from "../trie/trie.ts";

/** The text of a run after its prompt, as people should see it: main's text, or the rendering of a display join. */
export function displayText(state: State): string {
  const main = state.sequences[0];
  if (main === undefined) return "";
  const { dialect, trie } = state;
  const text = sequenceText(state, main);
  const last = main.forks.at(-1);
  if (dialect.join.shape !== "display" || dialect.join.render === undefined || last === undefined) return text;
  const threads = threadsOf(state, forkOf(state, last)).map(({ captures, body, head }) => ({
    captures,
    text: textBetween(trie, body, head),
  }));
  const view: View = { text, history: "", captures: {}, threads };
  return callFunction(dialect, dialect.join.render.fn, view) ?? text;
}

/** The text of a sequence without its header: what it wrote, what was joined into it, and its closing text. */
export function sequenceText(state: State, sequence: Sequence): string {
  return textBetween(state.trie, sequence.body, currentHead(state, sequence));
}

/** Where a sequence stands: after what its running call has generated so far, or at its head. */
export function currentHead(state: State, sequence: Sequence): Position {
  const call = runningCall(state, sequence);
  if (call === undefined) return sequence.head;
  return { segment: call.segment, n: pieceCount(state.trie, segmentOf(state.trie, call.segment)) };
}
