import { listOf, tableOf, textOf, type Block, type Section } from "../report/document.ts";
import { markdownOf } from "../report/markdown.ts";
import { amount, bounded, counts, percent, shown } from "../report/numbers.ts";
import { versusBlocks } from "../report/sections/versus.ts";
import type { Comparison } from "./compare.ts";

/**
 * A comparison as Markdown, escaped like a report.
 *
 * @experimental
 */
export function comparisonMarkdown(comparison: Comparison): string {
  const { pairs } = comparison;
  const sections: Section[] = [
    { title: "What differs in the settings", blocks: settingsBlocks(comparison) },
    { title: "Arms", blocks: armBlocks(comparison) },
    ...(pairs.length === 0
      ? []
      : [{ title: "B against A", blocks: versusBlocks(pairs, { baseline: "A", candidate: "B" }) }]),
  ];
  return markdownOf("Two evaluations, A and B", sections);
}

function settingsBlocks({ settings, sameProblems }: Comparison): Block[] {
  const warning = "The problems are not the same ones: those of one name may be different questions.";
  return [
    ...(sameProblems ? [] : [textOf(warning)]),
    settings.length === 0
      ? textOf("Nothing: both were made in the same way.")
      : tableOf(settings, [
          ["Setting", ({ field }) => field],
          ["A", ({ a }) => (a === undefined ? "–" : String(a))],
          ["B", ({ b }) => (b === undefined ? "–" : String(b))],
        ]),
  ];
}

function armBlocks({ arms }: Comparison): Block[] {
  const rows = arms.shared.flatMap(({ name, a, b }) => [
    { name, side: "A", ...a },
    { name, side: "B", ...b },
  ]);
  return [
    rows.length === 0
      ? textOf("No arm is in both, so nothing can be compared.")
      : tableOf(rows, [
          ["Arm", ({ name }) => name],
          ["Of", ({ side }) => side],
          ["Problems", ({ problems }) => `${problems}`],
          ["Samples", ({ samples }) => `${samples}`],
          ["Accuracy", ({ accuracy }) => bounded(accuracy, percent)],
          ["Critical path, tokens", ({ criticalPath }) => bounded(criticalPath, amount)],
          ["Cut by a limit", ({ truncated }) => shown(truncated.share, percent)],
          ["With a cut thread", ({ cutThreads }) => shown(cutThreads.share, percent)],
          ["Failed", ({ failures }) => counts(failures) ?? "0"],
        ]),
    ...only("A", arms.onlyA),
    ...only("B", arms.onlyB),
  ];
}

function only(side: string, names: readonly string[]): Block[] {
  if (names.length === 0) return [];
  return [textOf(`Arms that only ${side} has:`), listOf(names.map((code) => ({ text: "", code })))];
}
