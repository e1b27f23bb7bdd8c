import { markersOf } from "../dialects/markers.ts";
import { cutAt } from "../trie/locate.ts";
import { textBetween } from "../trie/path.ts";
import { OpenTags, pairsOf, readTags } from "../validation/tags.ts";
import { cancelCall, dropEos, standAt } from "./call.ts";
import type { Ending, RunEnding } from "./ending.ts";
import { insert, joinFork } from "./join.ts";
import type { WarningCode } from "./protocol.ts";
import {
  callOf,
  forkOf,
  runningCall,
  sequenceOf,
  threadsOf,
  type Call,
  type CallId,
  type ForkId,
  type Sequence,
  type State,
} from "./state.ts";
import { endsBefore, ownStops } from "./stops.ts";
import { warn } from "./warn.ts";

/** Ends a sequence from outside, whatever phase it is in. */
export function cutSequence(state: State, sequence: Sequence, ending: Ending): void {
  const { phase } = sequence;
  const call = runningCall(state, sequence);
  if (call !== undefined) cancelCall(state, call, ending);
  else if (phase.is === "stopped") endSequence(state, sequence, phase.ending ?? ending, callIf(state, phase.call));
  else if (phase.is === "waiting") endSequence(state, sequence, ending);
}

/**
 * Ends a sequence. Its running threads end first, innermost first, so that the text stays well formed. The fork that it
 * was waiting for is joined. `call` is the call whose ending this is.
 */
export function endSequence(state: State, sequence: Sequence, ending: RunEnding, call?: Call): void {
  const fork = sequence.phase.is === "waiting" ? sequence.phase.fork : undefined;
  const open = openThreads(state, sequence);
  if (open.length === 0 && fork === undefined) {
    close(state, sequence, ending, call);
    return;
  }
  sequence.phase = { is: "closing", ending, call: call?.id, fork };
  for (const thread of open) cutSequence(state, thread, { kind: "cut", by: "parentCut" });
  if (open.length === 0) finishClosing(state, sequence);
}

/** Ends a sequence that is closing, once all its threads are over. */
export function finishClosing(state: State, sequence: Sequence): void {
  const { phase } = sequence;
  if (phase.is !== "closing" || openThreads(state, sequence).length > 0) return;
  if (phase.fork !== undefined) joinFork(state, forkOf(state, phase.fork), true);
  close(state, sequence, phase.ending, callIf(state, phase.call));
}

function callIf(state: State, id: CallId | undefined): Call | undefined {
  return id === undefined ? undefined : callOf(state, id);
}

function openThreads(state: State, { forks }: Sequence): Sequence[] {
  return forks
    .map((id) => forkOf(state, id))
    .filter(({ pending }) => pending > 0)
    .flatMap((fork) => threadsOf(state, fork))
    .filter(({ phase }) => phase.is !== "over");
}

/** Marks a sequence as over. Main ends the run; a thread is closed and counted off its fork. */
function close(state: State, sequence: Sequence, ending: RunEnding, call: Call | undefined): void {
  sequence.phase = { is: "over", ending };
  sequence.endedAt = state.now;
  if (sequence.parent === undefined) {
    state.ending = ending;
    state.outbox.push({ e: "finish", ending });
    return;
  }
  if (call !== undefined) dropEos(state, sequence, call);
  const byPolicy = isCutByPolicy(state, sequence, ending);
  if (call !== undefined && byPolicy) dropUnfinishedPlan(state, sequence, call);
  const isClosed = ending.kind === "marker" && !endsBefore(state, sequence, ending.marker);
  if (!isClosed) insert(state, sequence, "close", closerOf(state, sequence, byPolicy));
  warnOfLoss(state, sequence, ending);
  state.outbox.push({ e: "thread-end", sequence: sequence.id });
  countOff(state, sequence.parent.fork);
}

/** Whether a policy cut a sequence, or one that it is a thread of. The authors of formats know nothing of that. */
function isCutByPolicy(state: State, { parent }: Sequence, ending: RunEnding): boolean {
  if (ending.kind !== "cut" || ending.by === "user") return false;
  if (ending.by !== "parentCut" || parent === undefined) return true;
  const outer = sequenceOf(state, parent.sequence);
  return outer.phase.is === "closing" && isCutByPolicy(state, outer, outer.phase.ending);
}

/** What closes a thread that did not close itself. One that a policy cut is closed also where its format leaves others open. */
function closerOf(state: State, sequence: Sequence, byPolicy: boolean): string {
  const { close } = state.dialect.thread;
  return close === "" && byPolicy ? (ownStops(state, sequence)[0] ?? "") : close;
}

/** A thread that a policy cut in the middle of a plan has none: a part of it would leave its tags open. */
function dropUnfinishedPlan(state: State, sequence: Sequence, call: Call): void {
  if (!call.mayFork) return;
  const { scope, head } = sequence;
  const markers = markersOf(state.dialect);
  const open = new OpenTags(pairsOf(markers), []);
  for (const tag of readTags(markers, textBetween(state.trie, scope, head))) open.take(tag);
  const { firstOpen } = open;
  if (firstOpen !== undefined) standAt(state, sequence, call, cutAt(state.trie, scope, head, firstOpen));
}

function countOff(state: State, id: ForkId): void {
  const fork = forkOf(state, id);
  fork.pending -= 1;
  if (fork.pending === 0) state.queue.push({ fork: id });
}

/** Warns where a thread's part of the text is missing or may be incomplete. */
function warnOfLoss(state: State, sequence: Sequence, ending: RunEnding): void {
  const { name } = sequence;
  const say = (code: WarningCode, message: string): void => warn(state, sequence, code, `thread ${name} ${message}`);
  if (ending.kind === "length") say("thread-out-of-tokens", `ran out of ${ending.limit} before it was done`);
  if (ending.kind === "filtered") say("thread-filtered", "was cut short by a filter of the server's");
  if (ending.kind === "failed") say("thread-failed", `failed: ${ending.message}`);
  if (ending.kind === "cut")
    say("thread-cut", ending.by === "parentCut" ? "was cut when its parent ended" : `was cut (${ending.by})`);
  // If it wrote something before its fork or plan was refused, there is a warning already.
  const began = sequence.tokens > 0 || (ending.kind === "refused" && ending.limit === "plan");
  if (ending.kind === "refused" && !began) say("thread-not-started", `could not start (${ending.limit})`);
}

/** Whether a thread's ending ends its parent too, as the dialect says. */
export function endsParent({ dialect: { onThreadEnd } }: State, { phase }: Sequence): boolean {
  if (phase.is !== "over" || phase.ending.kind === "marker") return false;
  const { kind } = phase.ending;
  return onThreadEnd[kind === "filtered" ? "length" : kind] === "end";
}

/** The sequence that started a thread's fork. */
export function parentOf(state: State, fork: ForkId): Sequence {
  return sequenceOf(state, forkOf(state, fork).by);
}
