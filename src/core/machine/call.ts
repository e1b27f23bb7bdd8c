import { constraintOf } from "../dialects/plan-form.ts";
import { least, type LimitName } from "../limits/limits.ts";
import { TextScanner } from "../scanner/text-scanner.ts";
import { append, columnsOf, segmentOf, type Position, type Role } from "../trie/trie.ts";
import type { Ending } from "./ending.ts";
import { moveTo, runningCall, sequenceOf, type Call, type Sequence, type State } from "./state.ts";
import { forksAtDepth, stopSpecFor, type Freedom } from "./stops.ts";
import { warn } from "./warn.ts";

/** Calls that are reserved for the end of a sequence: a phase after a join, its own text, and a tail. */
const lastCalls = 3;

/** Starts a call of a sequence. A call whose budget is empty ends at once, without a request. */
export function startCall(state: State, sequence: Sequence, role: Role, tailOf?: Ending): void {
  const { dialect, trie } = state;
  const freedom = freedomOf(state, sequence);
  const stops = stopSpecFor(state, role, sequence, freedom);
  const id = state.calls.length;
  const at = sequence.head;
  const { threadId, critical } = sequence;
  const call: Call = {
    id,
    sequence: sequence.id,
    callIndex: sequence.calls,
    role,
    segment: append(trie, at, { by: "model", call: id, threadId, role }, []).segment,
    critical,
    budget: budgetOf(state, sequence, role),
    mayFork: role === "body" && freedom === "forks" && forksAtDepth(state, sequence.depth),
    stops,
    scanner: stops.text === undefined ? undefined : new TextScanner(stops.text.program),
    tokens: 0,
    wasted: 0,
    reasoning: { text: "", parts: 0 },
    counted: false,
    retries: 0,
    deadline: Infinity,
    live: true,
    ending: undefined,
  };
  state.calls.push(call);
  sequence.phase = tailOf === undefined ? { is: "running", call: id } : { is: "tail", call: id, ending: tailOf };
  sequence.calls += 1;
  const { budget } = call;
  if (budget !== undefined && budget.tokens <= 0) {
    call.live = false;
    const { source } = sequence; // no request is made, so no engine has this call in its cache
    endCall(state, call, { kind: "length", limit: budget.limit });
    sequence.source = source;
    return;
  }
  state.outbox.push({
    e: "complete",
    call: id,
    at,
    threadId,
    callIndex: call.callIndex,
    role,
    from: sequence.source,
    stops: stops.markers,
    maxTokens: budget?.tokens,
    sampling: sequence.sampling ?? (sequence.depth > 0 ? dialect.thread.sampling : undefined),
    critical,
    ...constraintFor(state, sequence, call),
  });
}

/** Where a dialect says how its plans look, main is kept to that in its first call. */
function constraintFor({ dialect: { plan } }: State, { depth }: Sequence, { mayFork, callIndex }: Call) {
  const isKept = depth === 0 && callIndex === 0 && mayFork && plan.source === "outline" && plan.form !== undefined;
  return isKept ? { constraint: constraintOf(plan.form) } : {};
}

function freedomOf(state: State, sequence: Sequence): Freedom {
  if (sequence.forksUsedUp) return isLast(state, sequence) ? "last" : "no-forks";
  if (!isLast(state, sequence)) return "forks";
  sequence.forksUsedUp = true;
  if (forksAtDepth(state, sequence.depth) && sequence.calls > 0) {
    const message = `it has made ${sequence.calls} of ${state.limits.calls} calls, so it starts no more threads`;
    warn(state, sequence, "calls-used-up", message);
  }
  return "last";
}

function isLast({ limits }: State, { calls }: Sequence): boolean {
  return limits.calls - calls <= lastCalls;
}

/** How much a call may generate: the smallest amount that any limit leaves to its sequence. */
function budgetOf(state: State, { depth, tokens, critical, maxTokens }: Sequence, role: Role): Call["budget"] {
  if (state.now >= state.deadline) return { tokens: 0, limit: "ms" };
  const threadTokens = depth === 0 ? undefined : tokens;
  const limits = { ...state.limits, threadTokens: maxTokens ?? state.limits.threadTokens };
  const found = least(limits, { runTokens: state.generated, threadTokens, criticalTokens: critical });
  const budget = found === undefined ? undefined : { tokens: found.amount, limit: found.limit };
  const { tailTokens } = state.dialect.thread;
  if (role !== "tail" || (budget !== undefined && budget.tokens <= tailTokens)) return budget;
  return { tokens: tailTokens, limit: "threadTokens" };
}

/** Ends a call with this ending. Its context ends after what it has generated so far, or at `head`. */
export function endCall(state: State, call: Call, ending: Ending, head?: Position): void {
  const sequence = sequenceOf(state, call.sequence);
  const segment = segmentOf(state.trie, call.segment);
  const tail = sequence.phase.is === "tail" ? sequence.phase.ending : undefined;
  call.ending = ending;
  segment.sampled = columnsOf(segment).length;
  sequence.phase = { is: "stopped", call: call.id, ending: tail };
  sequence.critical = call.critical + call.tokens;
  standAt(state, sequence, call, head ?? { segment: segment.id, n: segment.sampled });
  state.queue.push({ sequence: sequence.id, call: call.id, ending });
}

/** Moves a sequence after a call has ended: into what the call wrote, or after the kept part of one of its pieces. */
export function standAt(state: State, sequence: Sequence, call: Call, head: Position): void {
  const segment = segmentOf(state.trie, call.segment);
  const { parent } = segmentOf(state.trie, head.segment);
  const n = head.segment === segment.id ? head.n : parent?.segment === segment.id ? parent.n : 0;
  segment.context = n;
  sequence.source = { call: call.id, shared: { segment: segment.id, n } };
  moveTo(state, sequence, head);
}

/** Ends a call that the engine may still be working on. */
export function cancelCall(state: State, call: Call, ending: Ending, head?: Position): void {
  endCall(state, call, ending, head);
  if (call.live) state.outbox.push({ e: "cancel", call: call.id });
}

/** Cuts everything that runs, because a limit that all sequences share is used up. */
export function cancelAll(state: State, limit: LimitName): void {
  for (const sequence of state.sequences) {
    const call = runningCall(state, sequence);
    if (call !== undefined) cancelCall(state, call, { kind: "length", limit });
  }
}

/** Removes the end of sequence from the end of what a call generated, since it is never sent again. */
export function dropEos(state: State, sequence: Sequence, call: Call): void {
  const segment = segmentOf(state.trie, call.segment);
  const last = (segment.context ?? 0) - 1;
  if (sequence.head.segment !== segment.id || last < 0) return;
  const id = columnsOf(segment).lastId(last);
  if (id !== undefined && state.eos.has(id)) standAt(state, sequence, call, { segment: segment.id, n: last });
}
