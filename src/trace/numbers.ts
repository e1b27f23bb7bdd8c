import * as z from "zod";

/** A number as lines have it: what JSON cannot say is a string. */
export type JsonNumber = number | "Infinity" | "-Infinity" | "NaN";

export const jsonNumberSchema = z.union([z.number(), z.enum(["Infinity", "-Infinity", "NaN"])]);

export function numberFrom(value: JsonNumber): number {
  return typeof value === "number" ? value : Number(value);
}
