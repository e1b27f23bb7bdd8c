import { complex, type Complex } from "./complex.ts";
import type { Expression } from "./expression.ts";
import { some } from "./expression.ts";

/**
 * What letters stand for when expressions are compared at points. `positive`: as in most answers, so that the root of x² is x;
 * at the last point they are complex, near the real axis. `signed`: real, of both signs, where there is a |…|. `wide`: from
 * 1 to 100, where there is a floor or a ceiling, which are constant between whole numbers.
 */
export type Letters = "positive" | "signed" | "wide";

const few = [0, 1, 2, 3, 4];
const many = Array.from({ length: 16 }, (_, index) => index);

export function pointsOf(letters: Letters): readonly number[] {
  return letters === "positive" ? few : many;
}

export function lettersFor(expression: Expression): Letters {
  const has = (...names: string[]): boolean =>
    some(expression, (part) => part.op === "function" && names.includes(part.name));
  if (has("floor", "ceil")) return "wide";
  return has("abs") ? "signed" : "positive";
}

export function letterValue(name: string, index: number, letters: Letters): Complex {
  const chance = hash(`${name}#${index}`);
  if (letters === "wide") return complex(Math.exp(4.6 * chance));
  const value = 0.6 + 1.9 * chance;
  if (letters === "signed") return complex(hash(`${name}±${index}`) < 0.5 ? -value : value);
  return index === few.length - 1 ? complex(value, 0.3 * hash(`${name}i`)) : complex(value);
}

/** Always the same number from 0 to 1 for a text (FNV-1a, then mixed). */
export function hash(text: string): number {
  let state = 0x811c9dc5;
  for (const character of text) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
  state = Math.imul(state ^ (state >>> 12), 0x297a2d39);
  return ((state ^ (state >>> 15)) >>> 0) / 0x1_0000_0000;
}
