import { cutAt } from "../trie/locate.ts";
import { textBetween } from "../trie/path.ts";
import { columnsOf, segmentOf } from "../trie/trie.ts";
import { dropEos, standAt, startCall } from "./call.ts";
import { askToCombine } from "./combine.ts";
import { endSequence, endsParent, finishClosing, parentOf } from "./end.ts";
import type { Ending } from "./ending.ts";
import { openFork, spawned } from "./fork.ts";
import { insert, joinFork } from "./join.ts";
import { callOf, forkOf, sequenceOf, threadsOf, type Call, type FollowUp, type Sequence, type State } from "./state.ts";
import { endsBefore, guardOf, isStopString, ownStops } from "./stops.ts";
import { warn } from "./warn.ts";

/** Lets main begin: with a call, or with a fork where its dialect says so, which may be one of several rounds. */
export function begin(state: State, main: Sequence): void {
  const { trigger, onForkRefused } = state.dialect;
  if (trigger.kind !== "start") {
    startCall(state, main, "body");
    return;
  }
  const outcome = openFork(state, main);
  if (outcome === "forked") return;
  if (onForkRefused === "continue") startCall(state, main, "body");
  else endSequence(state, main, { kind: "refused", limit: outcome === "empty" ? "plan" : outcome.refused });
}

/** Decides what comes next when a sequence has stopped generating, or when the last thread of a fork is over. */
export function follow(state: State, next: FollowUp): void {
  if ("fork" in next) {
    followFork(state, next.fork);
    return;
  }
  const sequence = sequenceOf(state, next.sequence);
  const { phase } = sequence;
  if (phase.is !== "stopped" || phase.call !== next.call) return; // it has been cut in the meantime
  const call = callOf(state, next.call);
  if (next.ending.kind === "marker" && isStopString(state, sequence, next.ending.marker)) {
    endSequence(state, sequence, next.ending, call);
  } else if (call.role === "tail") endSequence(state, sequence, phase.ending ?? next.ending, call);
  else if (call.role === "after") followPhase(state, sequence, call, next.ending);
  else followBody(state, sequence, call, next.ending);
}

function followBody(state: State, sequence: Sequence, call: Call, ending: Ending): void {
  const { trigger } = state.dialect;
  if (ending.kind === "eos" || ending.kind === "length") dropFinalLineFeed(state, sequence, call);
  if (ending.kind === "marker") {
    const { marker } = ending;
    const guard = guardOf(state, marker);
    if (ownStops(state, sequence).includes(marker)) {
      stopThread(state, sequence, call, ending);
    } else if (endsBefore(state, sequence, marker)) {
      endSequence(state, sequence, ending, call);
    } else if (guard !== undefined) {
      insert(state, sequence, "substitute", guard.put);
      startCall(state, sequence, "body");
    } else if (trigger.kind === "inline") {
      waitFor(state, sequence, marker);
    } else {
      fork(state, sequence, call, ending);
    }
  } else if (ending.kind === "eos" && asksToFork(state, sequence, call)) {
    fork(state, sequence, call, ending);
  } else {
    endSequence(state, sequence, ending, call);
  }
}

/** A thread has written its stop marker. In some formats it then writes a few more tokens. */
function stopThread(state: State, sequence: Sequence, call: Call, ending: Ending): void {
  if (state.dialect.thread.tailTokens === 0) endSequence(state, sequence, ending, call);
  else startCall(state, sequence, "tail", ending);
}

/**
 * Drops one line feed at the end of what was generated, as the loops of some authors do before they look at the text.
 */
function dropFinalLineFeed(state: State, sequence: Sequence, call: Call): void {
  if (!state.dialect.dropFinalLineFeed) return;
  const segment = segmentOf(state.trie, call.segment);
  const columns = columnsOf(segment);
  const end = { segment: segment.id, n: segment.context ?? 0 };
  const text = columns.text(0, end.n);
  if (!text.endsWith("\n")) return;
  standAt(state, sequence, call, cutAt(state.trie, { segment: segment.id, n: 0 }, end, text.length - 1));
}

/** Whether a text that ended by itself asks for threads in its last line. */
function asksToFork({ dialect: { trigger }, trie }: State, { scope, head }: Sequence, { mayFork }: Call): boolean {
  if (trigger.kind !== "endOfText" || !mayFork) return false;
  const own = textBetween(trie, scope, head);
  return own.slice(own.lastIndexOf("\n") + 1).includes(trigger.lastLine);
}

function fork(state: State, sequence: Sequence, call: Call, ending: Ending): void {
  const { plan, onForkRefused } = state.dialect;
  const { head } = sequence;
  // Threads never see the end of sequence.
  if (ending.kind === "eos") dropEos(state, sequence, call);
  const outcome = openFork(state, sequence);
  if (outcome === "forked") return;
  if (outcome === "empty" && repairPlan(state, sequence)) return;
  const then = outcome === "empty" ? (plan.source === "outline" ? plan.onEmpty : "continue") : onForkRefused;
  if (then === "continue") {
    startCall(state, sequence, "body");
    return;
  }
  // Without a fork the end of sequence stays, since it is the last token of the text.
  if (ending.kind === "eos") standAt(state, sequence, call, head);
  const refused: Ending = { kind: "refused", limit: outcome === "empty" ? "plan" : outcome.refused };
  endSequence(state, sequence, outcome === "empty" && ending.kind === "eos" ? ending : refused, call);
}

/** Lets a sequence write its plan again, after a word from the runtime. Once: else it might never come to an end. */
function repairPlan(state: State, sequence: Sequence): boolean {
  const { plan } = state.dialect;
  if (plan.source !== "outline" || plan.repair === undefined || sequence.planRepaired) return false;
  sequence.planRepaired = true;
  insert(state, sequence, "repair", plan.repair);
  startCall(state, sequence, "body");
  return true;
}

/** Waits for the thread whose result the text asks for. */
function waitFor(state: State, sequence: Sequence, id: string): void {
  const wanted = spawned(state, sequence, id);
  if (wanted === undefined) {
    warn(state, sequence, "join-unknown", `${id} was never forked, so there is nothing to join`);
    const { join } = state.dialect;
    if (join.shape === "fill") insert(state, sequence, "return", join.each.none.replaceAll("{id}", id));
    sequence.scope = sequence.head;
    startCall(state, sequence, "body");
    return;
  }
  sequence.phase = { is: "waiting", fork: wanted.id };
  if (wanted.pending === 0) closeFork(state, sequence, wanted.id);
}

/** The phase after a join has ended. It is closed, whatever ended it. */
function followPhase(state: State, sequence: Sequence, call: Call, ending: Ending): void {
  const { after } = state.dialect;
  if (ending.kind !== "marker") {
    dropEos(state, sequence, call);
    if (after.kind === "phase") insert(state, sequence, "close", after.close);
  }
  if (ending.kind === "failed" || ending.kind === "cut" || ending.kind === "refused" || ending.kind === "filtered") {
    endSequence(state, sequence, ending, call);
    return;
  }
  sequence.scope = sequence.head;
  startCall(state, sequence, "body");
}

/** Every thread of a fork is over. A parent that waits for it continues, and a parent that is closing ends. */
function followFork(state: State, id: number): void {
  const by = parentOf(state, id);
  if (by.phase.is === "waiting" && by.phase.fork === id) closeFork(state, by, id);
  else finishClosing(state, by);
}

/** Joins the fork that its parent waited for. Then the parent continues or ends, as the dialect says. */
function closeFork(state: State, by: Sequence, id: number): void {
  const { after, join, plan } = state.dialect;
  const fork = forkOf(state, id);
  const threads = threadsOf(state, fork);
  const ends = threads.find((thread) => endsParent(state, thread)) ?? lastLost(state, threads);
  if (join.shape === "turn" && ends === undefined) {
    askToCombine(state, fork);
    return;
  }
  joinFork(state, fork, ends !== undefined);
  by.phase = { is: "stopped", call: undefined, ending: undefined };
  if (ends?.phase.is === "over") {
    const { ending } = ends.phase;
    const message = `thread ${ends.name} ended by ${ending.kind}: the text ends after the join`;
    warn(state, by, "thread-ended-run", message);
    endSequence(state, by, { ...ending, threadId: ending.threadId ?? ends.threadId });
  } else if (plan.source === "rounds" && by.forks.length < plan.counts.length) {
    begin(state, by);
  } else if (join.shape === "display") {
    endSequence(state, by, { kind: "eos" });
  } else {
    startCall(state, by, after.kind === "phase" ? "after" : "body");
  }
}

/** The last thread of a fork that has lost all of them, where main has nothing but what they wrote. */
function lastLost({ dialect: { trigger } }: State, threads: readonly Sequence[]): Sequence | undefined {
  const hasFailed = ({ phase }: Sequence): boolean => phase.is === "over" && phase.ending.kind === "failed";
  return trigger.kind === "start" && threads.every(hasFailed) ? threads.at(-1) : undefined;
}
