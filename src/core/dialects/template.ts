import { ThreadweaverError } from "../../errors.ts";
import type { Dialect, View } from "./schema.ts";

const placeholder = /\{([a-z]+)\}/g;

/** The names of a template's placeholders, such as `id`. */
export function placeholders(template: string): string[] {
  return [...template.matchAll(placeholder)].map((match) => match[1] ?? "");
}

/** Replaces the placeholders of a template. One without a value stays as it is. */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(placeholder, (whole, name: string) => values[name] ?? whole);
}

/** Applies a template, or a named function of the dialect. */
export function render(dialect: Dialect, what: string | { fn: string }, view: View): string | undefined {
  return typeof what === "string" ? fill(what, view.captures) : callFunction(dialect, what.fn, view);
}

/**
 * Calls a dialect's function. Throws `invalid_dialect`, with the function's name, if it throws or does not return a
 * string.
 */
export function callFunction({ name, functions }: Dialect, fn: string, view: View): string | undefined {
  const called = `the function ${fn} of dialect ${name}`;
  let value: unknown;
  try {
    value = functions?.[fn]?.(view);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ThreadweaverError("invalid_dialect", `${called} threw: ${message}`, { cause });
  }
  if (value === undefined || typeof value === "string") return value;
  const isThenable = typeof value === "object" && value !== null && "then" in value;
  const found = isThenable ? "a promise" : value === null ? "null" : typeof value;
  throw new ThreadweaverError(
    "invalid_dialect",
    `${called} returned ${found}: it must return a string, or undefined for nothing`,
  );
}
