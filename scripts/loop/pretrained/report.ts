import type { Section } from "../../../src/eval/report/document.ts";
import type { Asked } from "./answers.ts";

/** How often one engine forked, as a table. */
export function sectionOf(title: string, asked: readonly Asked[]): Section {
  const groups = {
    "made, several parts": asked.filter(({ kind, parts }) => kind === "made" && parts !== 0),
    "made, one part": asked.filter(({ kind, parts }) => kind === "made" && parts === 0),
    "everyday, several parts": asked.filter(({ kind, parts }) => kind === "everyday" && parts !== 0),
    "everyday, one part": asked.filter(({ kind, parts }) => kind === "everyday" && parts === 0),
  };
  const head = ["questions", "asked", "forked", "a thread for each part", "well formed", "tokens by critical path"];
  const rows = Object.entries(groups).map(([name, some]) => {
    const count = (is: (one: Asked) => boolean): string => `${some.filter(is).length}`;
    const total = (of: (one: Asked) => number): number => some.reduce((sum, one) => sum + of(one), 0);
    const ratio = total(({ generated }) => generated) / total(({ criticalPath }) => criticalPath);
    return [
      name,
      `${some.length}`,
      count(({ threads }) => threads > 0),
      some.some(({ parts }) => parts === undefined) ? "" : count(({ threads, parts }) => threads === parts),
      count(({ isFormed }) => isFormed),
      Number.isNaN(ratio) ? "" : ratio.toFixed(3),
    ];
  });
  return { title, blocks: [{ kind: "table", head, rows }] };
}
