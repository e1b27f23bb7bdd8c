import { hostAttempts } from "../../src/core/dialects/host-attempts.ts";
import { step } from "../../src/core/machine/machine.ts";
import type { Effect, UntimedInput } from "../../src/core/machine/protocol.ts";
import { callOf, createState } from "../../src/core/machine/state.ts";
import { tokenConfidence } from "../../src/core/policies/confidence.ts";
import { JoinPolicies } from "../../src/core/policies/join-policies.ts";
import type { Piece } from "../../src/core/trie/piece.ts";
import { answersBy } from "../../src/run/policies/answers.ts";
import {
  all,
  confidence,
  criticalTokens,
  deadline,
  firstOf,
  quorum,
  stragglers,
  type JoinPolicy,
} from "../../src/run/policies/index.ts";
import { alternate, report } from "../measure.ts";

const siblings = 64;
/** They end before the others begin, as the policy confidence wants it. */
const warmups = 16;
const tokens = 400;
const eos = 0;
const token: Piece = { ids: [2], text: " sum", confidences: [1.5] };

/** None of them cuts anything here, so that all do the same work. */
const policies: Record<string, { policy?: JoinPolicy; answers: number }> = {
  "no policy": { answers: 8 },
  all: { policy: all(), answers: 8 },
  firstOf: { policy: firstOf(siblings), answers: 8 },
  quorum: { policy: quorum(siblings), answers: 8 },
  "quorum, no two answers equal": { policy: quorum(siblings), answers: siblings },
  deadline: { policy: deadline(1e9), answers: 8 },
  criticalTokens: { policy: criticalTokens(1e6), answers: 8 },
  stragglers: { policy: stragglers({ factor: 1e6, atLeast: warmups }), answers: 8 },
  confidence: { policy: confidence({ warmups, window: 64 }), answers: 8 },
};

/** What a policy costs a token and an ending, where 48 of 64 attempts run side by side and 16 have ended. */
export async function policiesBench(): Promise<void> {
  const best: Record<string, Cost> = {};
  for (let round = -2; round < 15; round += 1) {
    for (const [name, { policy, answers }] of Object.entries(policies)) {
      const cost = play(policy, answers);
      if (round < 0) continue;
      const { token: known = Infinity, ending = Infinity } = best[name] ?? {};
      best[name] = { token: Math.min(known, cost.token), ending: Math.min(ending, cost.ending) };
    }
  }
  const base = best["no policy"] ?? { token: NaN, ending: NaN };
  for (const [name, cost] of Object.entries(best)) {
    if (cost === base) continue;
    const of = (kind: keyof Cost): string =>
      `${(cost[kind] / base[kind]).toFixed(2)} (+${us(cost[kind] - base[kind])})`;
    report(`policies: a token at ${siblings} siblings, ${name}`, of("token"), `machine alone: ${us(base.token)}`);
    report(`policies:   an ending`, of("ending"), `machine alone: ${us(base.ending)}`);
  }
  await costOfLogprobs();
}

/** Microseconds. */
interface Cost {
  token: number;
  ending: number;
}

function us(value: number): string {
  return `${value.toFixed(2)} us`;
}

/** Plays the same attempts, and takes the time of those that run after the warm-ups. */
function play(policy: JoinPolicy | undefined, answers: number): Cost {
  const state = createState({ dialect: hostAttempts(siblings) });
  const answer = answersBy({ answer: "lastBox", equal: "default" });
  const decides = policy && new JoinPolicies({ state, policies: [policy], ...answer });
  const calls: number[] = [];
  let at = 0;
  const feed = (untimed: UntimedInput): readonly Effect[] => {
    const input = { ...untimed, at: (at += 1) };
    const effects = step(state, input);
    const cuts = decides?.after(input, effects).cuts.length ?? 0;
    if (cuts > 0) throw new Error("nothing is cut in this bench");
    return effects;
  };
  const begin = (some: readonly number[]): void => {
    for (const call of some) feed({ t: "sent", call, attempt: 1, promptTokens: 1 });
  };
  const write = (some: readonly number[]): number =>
    timeOf(() => {
      for (let n = 0; n < tokens; n += 1) for (const call of some) feed({ t: "pieces", call, pieces: [token] });
    });
  const end = (some: readonly number[]): number =>
    timeOf(() => {
      for (const call of some) {
        const text = `\\boxed{${callOf(state, call).sequence % answers}}`;
        feed({ t: "pieces", call, pieces: [{ ids: [3], text }] });
        feed({ t: "pieces", call, pieces: [{ ids: [eos], text: "" }] });
        feed({ t: "ended", call, reason: { kind: "stop" } });
      }
    });
  const started = feed({ t: "start", prompt: { ids: [1], text: "?" }, vocabulary: { eos: [eos], markers: {} } });
  for (const effect of started) if (effect.e === "complete") calls.push(effect.call);
  const [first, others] = [calls.slice(0, warmups), calls.slice(warmups)];
  begin(first);
  write(first);
  end(first);
  begin(others);
  const written = write(others);
  return { token: (written * 1000) / (others.length * tokens), ending: (end(others) * 1000) / others.length };
}

function timeOf(work: () => void): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

/** What else the policy confidence takes for each token: one number is made of twenty. */
async function costOfLogprobs(): Promise<void> {
  const top = Array.from({ length: 20 }, (_, id) => ({ id, logprob: -0.37 * id - 0.011 }));
  const n = 100_000;
  let sum = 0;
  const mean = (): void => {
    for (let i = 0; i < n; i += 1) sum += tokenConfidence(top, 20) ?? 0;
  };
  const { mean: ms = NaN } = await alternate({ mean });
  if (sum < 0) throw new Error("unreachable: keeps the loop from being optimised away");
  report("policies: the confidence of a token, of 20 log-probabilities", us((ms * 1000) / n));
}
