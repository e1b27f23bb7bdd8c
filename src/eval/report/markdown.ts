import { visible } from "../../visible.ts";
import type { Summary } from "../summary/summary.ts";
import { isOfNumbers, type Block, type Section, type Table } from "./document.ts";
import { sectionsOf, titleOf } from "./sections/sections.ts";

/**
 * A summary as Markdown with tables of GitHub's kind. Names and texts are escaped: none is ever markup or a link.
 *
 * @experimental
 */
export function markdownReport(summary: Summary): string {
  return markdownOf(titleOf(summary), sectionsOf(summary));
}

/** A document as Markdown. */
export function markdownOf(title: string, sections: readonly Section[]): string {
  const parts = sections.map((section) =>
    [`## ${escaped(section.title)}`, ...section.blocks.map(blockOf)].join("\n\n"),
  );
  return `${[`# ${escaped(title)}`, ...parts].join("\n\n")}\n`;
}

function blockOf(block: Block): string {
  if (block.kind === "text") return escaped(block.text);
  if (block.kind === "table") return tableOf(block);
  return block.items.map(({ text, code }) => `- ${[...wordsOf(text), ...codeOf(code)].join(" ")}`).join("\n");
}

function tableOf(table: Table): string {
  const { head, rows } = table;
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, column) => (isOfNumbers(table, column) ? "---:" : "---"));
  return [line(head.map(escaped)), line(rule), ...rows.map((cells) => line(cells.map(escaped)))].join("\n");
}

function wordsOf(text: string): string[] {
  return text === "" ? [] : [escaped(text)];
}

/** Between more backticks than any that are in it, nothing is markup. */
function codeOf(text: string | undefined): string[] {
  if (text === undefined) return [];
  const runs = text.match(/`+/g) ?? [];
  const fence = "`".repeat(1 + runs.reduce((most, run) => Math.max(most, run.length), 0));
  return [`${fence} ${visible(text)} ${fence}`];
}

/** One line of plain text: no markup, no table cell more, and no address that becomes a link. */
function escaped(text: string): string {
  return visible(text)
    .replaceAll(/[\\`*_[\]<>#|~&$]|(?<!\w)@|@(?=[\w-]+\.)/g, String.raw`\$&`)
    .replaceAll(/:(?=\/\/)/g, String.raw`\:`)
    .replaceAll(/www\./gi, (word) => `${word.slice(0, -1)}\\.`);
}
