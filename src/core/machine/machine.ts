import { receiveEnd, receivePieces } from "./receive.ts";
import { startCall } from "./call.ts";
import { cut, follow } from "./sequence.ts";
import {
  callOf,
  sequenceOf,
  type Call,
  type Effect,
  type Input,
  type Sequence,
  type State,
  type Usage,
} from "./state.ts";
import { append, segmentOf, type Trie } from "../trie/trie.ts";

const nothing: readonly Effect[] = [];

/**
 * One step of fork-join decoding: takes what happened, returns what to do. Deterministic and without I/O: the same
 * inputs give the same effects, whether a live engine, a simulator or a recorded trace feeds them.
 *
 * It owns and changes `state`; nobody else writes to it. Throws only on inputs that break the protocol (an unknown
 * call, pieces behind the end of a call): those are mistakes of the driver, not of a model.
 */
export function step(state: State, input: Input): readonly Effect[] {
  switch (input.t) {
    case "start":
      start(state, input);
      break;
    case "pieces":
      receivePieces(state, liveCall(state, input.call), input.pieces);
      break;
    case "sent":
      segmentOf(state.trie, callOf(state, input.call).segment).origin = input.origin;
      break;
    case "encoded":
      encoded(state.trie, input);
      break;
    case "ended": {
      const call = liveCall(state, input.call);
      addUsage(state.trie, call, input.usage);
      receiveEnd(state, call, input.reason);
      break;
    }
    case "cut":
      cut(state, sequenceOf(state, input.sequence), { kind: "cut", by: input.by });
      break;
    case "stop":
      if (state.sequences[0] !== undefined) cut(state, state.sequences[0], { kind: "cut", by: "user" });
      break;
  }
  for (let next = state.ended.shift(); next !== undefined; next = state.ended.shift()) follow(state, next);
  if (state.outbox.length === 0) return nothing;
  const effects = state.outbox;
  state.outbox = [];
  return effects;
}

function start(state: State, { prompt, vocabulary }: Extract<Input, { t: "start" }>): void {
  if (state.sequences.length > 0) throw new RangeError("the machine has started already");
  state.vocabulary = vocabulary;
  for (const id of vocabulary.eos) state.eos.add(id);
  const head = append(state.trie, null, { by: "prompt" }, [prompt]);
  const main: Sequence = {
    id: 0,
    parent: undefined,
    threadId: "0",
    name: "",
    captures: {},
    depth: 0,
    head,
    body: head,
    scope: head,
    call: undefined,
    waiting: undefined,
    forks: [],
    calls: 0,
    source: undefined,
    critical: 0,
    tokens: 0,
    closing: undefined,
    ending: undefined,
  };
  state.sequences.push(main);
  startCall(state, main, "body");
}

function encoded(trie: Trie, { segment, n, ids, text }: Extract<Input, { t: "encoded" }>): void {
  const piece = segmentOf(trie, segment).pieces[n];
  if (piece === undefined) throw new RangeError(`segment ${segment} has no piece ${n}`);
  piece.ids = ids;
  if (text !== undefined) piece.text = text;
}

function addUsage(trie: Trie, call: Call, usage: Usage | undefined): void {
  const segment = segmentOf(trie, call.segment);
  if (usage !== undefined && segment.origin !== undefined) segment.origin = { ...segment.origin, ...usage };
}

function liveCall(state: State, id: number): Call {
  const call = callOf(state, id);
  if (!call.live) throw new RangeError(`call ${id} has ended already`);
  return call;
}
