import { equal, textKey } from "../../grade/equal.ts";
import type { Policy } from "../../grade/policy.ts";
import type { PolicyName } from "../../grade/presets.ts";
import { majorityAtK } from "../statistics/majority.ts";
import { passAtK, passHatK } from "../statistics/pass-at.ts";
import type { ProblemData } from "./problem-data.ts";
import type { OfSamples } from "./summary.ts";

/** How votes are counted. */
export interface Voting {
  readonly policyOf: (problem: string) => Policy | PolicyName;
  /** Subsets that are drawn of a problem that has more. */
  readonly draws: number;
}

/** What samples are worth together. */
export interface SamplesTogether {
  readonly ofSamples: readonly OfSamples[];
  /** Answers that were not compared with all others. */
  readonly uncompared: number;
}

/** pass@k, pass^k and maj@k for every k that says something. */
export function samplesTogether(problems: readonly ProblemData[], { policyOf, draws }: Voting): SamplesTogether {
  const known = problems.map((data) => {
    const policy = policyOf(data.problem);
    const ballots = data.votes.toBallots({
      equal: (one, other) => equal(one, other, policy).equal,
      keyOf: textKey,
    });
    return { name: data.problem, samples: data.samples, verdicts: data.verdicts(), ballots };
  });
  const uncompared = known.reduce((sum, { ballots }) => sum + ballots.uncompared, 0);
  const most = known.reduce((largest, { samples }) => Math.max(largest, samples), 0);
  const ofSamples = sizes(most).map((k) => {
    const enough = known.filter(({ samples }) => samples >= k);
    const verdicts = Object.fromEntries(enough.map((problem) => [problem.name, problem.verdicts]));
    const ballots = Object.fromEntries(enough.map((problem) => [problem.name, problem.ballots]));
    return {
      k,
      pass: passAtK(verdicts, k),
      all: passHatK(verdicts, k),
      majority: majorityAtK(ballots, k, { equal: (one, other) => one === other, draws }),
    };
  });
  return { ofSamples, uncompared };
}

/** 1, 2, 4, ... and the most. */
function sizes(most: number): number[] {
  const found: number[] = [];
  for (let k = 1; k < most; k *= 2) found.push(k);
  return most === 0 ? [] : [...found, most];
}
