import { createHash } from "node:crypto";
import type { Summary } from "../../summary/summary.ts";
import { isOfNumbers, type Block, type Section, type Table } from "../document.ts";
import { sectionsOf, titleOf } from "../sections/sections.ts";
import { markup, Markup } from "./markup.ts";
import { paretoFigure } from "./pareto.ts";
import { speedUpFigure } from "./speed-ups.ts";
import { stackedFigures } from "./stacked.ts";
import { style } from "./style.ts";

/**
 * A summary as one page without scripts that loads nothing: tables and plots. Names and texts are escaped, and the page's own
 * policy forbids whatever would get through.
 *
 * @experimental
 */
export function htmlReport(summary: Summary): string {
  const { arms, pairs } = summary;
  const plots = [
    ...paretoFigure(arms, "criticalPath"),
    ...paretoFigure(arms, "milliseconds"),
    ...pairs.flatMap((pair) =>
      speedUpFigure(
        pair,
        arms.findIndex(({ name }) => name === pair.candidate),
      ),
    ),
    ...stackedFigures(arms),
  ];
  return htmlOf(titleOf(summary), plots, sectionsOf(summary));
}

/** A document as a page, with its plots above it. */
export function htmlOf(title: string, plots: readonly Markup[], sections: readonly Section[]): string {
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<h1>${title}</h1>
<div class="plots">${plots}</div>
${sections.map(sectionOf)}
</body>
</html>
`;
  return page.text;
}

const policy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; base-uri 'none'; form-action 'none'`;

function sectionOf({ title, blocks }: Section): Markup {
  return markup`<section><h2>${title}</h2>
${blocks.map(blockOf)}</section>
`;
}

function blockOf(block: Block): Markup {
  if (block.kind === "text") return markup`<p>${block.text}</p>\n`;
  if (block.kind === "table") return tableOf(block);
  const items = block.items.map(({ text, code }) => {
    const shown = code === undefined ? "" : markup` <code>${code}</code>`;
    return markup`<li>${text}${shown}</li>\n`;
  });
  return markup`<ul>${items}</ul>\n`;
}

function tableOf(table: Table): Markup {
  const kinds = table.head.map((_, column) => (isOfNumbers(table, column) ? "number" : "words"));
  const head = table.head.map((cell, column) => markup`<th class="${kinds[column] ?? ""}">${cell}</th>`);
  const rows = table.rows.map((cells) => {
    const row = cells.map((cell, column) => markup`<td class="${kinds[column] ?? ""}">${cell}</td>`);
    return markup`<tr>${row}</tr>\n`;
  });
  return markup`<div class="scroll"><table><thead><tr>${head}</tr></thead>
<tbody>${rows}</tbody></table></div>
`;
}
