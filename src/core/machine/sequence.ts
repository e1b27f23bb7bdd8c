import { cancelCall, dropEos, keepPieces, startCall } from "./call.ts";
import type { Ending, RunEnding } from "./ending.ts";
import { openFork, spawned, warn } from "./fork.ts";
import { insert, joinFork } from "./join.ts";
import { textBetween } from "../trie/locate.ts";
import {
  callOf,
  forkOf,
  sequenceOf,
  threadsOf,
  type Call,
  type Ended,
  type Fork,
  type Sequence,
  type State,
} from "./state.ts";

/** Says what follows when a sequence has stopped generating. */
export function follow(state: State, { sequence, call, ending }: Ended): void {
  if (sequence.ending !== undefined) return;
  if (call?.role === "tail") {
    if (ending.kind === "eos") dropEos(state, call);
    finish(state, sequence, sequence.closing ?? ending);
  } else if (call?.role === "after") {
    followPhase(state, sequence, call, ending);
  } else {
    followBody(state, sequence, call, ending);
  }
}

function followBody(state: State, sequence: Sequence, call: Call | undefined, ending: Ending): void {
  const { trigger, thread } = state.dialect;
  if (ending.kind === "marker" && call !== undefined) {
    const { marker } = ending;
    if (sequence.depth > 0 && thread.stop.includes(marker)) {
      stopThread(state, sequence, ending);
    } else if (trigger.kind === "endOfText" && trigger.guard?.marker === marker) {
      sequence.head = insert(state, sequence.head, "substitute", trigger.guard.put);
      startCall(state, sequence, "body");
    } else if (trigger.kind === "inline") {
      waitFor(state, sequence, marker);
    } else {
      fork(state, sequence, call, ending);
    }
  } else if (ending.kind === "eos" && call !== undefined && asksToFork(state, sequence)) {
    fork(state, sequence, call, ending);
  } else {
    finish(state, sequence, ending, call);
  }
}

/** A thread has written its closing marker; some formats let it write a little more. */
function stopThread(state: State, sequence: Sequence, ending: Ending): void {
  if (state.dialect.thread.tailTokens === 0) {
    finish(state, sequence, ending);
  } else {
    sequence.closing = ending;
    startCall(state, sequence, "tail");
  }
}

/** A text that ended by itself, its last line holding the call. */
function asksToFork({ dialect: { trigger, thread }, trie }: State, { depth, scope, head }: Sequence): boolean {
  if (trigger.kind !== "endOfText" || (depth > 0 && thread.maxDepth === 1)) return false;
  const own = textBetween(trie, scope, head);
  return own.slice(own.lastIndexOf("\n") + 1).includes(trigger.lastLine);
}

function fork(state: State, sequence: Sequence, call: Call, ending: Ending): void {
  const { plan, onForkRefused } = state.dialect;
  const { head } = sequence;
  // Threads never see the end of sequence.
  if (ending.kind === "eos") dropEos(state, call);
  const outcome = openFork(state, sequence);
  if (outcome === "forked") return;
  const then = outcome === "empty" ? (plan.source === "outline" ? plan.onEmpty : "continue") : onForkRefused;
  const refused: Ending = { kind: "refused", limit: outcome === "empty" ? "plan" : outcome.refused };
  if (then === "continue") {
    startCall(state, sequence, "body");
  } else {
    // Where nothing forks it stays, since it is the last token of the text.
    if (ending.kind === "eos") keepPieces(state, call, head.n);
    finish(state, sequence, outcome === "empty" && ending.kind === "eos" ? ending : refused, call);
  }
}

/** The text asks for the result of a thread that was spawned before. */
function waitFor(state: State, sequence: Sequence, id: string): void {
  const wanted = spawned(state, sequence, id);
  if (wanted === undefined) {
    warn(state, sequence, "join-unknown", `${id} was never forked: nothing to join`);
    const { join } = state.dialect;
    if (join.shape === "fill")
      sequence.head = insert(state, sequence.head, "return", join.each.none.replaceAll("{id}", id));
    sequence.scope = sequence.head;
    startCall(state, sequence, "body");
  } else if (wanted.pending > 0) {
    sequence.waiting = wanted.id;
  } else {
    closeFork(state, wanted);
  }
}

/** The phase behind a join has ended; whatever ended it, it is closed. */
function followPhase(state: State, sequence: Sequence, call: Call, ending: Ending): void {
  const { after } = state.dialect;
  if (ending.kind === "failed" || ending.kind === "cut" || ending.kind === "refused") {
    finish(state, sequence, ending, call);
    return;
  }
  if (ending.kind === "eos") dropEos(state, call);
  if (ending.kind !== "marker" && after.kind === "phase") {
    sequence.head = insert(state, sequence.head, "close", after.close);
  }
  sequence.scope = sequence.head;
  startCall(state, sequence, "body");
}

/** A sequence is over: main ends the run, a thread is closed and counted off its fork. */
function finish(state: State, sequence: Sequence, ending: RunEnding, call?: Call): void {
  for (const id of sequence.forks) cutFork(state, forkOf(state, id));
  sequence.ending = ending;
  sequence.waiting = undefined;
  if (sequence.parent === undefined) {
    state.ending = ending;
    state.outbox.push({ e: "finish", ending });
    return;
  }
  if (ending.kind === "eos" && call !== undefined) dropEos(state, call);
  if (ending.kind !== "marker") sequence.head = insert(state, sequence.head, "close", state.dialect.thread.close);
  state.outbox.push({ e: "thread-end", sequence: sequence.id });
  const parent = forkOf(state, sequence.parent.fork);
  parent.pending -= 1;
  const by = sequenceOf(state, parent.by);
  if (parent.pending === 0 && by.waiting === parent.id && by.ending === undefined) closeFork(state, parent);
}

/** Every thread that is waited for has ended: join, and go on or end as the dialect says. */
function closeFork(state: State, fork: Fork): void {
  const { after, join } = state.dialect;
  const by = sequenceOf(state, fork.by);
  const ends = threadsOf(state, fork).find((thread) => endsRun(state, thread));
  joinFork(state, fork, ends !== undefined);
  if (ends?.ending !== undefined) {
    warn(
      state,
      by,
      "thread-ended-run",
      `thread ${ends.name} ended by ${ends.ending.kind}: the text ends behind the join`,
    );
    finish(state, by, { ...ends.ending, thread: ends.threadId });
  } else if (join.shape === "display") {
    finish(state, by, { kind: "eos" });
  } else {
    startCall(state, by, after.kind === "phase" ? "after" : "body");
  }
}

/** Whether a thread's ending ends its parent too. `policy` goes on: what is cut or lost is closed, and the rest counts. */
function endsRun({ dialect: { onThreadEnd } }: State, { ending }: Sequence): boolean {
  return ending !== undefined && ending.kind !== "marker" && onThreadEnd[ending.kind] === "end";
}

/** Ends a sequence from outside, and first whatever it waits for: innermost first, so that the text stays well formed. */
export function cut(state: State, sequence: Sequence, ending: Ending): void {
  if (sequence.ending !== undefined) return;
  const { call } = sequence;
  if (call !== undefined) {
    cancelCall(state, callOf(state, call), ending);
    return;
  }
  finish(state, sequence, ending);
}

/** The parent of these threads has ended: they end too, and where it waited for them, what they wrote is joined. */
function cutFork(state: State, fork: Fork): void {
  const { pending } = fork;
  if (pending === 0) return;
  const by = sequenceOf(state, fork.by);
  const waited = by.waiting === fork.id;
  by.waiting = undefined;
  for (const thread of threadsOf(state, fork)) cutNow(state, thread);
  if (waited) joinFork(state, fork, true);
}

function cutNow(state: State, thread: Sequence): void {
  if (thread.ending !== undefined) return;
  const call = thread.call === undefined ? undefined : callOf(state, thread.call);
  const ending: Ending = { kind: "cut", by: "parentCut" };
  if (call !== undefined) cancelCall(state, call, ending);
  finish(state, thread, thread.closing ?? ending, call);
}
