import type { Summary } from "../summary/summary.ts";
import type { PairSummary } from "../summary/pair-summary.ts";
import type { Bounded, Interval } from "../statistics/interval.ts";

/** Whether fork-join pays, and why. */
export interface Advice {
  /** `undecided`: the numbers do not show it either way. */
  readonly verdict: "use it" | "do not" | "undecided";
  /** One sentence that follows from the numbers. */
  readonly sentence: string;
}

/** Says whether the arm `fork-join` pays against the baseline. A difference counts where its 95 % interval shows it. */
export function adviseOn(summary: Summary): Advice {
  const arm = summary.arms.find(({ kind }) => kind === "fork-join");
  const pair = summary.pairs.find(({ candidate }) => candidate === arm?.name);
  const difference = pair?.difference?.interval;
  const wall = pair?.milliseconds.all?.ratioOfMeans;
  if (arm === undefined || pair === undefined || difference === undefined || wall?.interval === undefined)
    return { verdict: "undecided", sentence: "There are too few samples of fork-join and of its baseline to compare." };
  const model = summary.header.endpoints.find(({ name }) => name === arm.endpoint)?.model ?? "the model";
  if (arm.parallelism.activation === 0)
    return {
      verdict: "do not",
      sentence: `Do not: ${model} started no thread in ${arm.samples} answers, so there is nothing to run side by side.`,
    };
  const measured = { pair, difference, wall, interval: wall.interval };
  if (difference.high < 0)
    return {
      verdict: "do not",
      sentence: `Do not: fork-join costs accuracy, ${points(pair)} ${inPoints(difference)}.`,
    };
  if (wall.interval.low > 1) return { verdict: "use it", sentence: useIt(measured) };
  if (wall.interval.high < 1) return { verdict: "do not", sentence: slower(measured) };
  return { verdict: "undecided", sentence: undecided(measured) };
}

interface Measured {
  readonly pair: PairSummary;
  readonly difference: Interval;
  readonly wall: Bounded;
  readonly interval: Interval;
}

function useIt({ pair, difference, wall, interval }: Measured): string {
  const right =
    difference.low > 0
      ? `and more of them are right, ${points(pair)} ${inPoints(difference)}`
      : `and no loss of accuracy is shown (${points(pair)} ${inPoints(difference)})`;
  return `Use it: answers come ${times(wall.value)} faster by the clock ${between(interval)}, ${right}.`;
}

function slower({ pair, wall, interval }: Measured): string {
  const inverse = { ...interval, low: 1 / interval.high, high: 1 / interval.low };
  const path = pair.criticalPath.all?.ratioOfMeans;
  const why =
    path?.interval !== undefined && path.interval.low > 1
      ? `although the critical path is ${times(path.value)} shorter: this server gains no time from requests side by side`
      : "and the critical path is not shorter either";
  return `Do not: answers take ${times(1 / wall.value)} longer by the clock ${between(inverse)}, ${why}.`;
}

function undecided({ pair, wall, interval, difference }: Measured): string {
  const path = pair.criticalPath.all?.ratioOfMeans;
  const steps = path === undefined ? "" : `, the critical path ${times(path.value)}`;
  return (
    `No difference is shown: answers come ${times(wall.value)} faster by the clock ${between(interval)}${steps}, and accuracy ` +
    `changes by ${points(pair)} ${inPoints(difference)}; more problems or samples would tell.`
  );
}

const times = (ratio: number): string => `${ratio.toFixed(2)} times`;
const between = ({ low, high }: Interval): string => `(${low.toFixed(2)} to ${high.toFixed(2)})`;
const points = ({ difference }: PairSummary): string => {
  const value = 100 * (difference?.value ?? 0);
  return `${value > 0 ? "+" : ""}${value.toFixed(1)} points`;
};
const inPoints = ({ low, high }: Interval): string => `(${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
