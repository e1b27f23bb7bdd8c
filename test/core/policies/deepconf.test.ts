import { describe, expect, it } from "vitest";
import { hostAttempts } from "../../../src/core/dialects/host-attempts.ts";
import { step } from "../../../src/core/machine/machine.ts";
import type { UntimedInput } from "../../../src/core/machine/protocol.ts";
import { callOf, createState, endingOf } from "../../../src/core/machine/state.ts";
import { scoreOf } from "../../../src/core/policies/confidence.ts";
import { JoinPolicies } from "../../../src/core/policies/join-policies.ts";
import { attemptsResult } from "../../../src/run/attempts/result.ts";
import { buildResult } from "../../../src/run/build-result.ts";
import { confidence } from "../../../src/run/policies/index.ts";
import { chanceFrom, hasty, type Chance } from "../drive.ts";
import { deepConf, type Attempt, type Settings } from "./reference-deepconf.ts";

const online: Settings = { warmups: 4, window: 6, percentile: 90 };
const eos = 0;
const answers = { answerIn: (text: string) => /=(.*)/.exec(text)?.[1], equal: (a: string, b: string) => a === b };

/** Attempts of some steadiness each, with one of a few answers, or without any. */
function someAttempts(chance: Chance, count: number): Attempt[] {
  return Array.from({ length: count }, () => {
    const level = 8000 + chance(8000);
    const confidences = Array.from({ length: 2 + chance(40) }, () => level + chance(4000));
    return { confidences, answer: chance(6) === 0 ? undefined : `${chance(3)}` };
  });
}

/** Runs attempts through the machine and the policy, token by token, in the order that `next` draws. */
function play(attempts: readonly Attempt[], settings: Settings, next: Chance) {
  const policies = [confidence(settings)];
  const state = createState({ dialect: hostAttempts(attempts.length) });
  const decides = new JoinPolicies({ state, policies, ...answers });
  const live: { call: number; attempt: Attempt; at: number }[] = [];
  const held = new Set<number>();
  const liveAt = (call: number): number => live.findIndex((one) => one.call === call);
  const startOf = (call: number): void => {
    const { sequence } = callOf(state, call);
    live.push({ call, attempt: attempts[sequence - 1] ?? { confidences: [], answer: undefined }, at: 0 });
    feed({ t: "sent", call, attempt: 1, promptTokens: 1 });
  };
  let now = 0;
  const feed = (untimed: UntimedInput): void => {
    const input = { ...untimed, at: (now += 1) };
    const effects = step(state, input);
    const { cuts, released } = decides.after(input, effects);
    for (const effect of effects) {
      if (effect.e === "cancel") {
        if (!held.delete(effect.call)) live.splice(liveAt(effect.call), 1);
        feed({ t: "ended", call: effect.call, reason: { kind: "stop" } });
      }
      if (effect.e !== "complete") continue;
      if (decides.holds(callOf(state, effect.call).sequence)) held.add(effect.call);
      else startOf(effect.call);
    }
    for (const cut of cuts) feed({ t: "cut", ...cut });
    for (const call of held) if (released.includes(callOf(state, call).sequence) && held.delete(call)) startOf(call);
  };
  feed({ t: "start", prompt: { ids: [1], text: "?" }, vocabulary: { eos: [eos], markers: {} } });
  while (live.length > 0) {
    const one = live[next(live.length)];
    if (one === undefined) break;
    const { confidences, answer } = one.attempt;
    const isLast = one.at === confidences.length - 1;
    const text = isLast ? "" : one.at === 0 && answer !== undefined ? `=${answer}` : "\n";
    const sure = (confidences[one.at] ?? 0) / 1000;
    one.at += 1;
    feed({ t: "pieces", call: one.call, pieces: [{ ids: [isLast ? eos : 2], text, confidences: [sure] }] });
    if (!isLast || endingOf(state.sequences[callOf(state, one.call).sequence] ?? fail()) === undefined) continue;
    live.splice(live.indexOf(one), 1);
    feed({ t: "ended", call: one.call, reason: { kind: "stop" } });
  }
  const unfinished = { kind: "failed", message: "not over" } as const;
  const result = buildResult({
    state,
    text: "",
    seed: 0,
    metadata: undefined,
    tree: false,
    warnings: [],
    wallMs: 0,
    unfinished,
  });
  const scoreIn = (threadId: string) => scoreOf(state.trie, threadId, settings.window);
  return attemptsResult(result, { ...answers, policies, vote: "confidence", scoreOf: scoreIn });
}

function fail(): never {
  throw new Error("there is no such sequence");
}

describe("the policy confidence", () => {
  it("cuts, scores, weighs and elects as an independent DeepConf does, on 1,000 random attempts", () => {
    const sets = hasty ? 10 : 50;
    let cuts = 0;
    for (let seed = 0; seed < sets; seed += 1) {
      const chance = chanceFrom(seed);
      const attempts = someAttempts(chance, 20);
      const expected = deepConf(attempts, online);
      const result = play(attempts, online, chance);
      expect(result.attempts.map(({ tokens }) => tokens)).toEqual(expected.lengths);
      expect(result.attempts.map(({ ending }) => ending.kind === "cut")).toEqual(expected.cut);
      expect(result.attempts.map(({ score }) => score)).toEqual(expected.scores);
      expect(result.answer).toBe(expected.winner);
      for (const { answer, weight } of result.votes) expect(weight).toBeCloseTo(expected.weights.get(answer) ?? NaN, 9);
      expect(result.votes).toHaveLength(expected.weights.size);
      cuts += expected.cut.filter(Boolean).length;
    }
    expect(cuts).toBeGreaterThan(sets); // so there was something to compare
  });

  it("stops at the share of the votes at which an independent DeepConf does", () => {
    const settings: Settings = { ...online, percentile: 10, consensus: 0.6 };
    const sets = hasty ? 10 : 50;
    let spared = 0;
    for (let seed = 0; seed < sets; seed += 1) {
      const attempts = someAttempts(chanceFrom(seed), 20);
      const expected = deepConf(attempts, settings);
      const result = play(attempts, settings, () => 0); // one after the other
      expect(result.attempts.map(({ tokens }) => tokens)).toEqual(expected.lengths);
      expect(result.answer).toBe(expected.winner);
      spared += expected.lengths.filter((length) => length === 0).length;
    }
    expect(spared).toBeGreaterThan(sets);
  });
});
