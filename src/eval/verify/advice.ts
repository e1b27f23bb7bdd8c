import type { ArmSummary, Summary } from "../summary/summary.ts";
import { comparisonsIn, type Compared, type Comparisons } from "./compared.ts";

/** Whether fork-join pays, and why. */
export interface Advice {
  /** `undecided`: the numbers do not show it either way. */
  readonly verdict: "use it" | "do not" | "undecided";
  /** What it follows from, in a few sentences. */
  readonly text: string;
}

/** The share of the baseline's right answers that may be lost. 60 problems on which nothing changes exclude a loss of 6 %. */
const tolerated = 0.1;
/** Where more answers than this share were cut by a limit, neither times nor accuracy are what they would be. */
const mostCut = 0.1;

/**
 * Says whether the first arm `fork-join` pays against the baseline, and against the arm `one-pass` where there is one. Only
 * what a 95 % interval shows counts. To use it is advised where it is faster than each of them, and a loss of more than a
 * tenth of the right answers is excluded.
 */
export function adviseOn(summary: Summary): Advice {
  const found = comparisonsIn(summary);
  if (found === undefined) return undecided("there are too few samples of fork-join and of its baseline to compare.");
  const { forkJoin } = found;
  const model = summary.header.endpoints.find(({ name }) => name === forkJoin.endpoint)?.model ?? "the model";
  const { activation = 0 } = forkJoin.parallelism;
  if (activation === 0) {
    const answers = `${model} started no thread in ${forkJoin.samples} answers`;
    return doNot(`${answers}, so there is nothing to run side by side.`);
  }
  const { verdict, text } = weigh(found);
  const few = `Only ${percent(activation)} of its answers forked; the others gain nothing from threads.`;
  return { verdict, text: activation < 0.5 ? `${text} ${few}` : text };
}

function weigh({ forkJoin, against }: Comparisons): Advice {
  const [first] = against;
  const cut = [forkJoin, ...against.map(({ baseline }) => baseline)].filter((arm) => cutIn(arm) > mostCut);
  if (cut.length > 0) {
    const shares = cut.map((arm) => `${percent(cutIn(arm))} of the answers of ${arm.name}`);
    return undecided(`a limit cut ${shares.join(" and ")}. Raise it, so that whole answers are compared.`);
  }
  if (rightIn(first.baseline) === 0 && rightIn(forkJoin) === 0)
    return undecided(`neither ${first.baseline.name} nor fork-join has a right answer. Take easier problems.`);

  const loses = against.find(({ difference }) => difference.interval.high < 0);
  if (loses !== undefined) return doNot(`fork-join is right less often. ${accuracy(loses)}`);

  // A baseline that is fast because it is wrong is none to beat.
  const rivals = against.filter((one) => one === first || one.difference.interval.low <= 0);
  const slower = rivals.find(({ speed }) => speed.interval.high < 1);
  if (slower !== undefined)
    return doNot(`${time(slower)}${whySlower(slower)}. ${accuracy(slower)}${byFormat(slower, first)}`);
  const unclear = rivals.find(({ speed }) => speed.interval.low <= 1);
  if (unclear !== undefined) {
    const shown = `${time(unclear)}, so no difference is shown. ${accuracy(unclear)}${byFormat(unclear, first)}`;
    return undecided(`${shown} ${moreTells}`);
  }

  const fastest = rivals.reduce((one, other) => (other.speed.value < one.speed.value ? other : one));
  const risky = rivals.find(({ baseline, difference }) => -difference.interval.low > tolerated * rightIn(baseline));
  if (risky === undefined) return { verdict: "use it", text: `Use it: ${time(fastest)}. ${accuracy(fastest)}` };
  const loss = `a loss of up to ${inPoints(-risky.difference.interval.low)} points is not excluded`;
  const tooMuch = "more than a tenth of the right answers";
  return undecided(`${time(fastest)}, but ${loss}, ${tooMuch}. ${accuracy(risky)} ${moreTells}`);
}

const moreTells = "More problems would tell.";

function undecided(why: string): Advice {
  return { verdict: "undecided", text: `Cannot be decided: ${why}` };
}

function doNot(why: string): Advice {
  return { verdict: "do not", text: `Do not: ${why}` };
}

function time({ baseline, speed: { value, interval } }: Compared): string {
  const [ratio, low, high] =
    value < 1 ? [1 / value, 1 / interval.high, 1 / interval.low] : [value, interval.low, interval.high];
  const how = value < 1 ? "take" : "come";
  const as = value < 1 ? "as long as" : "as fast as";
  return `answers ${how} ${ratio.toFixed(2)} times ${as} with ${baseline.name} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

function whySlower({ path }: Compared): string {
  if (path?.interval === undefined) return "";
  if (path.interval.low > 1)
    return `, although the critical path is ${path.value.toFixed(2)} times shorter: this server gains no time from requests side by side`;
  return path.interval.high < 1 ? ", and the critical path is longer too" : "";
}

/** What the threads gain cannot be more than what the format gains without them. */
function byFormat(rival: Compared, first: Compared): string {
  if (rival === first || first.speed.interval.low <= 1) return "";
  return ` Fork-join is faster than ${first.baseline.name}, but so is the format without threads.`;
}

function accuracy({ baseline, difference: { value, interval } }: Compared): string {
  const points = `${value > 0 ? "+" : ""}${inPoints(value)} points (${inPoints(interval.low)} to ${inPoints(interval.high)})`;
  return `Against ${baseline.name}, accuracy changes by ${points}.`;
}

const rightIn = ({ accuracy }: ArmSummary): number => accuracy?.value ?? 0;
const cutIn = ({ truncated }: ArmSummary): number => truncated.share ?? 0;
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
const inPoints = (share: number): string => (100 * share).toFixed(1);
