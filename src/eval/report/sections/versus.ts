import type { PairSummary, SpeedUpSummary } from "../../summary/pair-summary.ts";
import { listOf, tableOf, textOf, type Block } from "../document.ts";
import { bounded, chance, percent, points, ratio, shown } from "../numbers.ts";

interface Measured {
  readonly pair: PairSummary;
  readonly unit: string;
  readonly samples: string;
  readonly speedUp: SpeedUpSummary;
}

/** What the two sides of a pair are called in a sentence. */
interface Sides {
  readonly baseline: string;
  readonly candidate: string;
}

/** Differences and speed-ups of pairs, each by the name of its candidate. */
export function versusBlocks(pairs: readonly PairSummary[], sides: Sides): Block[] {
  const measured = pairs.flatMap(measuresOf);
  const methods = new Set(
    [...pairs.map(({ difference }) => difference), ...measured.map(({ speedUp }) => speedUp.ratioOfMeans)]
      .map((number) => number?.interval?.method)
      .filter((method) => method !== undefined),
  );
  return [
    textOf(
      "Differences are in points of accuracy. A speed-up above 1 is faster; the ratio of means is the headline.",
      methods.size === 0 ? undefined : `Intervals of 95 % are made by ${[...methods].sort().join(" and ")}.`,
    ),
    tableOf(pairs, [
      ["Arm", ({ candidate }) => candidate],
      ["Problems", ({ problems }) => `${problems}`],
      ["Difference", ({ difference }) => bounded(difference, points)],
      ["Standard error", ({ difference }) => shown(difference?.standardError, percent)],
      [`Only ${sides.baseline} right`, ({ mcnemar }) => shown(mcnemar?.onlyBaseline, String)],
      [`Only ${sides.candidate} right`, ({ mcnemar }) => shown(mcnemar?.onlyCandidate, String)],
      ["McNemar's p", ({ mcnemar }) => shown(mcnemar?.p, chance)],
      ["Tokens generated, relative", ({ overhead }) => shown(overhead, ratio)],
    ]),
    ...(measured.length === 0
      ? []
      : [
          tableOf(measured, [
            ["Arm", ({ pair }) => pair.candidate],
            ["Speed-up in", ({ unit }) => unit],
            ["Samples", ({ samples }) => samples],
            ["Ratio of means", ({ speedUp }) => bounded(speedUp.ratioOfMeans, ratio)],
            ["Geometric mean", ({ speedUp }) => bounded(speedUp.geometricMean, ratio)],
            ["The paper's mean of ratios", ({ speedUp }) => bounded(speedUp.meanOfRatios, ratio)],
            ["Problems slower", ({ speedUp }) => percent(speedUp.slower)],
            ["Problems", ({ speedUp }) => problemsOf(speedUp)],
          ]),
        ]),
    ...pairs.flatMap((pair) => leftOut(pair, sides)),
  ];
}

function measuresOf(pair: PairSummary): Measured[] {
  const rows = [
    { unit: "critical-path tokens", samples: "all", speedUp: pair.criticalPath.all },
    { unit: "critical-path tokens", samples: "both right", speedUp: pair.criticalPath.bothRight },
    { unit: "milliseconds", samples: "all", speedUp: pair.milliseconds.all },
    { unit: "milliseconds", samples: "both right", speedUp: pair.milliseconds.bothRight },
  ];
  return rows.flatMap(({ speedUp, ...row }) => (speedUp === undefined ? [] : [{ pair, ...row, speedUp }]));
}

function problemsOf({ problems, withoutLatency }: SpeedUpSummary): string {
  return withoutLatency === 0 ? `${problems}` : `${problems} (${withoutLatency} without a latency)`;
}

function leftOut({ candidate, onlyBaseline, onlyCandidate }: PairSummary, sides: Sides): Block[] {
  const said = (problems: readonly string[], where: string): Block[] =>
    problems.length === 0
      ? []
      : [
          textOf(
            `Problems that are left out for ${candidate}, because only ${where} has samples of them (${problems.length}):`,
          ),
          listOf(problems.map((problem) => ({ text: "", code: problem }))),
        ];
  return [...said(onlyBaseline, sides.baseline), ...said(onlyCandidate, sides.candidate)];
}
