import { step } from "../../src/core/machine.ts";
import type { Dialect } from "../../src/core/dialect.ts";
import type { Piece } from "../../src/core/piece.ts";
import {
  createState,
  type EngineEnding,
  type Effect,
  type Input,
  type Limits,
  type State,
} from "../../src/core/state.ts";
import { idsOf, path, segmentOf, textOf, type Position } from "../../src/core/trie.ts";
import type { Model } from "../reference/transcript.ts";

/** Whole numbers from 0 to below `n`: the only source of chance. */
export type Chance = (n: number) => number;

export interface Sent {
  place: string;
  ordinal: number;
  context: number[];
}

export interface Driven {
  state: State;
  sent: Sent[];
  final: number[];
  inputs: Input[];
  effects: Effect[];
  /** Every effect that asks for an answer got exactly one. */
  answered: Map<number, number>;
}

interface Live {
  call: number;
  sequence: number;
  pieces: Piece[];
  ending: EngineEnding | "cut";
  cancelled: boolean;
  /** Pieces still to come after a cancel: the engine does not stop at once. */
  grace: number;
}

/** Runs the machine against a scripted model: calls side by side, pieces in any chunks, in any order. */
export function drive(
  dialect: Dialect,
  model: Model,
  prompt: string,
  chance: Chance,
  limits: Partial<Limits> = {},
): Driven {
  const { vocabulary } = model;
  const state = createState({ dialect, limits });
  const driven: Driven = { state, sent: [], final: [], inputs: [], effects: [], answered: new Map() };
  const live: Live[] = [];
  const feed = (input: Input): void => {
    driven.inputs.push(structuredClone(input));
    for (const effect of step(state, input)) {
      driven.effects.push(effect);
      if (effect.e === "complete") live.push(begin(effect));
      if (effect.e === "cancel") {
        const call = live.find((l) => l.call === effect.call);
        if (call === undefined) throw new Error(`cancel of call ${effect.call}, which is over`);
        call.cancelled = true;
        call.grace = chance(3);
      }
    }
  };
  const begin = (effect: Extract<Effect, { e: "complete" }>): Live => {
    const context = contextOf(state, effect.at, model, feed);
    driven.sent.push({ place: effect.place, ordinal: effect.ordinal, context });
    const { ids, fate } = model.output(context, effect.place, effect.ordinal);
    const stops = new Set([
      vocabulary.eos,
      ...effect.stops.flatMap((s) => (s in markers ? [markers[s] as number] : [])),
    ]);
    const stopAt = ids.findIndex((id) => stops.has(id));
    const max = Math.min(effect.maxTokens ?? Infinity, stopAt < 0 ? Infinity : stopAt + 1);
    const ending: Live["ending"] =
      max <= ids.length
        ? stopAt >= 0 && stopAt < max
          ? { kind: "stop" }
          : { kind: "length" }
        : fate === "failed"
          ? { kind: "failed", message: "scripted" }
          : fate === "cut"
            ? "cut"
            : fate === "length"
              ? { kind: "context" }
              : { kind: "stop" };
    const { sequence } = state.calls[effect.call] as { sequence: number };
    return {
      call: effect.call,
      sequence,
      pieces: piecesOf(ids.slice(0, max), model),
      ending,
      cancelled: false,
      grace: 0,
    };
  };
  const markers: Record<string, number> = Object.fromEntries(vocabulary.markers.map((m) => [m, vocabulary.idOf(m)]));
  const promptIds = [vocabulary.bos, ...vocabulary.encode(prompt)];
  feed({ t: "start", prompt: { ids: promptIds, text: prompt }, vocabulary: { eos: [vocabulary.eos], markers } });
  while (live.length > 0) advance(live, chance(live.length), chance, feed, driven);
  const main = state.sequences[0];
  if (main === undefined) throw new Error("no main sequence");
  driven.final = contextOf(state, main.head, model, feed);
  return driven;
}

function advance(live: Live[], at: number, chance: Chance, feed: (input: Input) => void, driven: Driven): void {
  const call = live[at] as Live;
  const left = call.cancelled ? Math.min(call.grace, call.pieces.length) : call.pieces.length;
  if (left === 0) {
    if (call.ending === "cut" && !call.cancelled) {
      feed({ t: "cut", sequence: call.sequence, by: "user" });
      if (!call.cancelled) throw new Error("a cut sequence was not cancelled");
      return;
    }
    live.splice(live.indexOf(call), 1);
    driven.answered.set(call.call, (driven.answered.get(call.call) ?? 0) + 1);
    feed({ t: "ended", call: call.call, reason: call.ending === "cut" ? { kind: "stop" } : call.ending });
    return;
  }
  const n = Math.min(left, 1 + chance(4));
  call.grace -= n;
  feed({ t: "pieces", call: call.call, pieces: call.pieces.splice(0, n) });
}

/** What is sent for a position; literals without ids are encoded, and the machine is told. */
function contextOf(state: State, at: Position, model: Model, feed: (input: Input) => void): number[] {
  const { vocabulary } = model;
  if (state.dialect.exact.tokens === "reencoded") {
    return [vocabulary.bos, ...vocabulary.encodePlain(textOf(path(state.trie, at)))];
  }
  const got = idsOf(state.trie, at);
  if ("ids" in got) return got.ids;
  for (const { segment, n, piece } of got.missing) {
    if (piece.ids !== undefined) continue; // shared with a copy that came first
    if (segmentOf(state.trie, segment).parent !== null) {
      feed({ t: "encoded", segment, n, ids: vocabulary.encode(piece.text ?? "") });
    } else {
      const text = piece.chat === undefined ? (piece.text ?? "") : piece.chat.map((m) => `${m.content}\n`).join("");
      feed({ t: "encoded", segment, n, ids: [vocabulary.bos, ...vocabulary.encodePlain(text)], text });
    }
  }
  return contextOf(state, at, model, feed);
}

/** One piece a token, but a character of two code units is one piece, as an engine would give it. */
function piecesOf(ids: readonly number[], { vocabulary }: Model): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < ids.length; at += 1) {
    const id = ids[at] as number;
    const next = ids[at + 1];
    const pair = id >= 0xd800 && id < 0xdc00 && next !== undefined && next >= 0xdc00 && next < 0xe000;
    const piece = pair ? [id, next] : [id];
    if (pair) at += 1;
    pieces.push({ ids: piece, text: vocabulary.decode(piece) });
  }
  return pieces;
}

/** A small generator of chance from a seed (mulberry32). */
export function chanceFrom(seed: number): Chance {
  let a = seed >>> 0;
  return (n) => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}
