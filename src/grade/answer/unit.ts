import type { Steps } from "../steps.ts";
import { fraction, inverse, multiply, one, power, type Rational } from "../value/rational.ts";
import { isSymbol, type Token } from "../read/token.ts";
import { unitTable } from "./unit-table.ts";

/** What an amount is measured in. */
export interface Unit {
  /** Its base units with their powers, in one spelling; empty for a bare count. */
  readonly dimension: string;
  /** How many of its base units it is. */
  readonly factor: Rational;
}

export const degreeUnit: Unit = { dimension: "degree^1", factor: one };

/** Words that only count or fill in. */
const fillers = new Set([
  "unit",
  "units",
  "of",
  "the",
  "a",
  "an",
  "total",
  "about",
  "square",
  "squared",
  "cubic",
  "cubed",
  "sq",
  "cu",
]);
const powers: Readonly<Record<string, number>> = { square: 2, sq: 2, squared: 2, cubic: 3, cu: 3, cubed: 3 };
const maxWords = 12;
/** More words that no table has are a sentence; and these hold a second answer, or take the first one back. */
const maxUnknown = 3;
const hedges = new Set(["or", "and", "not", "but", "either", "maybe", "perhaps", "unless", "if"]);

/** Reads `cm^2`, `m/s`, `dollars per hour` or any other words; undefined for what cannot be a unit. */
export function readUnit(tokens: readonly Token[], steps: Steps): Unit | undefined {
  const parts = partsOf(tokens);
  if (parts === undefined || parts.length > maxWords) return undefined;
  const dimensions = new Map<string, number>();
  let factor: Rational | undefined = one;
  let below = false;
  let raise = 1;
  let unknown = 0;
  for (const [index, part] of parts.entries()) {
    if (part === "/" || part === "per") below = true;
    else if (part.startsWith("^") || part === "*" || part === "") continue;
    else if (fillers.has(part)) raise = powers[part] ?? raise;
    else {
      if (hedges.has(part.toLowerCase()) || /\d/.test(part)) return undefined;
      const exponent = exponentAfter(parts, index) * raise * (below ? -1 : 1);
      const { base, scale, known } = lookUp(part);
      unknown += Number(!known);
      if (unknown > maxUnknown) return undefined;
      dimensions.set(base, (dimensions.get(base) ?? 0) + exponent);
      const scaled: Rational | undefined = power(scale, BigInt(exponent), steps);
      factor = factor && scaled && multiply(factor, scaled, steps);
      raise = 1;
    }
  }
  const entries = [...dimensions].filter(([, exponent]) => exponent !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
  return factor && { dimension: entries.map(([base, exponent]) => `${base}^${exponent}`).join(" "), factor };
}

/** Whether a run of letters in mathematics is a unit and not a product: it has a name of more than one letter. */
export function isUnitWord(text: string): boolean {
  return text.length > 1 && (Object.hasOwn(unitTable, text) || Object.hasOwn(unitTable, singular(text.toLowerCase())));
}

function lookUp(word: string): { base: string; scale: Rational; known: boolean } {
  for (const spelling of [word, word.toLowerCase(), singular(word.toLowerCase())]) {
    const [base, above, below] = Object.hasOwn(unitTable, spelling) ? (unitTable[spelling] ?? []) : [];
    if (base !== undefined) return { base, scale: { n: BigInt(above ?? 1), d: BigInt(below ?? 1) }, known: true };
  }
  return { base: singular(word.toLowerCase()), scale: one, known: false };
}

function singular(word: string): string {
  return word.length > 3 && word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
}

function exponentAfter(parts: readonly string[], index: number): number {
  const next = parts[index + 1];
  if (next === "squared" || next === "cubed") return powers[next] ?? 1;
  return next?.startsWith("^") === true ? Number(next.slice(1)) : 1;
}

/** Words, `/`, `*` and `^n`; undefined where something else is among them. */
function partsOf(tokens: readonly Token[]): string[] | undefined {
  const parts: string[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token?.kind === "text" || token?.kind === "letters" || token?.kind === "command") {
      parts.push(...wordsOf(token.text));
    } else if (isSymbol(token, "/", "*")) parts.push(token?.text ?? "");
    else if (isSymbol(token, "^")) {
      const raised = /^\^\{?(-?\d)\}?/.exec(
        tokens
          .slice(at, at + 5)
          .map(({ text }) => text)
          .join(""),
      );
      if (raised === null) return undefined;
      parts.push(`^${raised[1]}`);
      at += raised[0].length - 1;
    } else if (!isSymbol(token, "{", "}", ".", "(", ")")) return undefined;
  }
  return parts;
}

/** Text holds several words, fractions and powers of its own. */
function wordsOf(text: string): string[] {
  return text.split(/([\s/*.·()~]+|-(?=[A-Za-z]))/).flatMap((part) => {
    if (part.includes("/")) return ["/"];
    if (/^[\s*.·()~-]*$/.test(part)) return [];
    const [, word = part, exponent] = /^([^\d^{]+)\^?\{?(-?\d)\}?$/.exec(part) ?? [];
    return exponent === undefined ? [word] : [word, `^${exponent}`];
  });
}

/** Whether one unit's amounts can be given in the other, and the factor. */
export function conversion(from: Unit, to: Unit, steps: Steps): Rational | undefined {
  if (from.dimension !== to.dimension) return undefined;
  const turned = inverse(to.factor);
  return turned && fraction(from.factor.n * turned.n, from.factor.d * turned.d, steps);
}
