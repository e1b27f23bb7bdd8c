import { cancelCall, endCall, limitReached, tokensFrom } from "./call.ts";
import type { Ending } from "./ending.ts";
import { spawn } from "./fork.ts";
import { cutAt } from "../trie/locate.ts";
import { tokensOf, type Piece } from "../trie/piece.ts";
import type { ScanEvent } from "../scanner/text-scanner.ts";
import { callOf, sequenceOf, type Call, type EngineEnding, type State } from "./state.ts";
import { segmentOf, type Position } from "../trie/trie.ts";

/** Takes what a call generated. O(1) a piece. */
export function receivePieces(state: State, call: Call, pieces: readonly Piece[]): void {
  const segment = segmentOf(state.trie, call.segment);
  for (const piece of pieces) {
    segment.pieces.push(piece);
    const tokens = tokensOf(piece);
    if (call.ending !== undefined) {
      call.wasted += tokens;
      continue;
    }
    call.tokens += tokens;
    state.generated += tokens;
    sequenceOf(state, call.sequence).tokens += tokens;
    scanPiece(state, call, piece);
    if (state.limits.runTokens !== undefined && state.generated >= state.limits.runTokens) endAll(state);
  }
}

/** The engine is done with a call; if nobody has decided its ending yet, this does. */
export function receiveEnd(state: State, call: Call, reason: EngineEnding): void {
  call.live = false;
  if (reason.kind === "stop" && reason.eos !== undefined) state.eos.add(reason.eos);
  if (call.ending !== undefined) return;
  endHere(state, call, endingOf(state, call, reason));
}

/** Ends a call at the last piece, unless what the scanner held back until now ends it before that. */
function endHere(state: State, call: Call, ending: Ending, kept?: Position): void {
  if (call.scanner !== undefined) scanned(state, call, call.scanner.finish());
  if (call.ending === undefined) endCall(state, call, ending, kept);
}

function endingOf(state: State, call: Call, reason: EngineEnding): Ending {
  switch (reason.kind) {
    case "stop":
      return { kind: "eos" }; // a stop that no marker explains
    case "length":
      return { kind: "length", limit: limitReached(state, call) };
    case "context":
      return { kind: "length", limit: "context" };
    default:
      return reason;
  }
}

function scanPiece(state: State, call: Call, piece: Piece): void {
  const { watch, scanner } = call;
  const id = piece.ids?.at(-1);
  const marker = id === undefined ? undefined : watch.ids.get(id);
  if (scanner !== undefined) {
    call.starts.push(call.length);
    call.length += piece.text?.length ?? 0;
    scanned(state, call, scanner.push(piece.text ?? ""));
    if (call.ending !== undefined) return;
  }
  // The engine was told to stop at these, so there is nothing to cancel.
  if (marker !== undefined) endHere(state, call, { kind: "marker", marker }, beforeGuard(state, call, marker));
  else if (id !== undefined && watch.eos.has(id)) endHere(state, call, { kind: "eos" });
  else if (call.maxTokens !== undefined && call.tokens >= call.maxTokens) {
    endHere(state, call, { kind: "length", limit: limitReached(state, call) });
  }
}

/** A guard's marker is replaced, so it is not kept. */
function isGuard({ dialect: { trigger } }: State, marker: string): boolean {
  return trigger.kind === "endOfText" && trigger.guard?.marker === marker;
}

function beforeGuard(state: State, call: Call, marker: string): Position | undefined {
  if (!isGuard(state, marker)) return undefined;
  return { segment: call.segment, n: segmentOf(state.trie, call.segment).pieces.length - 1 };
}

function scanned(state: State, call: Call, events: readonly ScanEvent[]): void {
  for (const [i, event] of events.entries()) {
    if (event.type === "text" || event.type === "open") continue;
    if (event.type === "unclosed") {
      warnUnclosed(state, call);
      continue;
    }
    const what = call.watch.text?.meaning[event.pattern];
    if (what?.kind === "spawn") {
      spawn(state, call, positionAfter(call, event.end), event.captures);
    } else if (what !== undefined) {
      const marker = what.kind === "stop" ? what.marker : (event.captures["id"] ?? "");
      cutCall(state, call, { kind: "marker", marker }, isGuard(state, marker) ? event.start : event.end, event.end);
      const rest = [...events.slice(i + 1), ...(call.scanner?.finish() ?? [])];
      // What was open at the cut will never be closed, whatever stands behind it.
      for (const e of rest) {
        if ((e.type === "unclosed" || e.type === "match") && e.start < event.start) warnUnclosed(state, call);
      }
      return;
    }
  }
}

function warnUnclosed(state: State, call: Call): void {
  const message = "a fork was opened and never closed: it is text";
  const { threadId } = sequenceOf(state, call.sequence);
  state.outbox.push({ e: "warning", warning: { code: "spawn-unclosed", message, threadId } });
}

/** Ends a call at a place in its text; what the model wrote behind `until` before we saw it is wasted. */
function cutCall(state: State, call: Call, ending: Ending, kept: number, until: number): void {
  const wasted = tokensFrom(state, call, positionAfter(call, until).n);
  call.tokens -= wasted;
  call.wasted += wasted;
  state.generated -= wasted;
  sequenceOf(state, call.sequence).tokens -= wasted;
  const { pieces } = segmentOf(state.trie, call.segment);
  const begin = { segment: call.segment, n: 0 };
  cancelCall(state, call, ending, cutAt(state.trie, begin, { segment: call.segment, n: pieces.length }, kept));
}

/** Behind the piece in which the text reaches `offset`. Pieces are few behind it, so the search begins at the end. */
function positionAfter(call: Call, offset: number): Position {
  let n = call.starts.length;
  while (n > 1 && (call.starts[n - 1] ?? 0) >= offset) n -= 1;
  return { segment: call.segment, n };
}

/** The run has used up its tokens: nobody goes on. */
function endAll(state: State): void {
  for (const { call } of state.sequences) {
    if (call !== undefined) cancelCall(state, callOf(state, call), { kind: "length", limit: "runTokens" });
  }
}
