import type { ArmSummary, Summary } from "../../eval/summary/summary.ts";
import type { Bounded, Interval } from "../../eval/statistics/interval.ts";
import type { PairSummary } from "../../eval/summary/pair-summary.ts";
import { aligned } from "./aligned.ts";
import { counted } from "./describe.ts";

/** The arms of a summary side by side, and what each gains on the baseline. */
export function verifyTable({ arms, pairs, baseline, header }: Summary): string {
  const rows = arms.map((arm) => {
    const pair = pairs.find(({ candidate }) => candidate === arm.name);
    const [path, wall] = [pair?.criticalPath.all?.ratioOfMeans, pair?.milliseconds.all?.ratioOfMeans];
    return [
      arm.name,
      `${percent(arm.accuracy?.value)}${within(arm)}`,
      shown(arm.tokens?.criticalPath, 0),
      shown(arm.tokens?.generated, 0),
      shown(arm.wallClock && arm.wallClock.median / 1000, 2),
      percent(arm.parallelism.activation),
      ...(arm.name === baseline ? ["", ""] : [ratio(path), ratio(wall)]),
    ];
  });
  const head = ["", "right", "steps", "tokens", "seconds", "forked", "fewer steps", "less time"];
  const notes = [
    "Steps are the tokens on the critical path, a sample in the mean; seconds are the median.",
    "In brackets behind a share of right answers stands its 95 % interval.",
    ...pairs.flatMap(intervalsOf),
    ...arms.flatMap(notesOn),
  ];
  const { concurrency, dataset, protocol } = header;
  const limit = protocol.limit === undefined ? "" : `, at most ${protocol.limit.tokens} tokens (${protocol.limit.of})`;
  const samples = counted(protocol.samples, "sample");
  const what = `${counted(dataset.problems, "problem")}, ${samples} each${limit}, ${concurrency} at once, on ${serverOf(header)}`;
  return [what, "", ...aligned([head, ...rows]), "", ...notes, ""].join("\n");
}

function serverOf({ endpoints }: Summary["header"]): string {
  return endpoints
    .map(({ model, engine, server, version }) =>
      [model, "at", engine, ...(server ? [`(${server} ${version ?? ""})`] : [])].join(" "),
    )
    .join("; ");
}

/** What a table of means would hide. */
function notesOn({ name, truncated, cutThreads, failures, answers }: ArmSummary): string[] {
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
  return [
    ...(truncated.count > 0
      ? [`${name}: ${counted(truncated.count, "sample")} ran out of tokens, so would have been longer.`]
      : []),
    ...(cutThreads.count > 0 ? [`${name}: ${counted(cutThreads.count, "sample")} had a thread that a limit cut.`] : []),
    ...(failed > 0 ? [`${name}: ${counted(failed, "sample")} failed, and counted nowhere.`] : []),
    ...(answers.none.count > 0
      ? [`${name}: ${counted(answers.none.count, "sample")} without an answer counted as wrong.`]
      : []),
    ...(answers.undecided.count > 0
      ? [`${name}: ${counted(answers.undecided.count, "answer")} could not be read.`]
      : []),
  ];
}

const shown = (value: number | undefined, decimals: number): string => value?.toFixed(decimals) ?? "";
const percent = (share: number | undefined): string => (share === undefined ? "" : `${(100 * share).toFixed(0)} %`);

function within({ accuracy }: ArmSummary): string {
  const interval = accuracy?.interval;
  return interval === undefined ? "" : ` (${(100 * interval.low).toFixed(0)} to ${(100 * interval.high).toFixed(0)})`;
}

function ratio(bounded: Bounded | undefined): string {
  return bounded === undefined ? "" : `${bounded.value.toFixed(2)}x`;
}

function intervalsOf({ candidate, criticalPath, milliseconds }: PairSummary): string[] {
  const [steps, time] = [criticalPath.all?.ratioOfMeans.interval, milliseconds.all?.ratioOfMeans.interval];
  if (steps === undefined || time === undefined) return [];
  const between = ({ low, high }: Interval): string => `${low.toFixed(2)} to ${high.toFixed(2)}`;
  return [`${candidate}: fewer steps ${between(steps)}, less time ${between(time)} (95 % intervals).`];
}
