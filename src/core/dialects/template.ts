import type { Dialect, View } from "./schema.ts";

const placeholder = /\{([a-z]+)\}/g;

/** The placeholders of a template: `{id}`, `{index}` (from 1), `{return}` and whatever the plan's pattern captures. */
export function placeholders(template: string): string[] {
  return [...template.matchAll(placeholder)].map((match) => match[1] ?? "");
}

export function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(placeholder, (whole, name: string) => values[name] ?? whole);
}

/** A template or a named function of the dialect, applied. */
export function render(dialect: Dialect, what: string | { fn: string }, view: View): string | undefined {
  return typeof what === "string" ? fill(what, view.captures) : dialect.functions?.[what.fn]?.(view);
}
