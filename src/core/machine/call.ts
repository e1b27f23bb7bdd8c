import type { Ending } from "./ending.ts";
import { tokensOf } from "../trie/piece.ts";
import { TextScanner } from "../scanner/text-scanner.ts";
import { sequenceOf, type Call, type Limits, type Role, type Sequence, type State } from "./state.ts";
import { append, segmentOf, type Position } from "../trie/trie.ts";
import { stopSpecFor } from "./stops.ts";

/** Lets a sequence generate. A call for which nothing is left is over before it begins. */
export function startCall(state: State, sequence: Sequence, role: Role): void {
  const { dialect } = state;
  const watch = stopSpecFor(state, role, sequence.depth);
  const left = tokensLeft(state, sequence);
  const maxTokens = role === "tail" ? Math.min(dialect.thread.tailTokens, left?.tokens ?? Infinity) : left?.tokens;
  const id = state.calls.length;
  const at = sequence.head;
  const call: Call = {
    id,
    sequence: sequence.id,
    role,
    segment: append(state.trie, at, { by: "model", call: id }, []).segment,
    critical: sequence.critical,
    maxTokens,
    watch,
    scanner: watch.text === undefined ? undefined : new TextScanner(watch.text.program),
    starts: [],
    length: 0,
    tokens: 0,
    wasted: 0,
    live: true,
    ending: undefined,
  };
  state.calls.push(call);
  sequence.call = id;
  const callIndex = sequence.calls;
  sequence.calls += 1;
  if (left !== undefined && left.tokens <= 0) {
    call.live = false;
    const { source } = sequence; // nobody is asked, so no engine has anything of this call
    endCall(state, call, { kind: "length", limit: left.limit });
    sequence.source = source;
    return;
  }
  state.outbox.push({
    e: "complete",
    call: id,
    at,
    threadId: sequence.threadId,
    callIndex,
    role,
    from: sequence.source,
    stops: watch.stops,
    maxTokens,
    sampling: sequence.depth > 0 ? dialect.thread.sampling : undefined,
    critical: sequence.critical,
  });
}

/** What the limits leave to a sequence, and the limit that leaves least; undefined where nothing is limited. */
function tokensLeft(
  state: State,
  { depth, tokens }: Sequence,
): { tokens: number; limit: keyof Limits & TokenLimit } | undefined {
  const { threadTokens, runTokens } = state.limits;
  const thread = depth === 0 || threadTokens === undefined ? Infinity : threadTokens - tokens;
  const run = runTokens === undefined ? Infinity : runTokens - state.generated;
  if (thread === Infinity && run === Infinity) return undefined;
  return thread < run ? { tokens: thread, limit: "threadTokens" } : { tokens: run, limit: "runTokens" };
}

type TokenLimit = "threadTokens" | "runTokens";

/** Which limit made a call's `maxTokens`, now that it is used up. */
export function limitReached(state: State, call: Call): TokenLimit {
  const sequence = sequenceOf(state, call.sequence);
  return tokensLeft(state, sequence)?.limit ?? "runTokens";
}

/** Decides how a call ended; what it has generated so far is kept, unless `kept` says where to cut. */
export function endCall(state: State, call: Call, ending: Ending, kept?: Position): void {
  const segment = segmentOf(state.trie, call.segment);
  const sequence = sequenceOf(state, call.sequence);
  const head = kept ?? { segment: segment.id, n: segment.pieces.length };
  segment.kept = head.segment === segment.id ? head.n : (segmentOf(state.trie, head.segment).parent?.n ?? 0);
  call.ending = ending;
  sequence.call = undefined;
  sequence.head = head;
  sequence.critical = call.critical + call.tokens;
  sequence.source = { call: call.id, shared: { segment: segment.id, n: segment.kept } };
  state.ended.push({ sequence, call, ending });
}

/** Ends a call that the engine is still at. */
export function cancelCall(state: State, call: Call, ending: Ending, kept?: Position): void {
  endCall(state, call, ending, kept);
  if (call.live) state.outbox.push({ e: "cancel", call: call.id });
}

/** Takes the end of sequence off the end of what a call generated: it is never sent on. */
export function dropEos(state: State, call: Call): void {
  const { pieces, kept = 0 } = segmentOf(state.trie, call.segment);
  const last = pieces[kept - 1]?.ids?.at(-1);
  if (last !== undefined && call.watch.eos.has(last)) keepPieces(state, call, kept - 1);
}

/** Lets a sequence that has just stopped generating go on behind the first `n` pieces of its call. */
export function keepPieces(state: State, call: Call, n: number): void {
  const sequence = sequenceOf(state, call.sequence);
  segmentOf(state.trie, call.segment).kept = n;
  sequence.head = { segment: call.segment, n };
  sequence.source = { call: call.id, shared: sequence.head };
}

/** Tokens of the pieces from `n` on. */
export function tokensFrom(state: State, call: Call, n: number): number {
  let tokens = 0;
  const { pieces } = segmentOf(state.trie, call.segment);
  for (const piece of pieces.slice(n)) tokens += tokensOf(piece);
  return tokens;
}
