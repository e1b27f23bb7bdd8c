import { ThreadweaverError } from "../../errors.ts";
import type { ThreadResult } from "../result.ts";

/** Makes a text of the results of the branches, in their order. Those that failed or were cut are among them. */
export type CombineFunction = (results: readonly ThreadResult[]) => string;

/** What makes a turn of results: a template or a function. Users read about it at `ForkOptions.join`. */
export type Combine = string | CombineFunction;

const placeholder = /\{([^{}]+)\}/g;

/** @throws `invalid_option` for a template in which no result has a place. */
export function checkTemplate(template: string, names: readonly string[]): void {
  const known = new Set(["results", ...names]);
  if ([...template.matchAll(placeholder)].some(([, name = ""]) => known.has(name))) return;
  const places = [...known].map((name) => `{${name}}`).join(", ");
  throw new ThreadweaverError(
    "invalid_option",
    `the template of combine has none of ${places}, so no result would be read: put one where the results belong`,
  );
}

/**
 * Puts results into a template. What else stands in braces stays as it is.
 *
 * @throws `invalid_option` for a template in which no result has a place.
 */
export function fillTemplate(template: string, results: readonly ThreadResult[]): string {
  checkTemplate(
    template,
    results.map(({ name }) => name),
  );
  const texts = new Map(results.map(({ name, text }) => [name, text.trim()]));
  const all = [...texts].map(([name, text]) => `${name}:\n${text}`).join("\n\n");
  // In one pass, since what a model wrote may look like a placeholder.
  return template.replaceAll(
    placeholder,
    (whole, name: string) => texts.get(name) ?? (name === "results" ? all : whole),
  );
}
