import * as z from "zod";

/** A number that JSON may not have: log-probabilities can be infinite, and `-0` is not `0`. */
export type JsonNumber = number | "Infinity" | "-Infinity" | "NaN";

export const jsonNumberSchema = z.union([z.number(), z.enum(["Infinity", "-Infinity", "NaN"])]);

/** Written so that reading it gives exactly this number. */
export function numberText(n: number): string {
  if (n === 0) return Object.is(n, -0) ? "-0" : "0";
  return Number.isFinite(n) ? `${n}` : `"${n}"`;
}

export function numberFrom(value: JsonNumber): number {
  return typeof value === "number" ? value : Number(value);
}
