import { drawReplicas, type Bootstrap, type Row } from "./bootstrap.ts";
import { normalCdf, normalQuantile, studentQuantile } from "./distributions.ts";
import { mean, quantile, standardErrorOf } from "./moments.ts";
import { checkWhole, refuse } from "./refuse.ts";
import { seededRandom, type Random } from "./random.ts";

/**
 * How a 95 % interval of latencies is made. `"t"`: Student's t on what each problem adds, on logarithms. `"percentile"`:
 * percentiles of a bootstrap over problems. `"bca"`: the same, corrected for bias and skew. `"two-stage"`: percentiles of a bootstrap that also draws the
 * samples inside each problem anew; it counts the sampling noise twice, so it covers more than 95 %.
 */
export type IntervalMethod = "t" | "percentile" | "bca" | "two-stage";

/** A 95 % interval, for problems drawn anew. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  /** Of an accuracy it is `wilson`, of a difference in accuracy `tango`: see docs/evaluation.md. */
  readonly method: IntervalMethod | "wilson" | "tango";
}

/** How intervals of latencies are made. */
export interface IntervalOptions {
  /** @defaultValue `"t"` for up to 40 problems, where percentiles cover less than 93 %; else `"percentile"` */
  readonly method?: IntervalMethod | undefined;
  /** How many times a bootstrap draws, from 100 to 1,000,000. @defaultValue 10,000 */
  readonly replicas?: number | undefined;
  /** Where a bootstrap takes its chance from. @defaultValue a generator with a fixed seed, so the same data give the same interval */
  readonly random?: Random | undefined;
}

/** A latency or a ratio that follows from the means of what each problem gives. */
export interface Statistic {
  of(means: Row): number;
  /** How far one problem pulls its logarithm away from where it is: ratios are symmetric there, so `t` is used there. */
  influence(row: Row, means: Row): number;
}

/** Of up to so many problems, `t` is the default. */
const fewProblems = 40;
const tails = [0.025, 0.975] as const;
const methods: readonly string[] = ["t", "percentile", "bca", "two-stage"] satisfies IntervalMethod[];

/** A number with its interval. */
export interface Bounded {
  readonly value: number;
  /** `undefined` for one problem. */
  readonly interval: Interval | undefined;
}

/**
 * Gives statistics of the same problems their values and intervals, all from one bootstrap.
 *
 * @throws `invalid_option` if an option cannot be used.
 */
export function createEstimator(problems: Bootstrap, options: IntervalOptions): (statistic: Statistic) => Bounded {
  const { rows } = problems;
  const { replicas = 10_000, random = seededRandom(1) } = options;
  const method = options.method ?? (rows.length <= fewProblems ? "t" : "percentile");
  const remedy = "Choose a method, or leave the option out.";
  if (!methods.includes(method)) refuse("method", method, `one of ${methods.join(", ")}`, remedy);
  checkWhole("replicas", replicas, 100, 1_000_000);

  const means = meanRow(rows);
  if (rows.length < 2) return (statistic) => ({ value: statistic.of(means), interval: undefined });
  const drawn = method === "t" ? [] : drawReplicas(problems, { replicas, random, samplesToo: method === "two-stage" });
  return (statistic) => {
    const [low, high] =
      method === "t" ? studentInterval(statistic, rows, means) : bootstrapInterval(statistic, rows, drawn, method);
    return { value: statistic.of(means), interval: { low, high, method } };
  };
}

function studentInterval(statistic: Statistic, rows: readonly Row[], means: Row): [number, number] {
  const value = statistic.of(means);
  const error = standardErrorOf(rows.map((row) => statistic.influence(row, means))) ?? 0;
  const reach = studentQuantile(0.975, rows.length - 1) * error;
  return [value * Math.exp(-reach), value * Math.exp(reach)];
}

function bootstrapInterval(
  statistic: Statistic,
  rows: readonly Row[],
  drawn: readonly Row[],
  method: IntervalMethod,
): [number, number] {
  const sorted = Float64Array.from(drawn, (means) => statistic.of(means)).toSorted();
  const [low, high] = method === "bca" ? correctedTails(statistic, rows, sorted) : tails;
  return [quantile(sorted, low), quantile(sorted, high)];
}

/** Which percentiles stand for 2.5 and 97.5 %: BCa of Efron (1987), its acceleration by leaving out one problem at a time. */
function correctedTails(statistic: Statistic, rows: readonly Row[], sorted: Float64Array): [number, number] {
  const means = meanRow(rows);
  const value = statistic.of(means);
  const below = sorted.reduce((count, drawn) => count + (drawn < value ? 1 : drawn === value ? 0.5 : 0), 0);
  const edge = 0.5 / sorted.length;
  const bias = normalQuantile(Math.min(1 - edge, Math.max(edge, below / sorted.length)));

  const count = rows.length;
  const without = rows.map((row) =>
    statistic.of(means.map((average, i) => (average * count - (row[i] ?? 0)) / (count - 1))),
  );
  const center = mean(without);
  const squares = without.reduce((sum, left) => sum + (center - left) ** 2, 0);
  const cubes = without.reduce((sum, left) => sum + (center - left) ** 3, 0);
  const acceleration = squares === 0 ? 0 : cubes / (6 * squares ** 1.5);

  const corrected = (tail: number): number => {
    const shifted = bias + normalQuantile(tail);
    return normalCdf(bias + shifted / (1 - acceleration * shifted));
  };
  return [corrected(tails[0]), corrected(tails[1])];
}

function meanRow(rows: readonly Row[]): number[] {
  const columns = rows[0]?.length ?? 0;
  return Array.from({ length: columns }, (_, i) => mean(rows.map((row) => row[i] ?? 0)));
}
