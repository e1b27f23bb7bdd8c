import type { ArmSummary, OfSamples, Summary } from "../../summary/summary.ts";
import { tableOf, textOf, type Section } from "../document.ts";
import { bounded, counts, percent, shown, withError } from "../numbers.ts";

export function accuracySection({ arms }: Summary): Section {
  const ks = arms.flatMap((arm) => arm.ofSamples.filter(({ k }) => k > 1).map((of) => ({ arm, of })));
  return {
    title: "Accuracy",
    blocks: [
      textOf(
        "The mean over problems of the mean over a problem's samples, with a 95 % interval (Wilson) for problems drawn anew.",
        "The error of a repetition is the standard error if the same problems were sampled again.",
        "Samples without an answer and cut samples count as they were graded; failed ones are missing.",
      ),
      tableOf(arms, [
        ["Arm", ({ name }) => name],
        ["Problems", ({ problems }) => `${problems}`],
        ["Samples", ({ samples, planned }) => (samples === planned ? `${samples}` : `${samples} of ${planned}`)],
        ["Accuracy", ({ accuracy }) => bounded(accuracy, percent)],
        ["Standard error", ({ accuracy }) => shown(accuracy?.standardError.population, percent)],
        ["Error of a repetition", ({ accuracy }) => shown(accuracy?.standardError.sameProblems, percent)],
        ["Cut by a limit", ({ truncated }) => shown(truncated.share, percent)],
        ["With a cut thread", ({ cutThreads }) => shown(cutThreads.share, percent)],
        ["No answer", ({ answers, samples }) => (samples === 0 ? undefined : percent(answers.none.count / samples))],
        ["Not decided", ({ answers }) => `${answers.undecided.count}`],
        ["Failed", failed],
      ]),
      ...(ks.length === 0
        ? []
        : [
            textOf("What k samples are worth: one of them right, all of them right, and their vote right."),
            tableOf(ks, [
              ["Arm", ({ arm }) => arm.name],
              ["k", ({ of }) => `${of.k}`],
              ["pass@k", ({ of }) => estimate(of.pass)],
              ["pass^k", ({ of }) => estimate(of.all)],
              ["maj@k", ({ of }) => estimate(of.majority)],
              ["Problems", ({ of }) => `${of.pass.problems}`],
            ]),
          ]),
    ],
  };
}

function estimate({ value, standardError }: OfSamples["pass"]): string {
  return withError(value, standardError);
}

function failed({ failures, recovered }: ArmSummary): string {
  const now = counts(failures) ?? "0";
  return recovered === 0 ? now : `${now} (${recovered} made again)`;
}
