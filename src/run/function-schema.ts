import * as z from "zod";
import { describe } from "./input.ts";

/** A function, told by what was given instead. */
export function functionSchema<F>(): z.ZodType<F> {
  return z.custom<F>(isFunction, { error: said("a function") });
}

/** The error of a value that is something else. */
export function said(expected: string): (issue: { input: unknown }) => string {
  return ({ input }) => `must be ${expected}, not ${describe(input)}`;
}

export function isFunction(value: unknown): boolean {
  return typeof value === "function";
}
