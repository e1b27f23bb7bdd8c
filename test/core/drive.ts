import fc from "fast-check";
import { step } from "../../src/core/machine/machine.ts";
import type { Dialect } from "../../src/core/dialects/schema.ts";
import type { Piece } from "../../src/core/trie/piece.ts";
import { createState, type State } from "../../src/core/machine/state.ts";
import type { EngineEnding, Effect, Input, UntimedInput } from "../../src/core/machine/protocol.ts";
import type { Limits } from "../../src/core/limits/limits.ts";
import { JoinPolicies } from "../../src/core/policies/join-policies.ts";
import type { JoinPolicy } from "../../src/core/policies/policy.ts";
import { forkOf, threadsOf } from "../../src/core/machine/state.ts";
import { idsOf, textBetween } from "../../src/core/trie/path.ts";
import { columnsOf, type Position } from "../../src/core/trie/trie.ts";
import type { Model } from "../reference/transcript.ts";

/** Whole numbers from 0 to below `n`: the only source of chance. */
export type Chance = (n: number) => number;

interface Sent {
  call: number;
  threadId: string;
  callIndex: number;
  context: number[];
}

export interface Driven {
  state: State;
  sent: Sent[];
  final: number[];
  inputs: Input[];
  effects: Effect[];
  /** How often the engine said of a call that it is over. */
  answered: Map<number, number>;
  /** What the engine gave for each call. */
  delivered: Map<number, Piece[]>;
}

export interface DriveOptions {
  limits?: Partial<Limits>;
  /**
   * `ids`: markers are tokens. `spelled`: they are looked for in the text, the engine does not stop at them.
   * `text`: so too, and pieces have no ids at all.
   */
  mode?: "ids" | "spelled" | "text";
  /** Decide about threads; tokens then come with a confidence. */
  policies?: readonly JoinPolicy[];
  /** May put in an input before the engine's n-th event. */
  interrupt?: (state: State, n: number) => UntimedInput | undefined;
}

interface Live {
  call: number;
  sequence: number;
  /** Makes the request, which it was waiting for until now. */
  begin: (() => void) | undefined;
  pieces: Piece[];
  ending: EngineEnding | "cut";
  cancelled: boolean;
  /** Pieces still to come after a cancel: the engine does not stop at once. */
  grace: number;
}

/** The answer of a text is its length, roughly: so some agree. */
const answers = {
  answerIn: (text: string) => (text === "" ? undefined : `${text.length % 3}`),
  equal: (a: string, b: string) => a === b,
};

/** Runs the machine against a scripted model: calls side by side, pieces in any chunks, in any order. */
export function drive(
  dialect: Dialect,
  model: Model,
  prompt: string,
  chance: Chance,
  { limits = {}, mode = "ids", policies = [], interrupt = () => undefined }: DriveOptions = {},
): Driven {
  const { vocabulary } = model;
  const state = createState({ dialect, limits });
  const driven: Driven = {
    state,
    sent: [],
    final: [],
    inputs: [],
    effects: [],
    answered: new Map(),
    delivered: new Map(),
  };
  const live: Live[] = [];
  /** Calls that policies keep back. */
  const held: Live[] = [];
  const decides = policies.length === 0 ? undefined : new JoinPolicies({ state, policies, ...answers });
  /** Forks whose results the program is making a turn of. */
  const combining: { fork: number; wait: number }[] = [];
  const combine = (fork: number): void => {
    const texts = threadsOf(state, forkOf(state, fork)).map(({ body, head }) => textBetween(state.trie, body, head));
    const text = model.planned?.combine(texts) ?? "";
    feed({ t: "combined", fork, turn: { ids: vocabulary.encodePlain(text), text } });
  };
  const feed = (untimed: UntimedInput): void => {
    const input: Input = { ...untimed, at: driven.inputs.length };
    driven.inputs.push(structuredClone(input));
    const effects = step(state, input);
    driven.effects.push(...effects);
    const decided = decides?.after(input, effects);
    const asked = effects.flatMap((effect) => (effect.e === "complete" ? [waiting(effect)] : []));
    const begun = asked.filter(({ sequence }) => decides?.holds(sequence) !== true);
    held.push(...asked.filter((call) => !begun.includes(call)));
    for (const sequence of decided?.released ?? []) {
      const at = held.findIndex((call) => call.sequence === sequence);
      if (at >= 0) begun.push(...held.splice(at, 1));
    }
    live.push(...begun);
    for (const cut of decided?.cuts ?? []) feed({ t: "cut", ...cut });
    for (const effect of effects) {
      if (effect.e !== "cancel") continue;
      const at = held.findIndex((call) => call.call === effect.call);
      if (at >= 0) {
        held.splice(at, 1);
        driven.answered.set(effect.call, 1);
        feed({ t: "ended", call: effect.call, reason: { kind: "stop" } });
        continue;
      }
      const call = live.find((l) => l.call === effect.call);
      if (call === undefined) throw new Error(`cancel of call ${effect.call}, which is over`);
      call.cancelled = true;
      call.grace = chance(3);
    }
    for (const effect of effects) if (effect.e === "combine") combining.push({ fork: effect.fork, wait: chance(4) });
    // Last of all: encoding a context feeds the machine, which may cancel any of these calls.
    for (const call of begun) call.begin?.();
  };
  const markers: Record<string, number> =
    mode === "ids" ? Object.fromEntries(vocabulary.markers.map((m) => [m, vocabulary.idOf(m)])) : {};
  const waiting = (effect: Extract<Effect, { e: "complete" }>): Live => {
    const sequence = state.calls[effect.call]?.sequence ?? -1;
    const begun: Live = {
      call: effect.call,
      sequence,
      begin: () => Object.assign(begun, begin(effect)),
      pieces: [],
      ending: { kind: "stop" },
      cancelled: false,
      grace: 0,
    };
    return begun;
  };
  const begin = (effect: Extract<Effect, { e: "complete" }>): Pick<Live, "pieces" | "ending" | "begin"> => {
    const { call, at, threadId, callIndex, stops, maxTokens } = effect;
    const context = contextOf(state, at, model, mode, feed);
    driven.sent.push({ call, threadId, callIndex, context });
    driven.delivered.set(call, []);
    const own = idsOf(state.trie, at);
    const isEncodedAgain = !("ids" in own) || own.ids.join() !== context.join();
    const sent = { call, attempt: 1, promptTokens: context.length, ...(isEncodedAgain && { promptIds: context }) };
    feed({ t: "sent", ...sent });
    const { ids, fate } = model.output(context, threadId, callIndex);
    const ends = new Set([vocabulary.eos, ...stops.flatMap((s) => markers[s] ?? [])]);
    const stopAt = ids.findIndex((id) => ends.has(id));
    const max = Math.min(maxTokens ?? Infinity, stopAt < 0 ? Infinity : stopAt + 1);
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
    const pieces = piecesOf(ids.slice(0, max), model, mode);
    if (policies.length > 0) for (const piece of pieces) piece.confidences = piece.ids?.map(() => chance(4000) / 1000);
    return { pieces, ending, begin: undefined };
  };
  const promptIds = [vocabulary.bos, ...vocabulary.encode(prompt)];
  const eos = mode === "text" ? [] : [vocabulary.eos];
  const branches = model.planned?.branches.map(({ name, text, maxTokens }) => {
    const context = { ids: vocabulary.encodePlain(text), text };
    return { name, plan: text, context, ...(maxTokens !== undefined && { maxTokens }) };
  });
  feed({
    t: "start",
    prompt: { ids: promptIds, text: prompt },
    vocabulary: { eos, markers },
    ...(branches && { branches }),
  });
  for (let n = 0; live.length > 0 || combining.length > 0 || held.length > 0; n += 1) {
    const input = interrupt(state, n);
    if (input !== undefined) feed(input);
    const ready = combining.find((one) => (one.wait -= 1) < 0);
    if (ready !== undefined) {
      combining.splice(combining.indexOf(ready), 1);
      combine(ready.fork);
    }
    if (live.length === 0) {
      if (held.length > 0) feed({ t: "time" });
      continue;
    }
    advance(live, chance(live.length), chance, feed, driven);
  }
  const main = state.sequences[0];
  if (main === undefined) throw new Error("no main sequence");
  if (held.length > 0) throw new Error(`${held.length} calls were held and never let go`);
  driven.final = contextOf(state, main.head, model, mode, feed);
  return driven;
}

function advance(live: Live[], at: number, chance: Chance, feed: (input: UntimedInput) => void, driven: Driven): void {
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
  const pieces = call.pieces.splice(0, Math.min(left, 1 + chance(4)));
  call.grace -= pieces.length;
  driven.delivered.get(call.call)?.push(...pieces);
  feed({ t: "pieces", call: call.call, pieces });
}

type Mode = NonNullable<DriveOptions["mode"]>;

/** What is sent for a position; literals without ids are encoded, and the machine is told. */
function contextOf(
  state: State,
  at: Position,
  model: Model,
  mode: Mode,
  feed: (input: UntimedInput) => void,
): number[] {
  const { vocabulary } = model;
  const got = idsOf(state.trie, at);
  const rendered = "ids" in got || got.missing.every(({ chat }) => chat === undefined);
  if (rendered && (state.dialect.exact.tokens === "reencoded" || mode === "text")) {
    return [vocabulary.bos, ...vocabulary.encodePlain(textBetween(state.trie, undefined, at))];
  }
  if ("ids" in got) return got.ids;
  for (const segment of got.missing) {
    if (columnsOf(segment).withoutIds === 0) continue; // what was cut meanwhile let another call begin, which needed it too
    const own = columnsOf(segment).text(0, 1);
    if (segment.parent !== null) {
      feed({ t: "encoded", segment: segment.id, ids: vocabulary.encode(own) });
    } else {
      const text = segment.chat === undefined ? own : segment.chat.map((m) => `${m.content}\n`).join("");
      feed({ t: "encoded", segment: segment.id, ids: [vocabulary.bos, ...vocabulary.encodePlain(text)], text });
    }
  }
  return contextOf(state, at, model, mode, feed);
}

/** One piece a token, but a character of two code units is one piece, as an engine would give it. */
function piecesOf(ids: readonly number[], { vocabulary }: Model, mode: Mode): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < ids.length; at += 1) {
    const id = ids[at] as number;
    const next = ids[at + 1];
    const pair = id >= 0xd800 && id < 0xdc00 && next !== undefined && next >= 0xdc00 && next < 0xe000;
    const piece = pair ? [id, next] : [id];
    if (pair) at += 1;
    const text = vocabulary.decode(piece);
    if (mode !== "text") pieces.push({ ids: piece, text });
    else if (id !== vocabulary.eos) pieces.push({ text });
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

const most = process.env["REFERENCE_RUNS"];

/** How many times a property is tried: `REFERENCE_RUNS` says at most how many. */
export function runs(n: number): number {
  return Math.min(n, Number(most ?? n));
}

/** Whether tests that take their time are left out, as where a mutant waits for each run. */
export const hasty: boolean = most !== undefined;
// Then the tries are the same in each run too, or what a mutant survives would be a matter of chance.
if (hasty) fc.configureGlobal({ seed: 2512 });
