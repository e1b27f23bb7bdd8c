import { append, rootOf } from "../trie/trie.ts";
import { startCall } from "./call.ts";
import { joinFork } from "./join.ts";
import type { Input } from "./protocol.ts";
import { beginAt, sequenceOf, type Fork, type State } from "./state.ts";

/** Asks the program for the turn that it makes of a fork's results. The fork's parent waits for it. */
export function askToCombine(state: State, fork: Fork): void {
  fork.combined = "asked";
  state.outbox.push({ e: "combine", fork: fork.id });
}

/** The turn has come: the parent begins to write after it. If the parent was cut in the meantime, nothing happens. */
export function combineFork(state: State, fork: Fork, { turn, whole }: Extract<Input, { t: "combined" }>): void {
  fork.combined = "done";
  const by = sequenceOf(state, fork.by);
  if (by.phase.is !== "waiting" || by.phase.fork !== fork.id) return;
  const at = whole === true ? { segment: rootOf(state.trie, by.head).id, n: 0 } : by.head;
  beginAt(state, by, append(state.trie, at, { by: "runtime", why: "return" }, [turn]));
  joinFork(state, fork, false);
  startCall(state, by, "body");
}
