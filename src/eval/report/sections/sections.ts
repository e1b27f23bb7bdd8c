import type { Summary } from "../../summary/summary.ts";
import type { Section } from "../document.ts";
import { accuracySection } from "./accuracy.ts";
import { answersSection } from "./answers.ts";
import { settingsSection } from "./settings.ts";
import { versusBlocks } from "./versus.ts";
import { latencySection, parallelismSection, tokensSection } from "./work.ts";

/** All that a report says, in the order in which it is read. */
export function sectionsOf(summary: Summary): Section[] {
  const { pairs, baseline, header } = summary;
  return [
    accuracySection(summary),
    ...(pairs.length === 0
      ? []
      : [
          {
            title: `Against ${baseline}`,
            blocks: versusBlocks(pairs, { baseline: "the baseline", candidate: "this arm" }),
          },
        ]),
    latencySection(summary),
    tokensSection(summary),
    parallelismSection(summary),
    answersSection(summary),
    settingsSection(header),
  ];
}

export function titleOf({ header }: Summary): string {
  return `Evaluation: ${header.dataset.name}, ${header.protocol.name}`;
}
