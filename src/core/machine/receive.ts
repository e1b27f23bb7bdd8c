import type { ScanEvent } from "../scanner/text-scanner.ts";
import { cutAt } from "../trie/locate.ts";
import { tokensOf, type Piece } from "../trie/piece.ts";
import { columnsOf, segmentOf, type Position } from "../trie/trie.ts";
import { cancelAll, cancelCall, endCall } from "./call.ts";
import type { Ending } from "./ending.ts";
import { spawn } from "./fork.ts";
import type { EngineEnding, Usage } from "./protocol.ts";
import { sequenceOf, type Call, type State } from "./state.ts";
import { guardOf, isStopString } from "./stops.ts";
import { warn } from "./warn.ts";

/** Takes what a call generated. O(1) a piece. */
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

function count(state: State, call: Call, tokens: number): void {
  call.tokens += tokens;
  state.generated += tokens;
  sequenceOf(state, call.sequence).tokens += tokens;
}

/** Whether the tokens that all sequences share are used up; then whatever runs is cut. */
function checkPot(state: State): void {
  if (state.generated >= (state.limits.runTokens ?? Infinity)) cancelAll(state, "runTokens");
}

/** The engine is done with a call; if its ending is not decided yet, this decides it. */
export function receiveEnd(state: State, call: Call, reason: EngineEnding, usage: Usage | undefined): void {
  call.live = false;
  const segment = segmentOf(state.trie, call.segment);
  columnsOf(segment).trim();
  const origin = segment.origins.at(-1);
  if (origin !== undefined && usage?.cachedTokens !== undefined) origin.cachedTokens = usage.cachedTokens;
  if (origin !== undefined && usage?.weightVersion !== undefined) origin.weightVersion = usage.weightVersion;
  if (reason.kind === "stop" && reason.eos !== undefined) state.eos.add(reason.eos);
  if (call.ending !== undefined) return;
  if (usage?.completionTokens !== undefined && columnsOf(segment).withoutIds > 0) {
    // Without ids a piece counts as one token, however many it holds: the engine knows better.
    count(state, call, usage.completionTokens - call.tokens);
    call.counted = true;
  }
  endHere(state, call, endingOf(call, reason, columnsOf(segment).withoutIds === 0));
  checkPot(state); // what the engine counted may have emptied it
}

/** Ends a call at the last piece, unless what the scanner held back until now ends it before that. */
function endHere(state: State, call: Call, ending: Ending, head?: Position): void {
  if (call.scanner !== undefined) scanned(state, call, call.scanner.finish());
  if (call.ending === undefined) endCall(state, call, ending, head);
}

function endingOf(call: Call, reason: EngineEnding, idsAreKnown: boolean): Ending {
  switch (reason.kind) {
    case "stop":
      return { kind: "eos" }; // a stop that no marker explains
    case "length": {
      const { budget } = call;
      // Without ids our own count may be too low; then the budget that it was given is the best explanation.
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
  // The engine was asked to stop at these; the driver closes the streams of engines that do not.
  if (marker !== undefined) endHere(state, call, { kind: "marker", marker }, beforeGuard(state, call, marker));
  else if (id !== undefined && state.eos.has(id)) endHere(state, call, { kind: "eos" });
  else if (budget !== undefined && call.tokens >= budget.tokens) {
    endHere(state, call, { kind: "length", limit: budget.limit });
  }
}

/** A guard's marker is replaced, so it is not kept. */
function beforeGuard(state: State, call: Call, marker: string): Position | undefined {
  if (guardOf(state, marker) === undefined) return undefined;
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
      const isDropped =
        guardOf(state, marker) !== undefined || isStopString(state, sequenceOf(state, call.sequence), marker);
      const kept = isDropped ? event.start : event.end;
      cutInText(state, call, { kind: "marker", marker }, kept, event.end);
      const rest = [...events.slice(i + 1), ...(call.scanner?.finish() ?? [])];
      // What was open at the cut will never be closed, whatever stands after it.
      for (const e of rest) {
        if ((e.type === "unclosed" || e.type === "match") && e.start < event.start) warnUnclosed(state, call);
      }
      return;
    }
  }
}

function warnUnclosed(state: State, call: Call): void {
  warn(state, sequenceOf(state, call.sequence), "spawn-unclosed", "a fork was opened and never closed: it is text");
}

/** Ends a call at a place in its text; what the model wrote after `until` before we saw it is waste. */
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

/** After the piece in which the text reaches `offset`. Pieces are few after it, so the search begins at the end. */
function positionAfter(state: State, call: Call, offset: number): Position {
  const columns = columnsOf(segmentOf(state.trie, call.segment));
  let n = columns.length;
  while (n > 1 && columns.textStart(n - 1) >= offset) n -= 1;
  return { segment: call.segment, n };
}

/** Whether the time of the run is over; then whatever runs is cut. */
export function checkTime(state: State): void {
  if (state.now >= state.deadline && state.ending === undefined) cancelAll(state, "ms");
}
