import type { ScanEvent } from "../scanner/text-scanner.ts";
import { cutAt } from "../trie/locate.ts";
import { tokensOf, type Piece } from "../trie/piece.ts";
import { columnsOf, segmentOf, type Origin, type Position } from "../trie/trie.ts";
import { cancelAll, cancelCall, endCall } from "./call.ts";
import type { Ending } from "./ending.ts";
import { spawn } from "./fork.ts";
import type { EngineEnding, Usage } from "./protocol.ts";
import { runningCall, sequenceOf, type Call, type State } from "./state.ts";
import { isDropped } from "./stops.ts";
import { warn } from "./warn.ts";

/** Adds what a call generated. O(1) for each piece. */
export function receivePieces(state: State, call: Call, pieces: readonly Piece[]): void {
  const columns = columnsOf(segmentOf(state.trie, call.segment));
  for (const piece of pieces) {
    columns.push(piece);
    const tokens = tokensOf(piece);
    if (call.ending !== undefined) {
      call.wasted += tokens;
      continue;
    }
    count(state, call, tokens);
    scanPiece(state, call, piece);
    checkPot(state);
  }
}

/** Adds thinking that the server keeps apart from the text. What comes after the ending is not told. */
export function receiveReasoning({ reasoning, ending }: Call, text: string): void {
  if (ending !== undefined) return;
  reasoning.text += text;
  reasoning.parts += 1;
}

function count(state: State, call: Call, tokens: number): void {
  call.tokens += tokens;
  state.generated += tokens;
  sequenceOf(state, call.sequence).tokens += tokens;
}

/** Cuts everything that runs if the tokens that all sequences share are used up. */
function checkPot(state: State): void {
  if (state.generated >= (state.limits.runTokens ?? Infinity)) cancelAll(state, "runTokens");
}

/** The engine is done with a call. If the call has no ending yet, this sets it. */
export function receiveEnd(state: State, call: Call, reason: EngineEnding, usage: Usage | undefined): void {
  call.live = false;
  const segment = segmentOf(state.trie, call.segment);
  columnsOf(segment).trim();
  const origin = segment.origins.at(-1);
  noteUsage(origin, usage);
  if (reason.kind === "stop" && reason.eos !== undefined) state.eos.add(reason.eos);
  if (call.ending !== undefined) return;
  if (usage?.completionTokens !== undefined && columnsOf(segment).withoutIds > 0) {
    // Without ids a piece counts as one token, however many it holds, so the engine's own count is better. It is that of
    // the last attempt.
    const { from = 0 } = origin ?? {};
    const columns = columnsOf(segment);
    count(state, call, usage.completionTokens - columns.tokens(from, columns.length));
    call.counted = call.retries === 0;
  } else if (call.reasoning.parts > 0) count(state, call, call.reasoning.parts);
  endHere(state, call, endingOf(call, reason, columnsOf(segment).withoutIds === 0));
  if (columnsOf(segment).length === 0) warnOfThinking(state, call);
  checkPot(state); // what the engine counted may have emptied it
}

/** Warns where a call thought and said nothing: its text is empty, and nothing else says why. */
function warnOfThinking(state: State, { reasoning, ending, sequence }: Call): void {
  if (reasoning.parts === 0) return;
  const why =
    ending?.kind === "length"
      ? `it ran out of ${ending.limit} before it said anything: allow it more tokens`
      : "it ended before it said anything";
  const message = `all that the model wrote is thinking (${reasoning.text.length} characters, in reasoning), and ${why}`;
  warn(state, sequenceOf(state, sequence), "only-reasoning", message);
}

/** An attempt broke off. The call goes on with the next one. */
export function receiveBreak(state: State, call: Call, attempt: number, usage: Usage | undefined): void {
  call.retries += 1;
  const origin = segmentOf(state.trie, call.segment).origins.at(-1);
  if (origin?.attempt === attempt) noteUsage(origin, usage);
}

function noteUsage(origin: Origin | undefined, { cachedTokens, weightVersion }: Usage = {}): void {
  if (origin === undefined) return;
  if (cachedTokens !== undefined) origin.cachedTokens = cachedTokens;
  if (weightVersion !== undefined) origin.weightVersion = weightVersion;
}

/** Ends a call at the last piece, unless the text that the scanner held back ends it earlier. */
function endHere(state: State, call: Call, ending: Ending, head?: Position): void {
  if (call.scanner !== undefined) scanned(state, call, call.scanner.finish());
  if (call.ending === undefined) endCall(state, call, ending, head);
}

function endingOf(call: Call, reason: EngineEnding, idsAreKnown: boolean): Ending {
  switch (reason.kind) {
    case "stop":
      return { kind: "eos" }; // it stopped, and not at a marker
    case "length": {
      const { budget } = call;
      // Without ids our own count may be too low. Then the budget of the call is the best explanation.
      const explained = budget !== undefined && (call.tokens >= budget.tokens || !idsAreKnown);
      return { kind: "length", limit: explained ? budget.limit : "engine" };
    }
    case "context":
      return { kind: "length", limit: "context" };
    default:
      return reason;
  }
}

function scanPiece(state: State, call: Call, piece: Piece): void {
  const { stops, scanner, budget } = call;
  const id = piece.ids?.at(-1);
  const marker = id === undefined ? undefined : stops.ids.get(id);
  if (scanner !== undefined) {
    scanned(state, call, scanner.push(piece.text ?? ""));
    if (call.ending !== undefined) return;
  }
  // The engine was asked to stop at these. If it does not, the driver closes its stream.
  if (marker !== undefined) endHere(state, call, { kind: "marker", marker }, beforeDropped(state, call, marker));
  else if (id !== undefined && state.eos.has(id)) endHere(state, call, { kind: "eos" });
  else if (budget !== undefined && call.tokens >= budget.tokens) {
    endHere(state, call, { kind: "length", limit: budget.limit });
  }
}

/** The position before a marker that is not kept. Undefined for other markers. */
function beforeDropped(state: State, call: Call, marker: string): Position | undefined {
  if (!isDropped(state, sequenceOf(state, call.sequence), marker)) return undefined;
  return { segment: call.segment, n: columnsOf(segmentOf(state.trie, call.segment)).length - 1 };
}

function scanned(state: State, call: Call, events: readonly ScanEvent[]): void {
  for (let i = 0; i < events.length; i += 1) {
    const event = events[i];
    if (event === undefined || event.type === "text" || event.type === "open") continue;
    if (event.type === "unclosed") {
      warnUnclosed(state, call);
      continue;
    }
    const action = call.stops.text?.actions[event.pattern];
    if (action?.kind === "spawn") {
      spawn(state, call, positionAfter(state, call, event.end), event.captures);
    } else if (action !== undefined) {
      const marker = action.kind === "stop" ? action.marker : (event.captures["id"] ?? "");
      const kept = isDropped(state, sequenceOf(state, call.sequence), marker) ? event.start : event.end;
      cutInText(state, call, { kind: "marker", marker }, kept, event.end);
      const rest = [...events.slice(i + 1), ...(call.scanner?.finish() ?? [])];
      // A spawn that was open at the cut is never closed, whatever text follows.
      for (const e of rest) {
        if ((e.type === "unclosed" || e.type === "match") && e.start < event.start) warnUnclosed(state, call);
      }
      return;
    }
  }
}

function warnUnclosed(state: State, call: Call): void {
  warn(
    state,
    sequenceOf(state, call.sequence),
    "spawn-unclosed",
    "a fork was opened but never closed, so it counts as text",
  );
}

/** Ends a call at a place in its text. What came after `until` in the same part is waste. */
function cutInText(state: State, call: Call, ending: Ending, kept: number, until: number): void {
  const columns = columnsOf(segmentOf(state.trie, call.segment));
  const { n } = positionAfter(state, call, until);
  const wasted = columns.tokens(n, columns.length);
  count(state, call, -wasted);
  call.wasted += wasted;
  const begin = { segment: call.segment, n: 0 };
  const head = cutAt(state.trie, begin, { segment: call.segment, n: columns.length }, kept);
  cancelCall(state, call, ending, head);
  segmentOf(state.trie, call.segment).sampled = n;
}

/** The position after the piece that contains `offset`. Few pieces follow it, so the search begins at the end. */
function positionAfter(state: State, call: Call, offset: number): Position {
  const columns = columnsOf(segmentOf(state.trie, call.segment));
  let n = columns.length;
  while (n > 1 && columns.textStart(n - 1) >= offset) n -= 1;
  return { segment: call.segment, n };
}

/** Cuts what runs and whose time is over. */
export function checkTime(state: State): void {
  if (state.ending !== undefined) return;
  if (state.now >= state.deadline) cancelAll(state, "ms");
  if (state.now >= state.callDeadline) checkCalls(state);
}

function checkCalls(state: State): void {
  state.callDeadline = Infinity;
  for (const sequence of state.sequences) {
    const call = runningCall(state, sequence);
    if (call === undefined) continue;
    if (state.now >= call.deadline) cancelCall(state, call, { kind: "length", limit: "callMs" });
    else state.callDeadline = Math.min(state.callDeadline, call.deadline);
  }
}
