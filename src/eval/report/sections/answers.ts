import type { ArmSummary, Summary } from "../../summary/summary.ts";
import { listOf, textOf, type Block, type Section } from "../document.ts";
import { counts } from "../numbers.ts";

/** What a person should look at before the accuracy is believed. */
export function answersSection({ arms }: Summary): Section {
  const blocks = arms.flatMap(doubtsOf);
  const nothing = "Every sample has an answer, and the grader decided about every one of them.";
  return { title: "Answers to look at", blocks: blocks.length === 0 ? [textOf(nothing)] : blocks };
}

function doubtsOf({ name, answers }: ArmSummary): Block[] {
  const { none, undecided, uncompared } = answers;
  const missing = textOf(`Samples of ${name} without an answer: ${none.count} (${counts(none.why) ?? ""}).`);
  const doubtful = textOf(
    `Answers of ${name} that the grader could not read or decide: ${undecided.count}.`,
    undecided.count > undecided.first.length ? `The summary has the first ${undecided.first.length}.` : undefined,
  );
  const items = undecided.first.map(({ problem, sample, answer, decided }) => ({
    text: `Problem ${problem}, sample ${sample}, ${decided}:`,
    code: answer,
  }));
  const apart = textOf(
    `Different wrong answers of ${name} that were not compared with all others of their problem: ${uncompared}.`,
    "Equal ones may count as several, so maj@k may be a little too high.",
  );
  return [
    ...(none.count === 0 ? [] : [missing]),
    ...(undecided.count === 0 ? [] : [doubtful, listOf(items)]),
    ...(uncompared === 0 ? [] : [apart]),
  ];
}
