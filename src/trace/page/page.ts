import { createHash } from "node:crypto";
import type { Shown } from "../timeline/shown.ts";
import { visible } from "../../visible.ts";
import { dataOf } from "./data.ts";
import { pageScript } from "./script.ts";
import { style } from "./style.ts";

/**
 * Runs as one page that loads nothing: its only script and its only style sheet are named by their digests, and no text
 * can become markup. It comes in parts, since texts may be long.
 *
 * @param runs one, or several to compare.
 */
export async function* timelinePage(runs: readonly Shown[]): AsyncGenerator<string> {
  const script = await pageScript();
  const title = escaped(runs.map(({ timeline }) => timeline.about.name).join(" | "));
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="threadweaver">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<noscript>This page draws its picture with a script of its own, and scripts are switched off here.</noscript>
<div id="page"></div>
`;
  for (const [run, shown] of runs.entries()) {
    for (const { id, json } of dataOf(shown, run))
      yield `<script type="application/json" id="${id}">${json}</script>\n`;
  }
  yield `<script>${script}</script>\n</body>\n</html>\n`;
}

function policyOf(script: string): string {
  return [
    "default-src 'none'",
    `script-src '${digest(script)}'`,
    `style-src '${digest(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "trusted-types 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
}

function digest(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function escaped(text: string): string {
  return visible(text).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
