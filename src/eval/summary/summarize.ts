import { policies, type PolicyName } from "../../grade/presets.ts";
import type { Policy } from "../../grade/policy.ts";
import type { Header } from "../ledger/header.ts";
import type { Sample, SampleFailure } from "../ledger/sample.ts";
import type { IntervalMethod, IntervalOptions } from "../statistics/interval.ts";
import { checkWhole, refuse } from "../statistics/refuse.ts";
import { ArmData } from "./arm-data.ts";
import { armSummary } from "./arm-summary.ts";
import { pairOf } from "./pair.ts";
import type { Summary } from "./summary.ts";

/** How numbers are made of samples. */
export interface SummaryOptions {
  /** The arm that the others are compared with. @defaultValue the first arm of kind `sequential`, else the first one */
  readonly baseline?: string | undefined;
  /**
   * When two answers to a problem are one vote.
   *
   * @defaultValue the policy of the protocol, or `default` where the protocol leaves grading to the dataset
   */
  readonly policyOf?: ((problem: string) => Policy | PolicyName) | undefined;
  /** Of latencies: those of scores are always by Wilson and Tango. */
  readonly intervals?: SummaryIntervals | undefined;
  /** Subsets that maj@k draws of a problem that has more, from 1 to 1,000,000. @defaultValue 1000 */
  readonly draws?: number | undefined;
}

/** How intervals of latencies are made. Samples are kept as means of their problems, so there is no `two-stage` here. */
export interface SummaryIntervals extends IntervalOptions {
  readonly method?: Exclude<IntervalMethod, "two-stage"> | undefined;
}

/**
 * The numbers of a ledger, in one pass. Texts are dropped: what is kept grows by 8 bytes a sample, and by sums and the
 * different wrong answers of each problem. The order of the samples does not matter, but for rounding.
 *
 * @throws `invalid_option` for a sample of an arm or a number that the header does not have, one that is there twice, or an option
 * that cannot be used.
 * @experimental
 */
export async function summarize(
  header: Header,
  samples: Iterable<Sample | SampleFailure> | AsyncIterable<Sample | SampleFailure>,
  options: SummaryOptions = {},
): Promise<Summary> {
  const { intervals = {}, draws = 1000, policyOf = () => gradingOf(header) } = options;
  const baseline = baselineOf(header, options.baseline);
  checkWhole("draws", draws, 1, 1_000_000);
  checkIntervals(intervals);
  const arms = new Map(header.arms.map(({ name }) => [name, new ArmData(header.protocol.samples)]));
  for await (const line of samples) {
    const arm = arms.get(line.arm);
    if (arm === undefined) {
      const names = header.arms.map(({ name }) => name).join(", ");
      const place = `the arm of sample ${line.sample} of problem ${JSON.stringify(line.problem)}`;
      refuse(place, line.arm, `one of the header's: ${names}`, "Give the header that these samples were made with.");
    }
    if (line.type === "failure") arm.fail(line);
    else arm.add(line);
  }
  const planned = header.dataset.problems * header.protocol.samples;
  const summaries = header.arms.map((info) =>
    armSummary(info, arms.get(info.name) ?? new ArmData(0), planned, { intervals, draws, policyOf }),
  );
  const first = summaries.find(({ name }) => name === baseline);
  return {
    type: "summary",
    version: 1,
    header,
    baseline,
    arms: summaries,
    pairs:
      first === undefined ? [] : summaries.filter((arm) => arm !== first).map((arm) => pairOf(first, arm, intervals)),
  };
}

/** @throws `invalid_option` for a method that needs single samples. */
export function checkIntervals({ method }: IntervalOptions): void {
  if (method === "two-stage") refuse("intervals.method", method, "t, percentile or bca", "Use speedUp for two-stage.");
}

/**
 * The name of the baseline.
 *
 * @throws `invalid_option` where the one that is wanted is no arm.
 */
export function baselineOf({ arms }: Pick<Header, "arms">, wanted: string | undefined): string {
  const found =
    wanted === undefined
      ? (arms.find(({ kind }) => kind === "sequential") ?? arms[0])
      : arms.find(({ name }) => name === wanted);
  if (found !== undefined) return found.name;
  const names = arms.map(({ name }) => name).join(", ");
  return refuse("baseline", wanted, `an arm of the ledger: ${names}`, "Choose one, or leave the option out.");
}

function gradingOf({ protocol }: Header): Policy {
  return policies[protocol.grading === "dataset" ? "default" : protocol.grading];
}
