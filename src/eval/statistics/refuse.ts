import { ThreadweaverError } from "../../errors.ts";

/** @throws `invalid_option` that says where, what is there, what was expected and what to do. */
export function refuse(place: string, value: unknown, expected: string, remedy: string): never {
  const shown = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  const found = shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
  throw new ThreadweaverError("invalid_option", `${place} is ${found}: expected ${expected}. ${remedy}`);
}

/** @throws `invalid_option` if it is no whole number in the range. */
export function checkWhole(place: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  refuse(place, value, `a whole number from ${least} to ${most}`, "Give another number.");
}
