import type { Steps } from "../steps.ts";
import { fraction, integer, multiply, power, type Rational } from "../value/rational.ts";
import { depthStep, isCommand, isSymbol, type Token } from "./token.ts";

/** What a plain comma between digits is, outside of brackets. */
export type Commas = "thousands" | "separators" | "decimal";

const maxDigits = 2000;
const maxExponent = 2000;

/** The value of a number token: digits, a point, an exponent, and `(…)` for digits that repeat. */
export function valueOf(text: string, steps: Steps): Rational | undefined {
  const [, whole = "", tail = "", repeated = "", exponent = "0"] =
    /^(\d*)\.?(\d*)(?:\((\d+)\))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  if (text.length > maxDigits || Math.abs(Number(exponent)) > maxExponent || whole + tail + repeated === "")
    return undefined;
  steps.take(text.length);
  const scale = 10n ** BigInt(tail.length);
  let value = fraction(BigInt(`${whole}${tail}` || "0"), scale, steps);
  if (repeated !== "") {
    const nines = (10n ** BigInt(repeated.length) - 1n) * scale;
    const rest = fraction(BigInt(repeated), nines, steps);
    value = value && rest && fraction(value.n * rest.d + rest.n * value.d, value.d * rest.d, steps);
  }
  const grown = power(integer(10), BigInt(exponent), steps);
  return value && grown && multiply(value, grown, steps);
}

/** Joins what is one number in several tokens: thousands, repeating decimals, and `x` for times between numbers. */
export function joinNumbers(tokens: readonly Token[], commas: Commas): Token[] {
  const out: Token[] = [];
  let depth = 0;
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    depth += depthStep(token);
    if (token.kind === "number") {
      const end = commas !== "separators" && depth === 0 ? runEnd(tokens, at) : at;
      const joined = end > at ? inRun(tokens.slice(at, end + 1), commas) : undefined;
      const group = joined === undefined ? thousandsEnd(tokens, at) : end;
      const text = joined ?? digitsOf(tokens.slice(at, group + 1));
      const repeat = repeating(tokens, group);
      out.push({ ...token, text: repeat === undefined ? text : repeat.text(text) });
      at = repeat?.end ?? group;
    } else {
      const times = token.kind === "letters" && /^x$/i.test(token.text) && out.at(-1)?.kind === "number";
      out.push(times && tokens[at + 1]?.kind === "number" ? { ...token, kind: "symbol", text: "*" } : token);
    }
  }
  return out;
}

/** Whether plain commas could part thousands, or a whole number from its decimals. */
export function commaReadings(tokens: readonly Token[]): Commas[] {
  const found = new Set<Commas>();
  const separators = tokens.filter((token) => isSymbol(token, ",", ";")).length;
  let depth = 0;
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    depth += depthStep(token);
    if (token.kind !== "number" || depth !== 0) continue;
    const end = runEnd(tokens, at);
    if (end === at) continue;
    const run = tokens.slice(at, end + 1);
    if (inRun(run, "thousands") !== undefined) found.add("thousands");
    if (separators === 1 && inRun(run, "decimal") !== undefined) found.add("decimal");
    at = end;
  }
  return found.has("thousands")
    ? ["thousands", "separators"]
    : found.has("decimal")
      ? ["separators", "decimal"]
      : ["separators"];
}

/** The end of `1,2,3` without spaces. */
function runEnd(tokens: readonly Token[], start: number): number {
  let end = start;
  for (;;) {
    const [comma, next] = [tokens[end + 1], tokens[end + 2]];
    if (!isSymbol(comma, ",") || comma?.spaced !== false || comma.tight || next?.kind !== "number" || next.spaced)
      return end;
    end += 2;
  }
}

function inRun(run: readonly Token[], commas: Commas): string | undefined {
  const [first = "", ...rest] = run.filter(({ kind }) => kind === "number").map(({ text }) => text);
  if (commas === "decimal") {
    const [decimals = ""] = rest;
    const like =
      /^\d+$/.test(first) && (/^(?:\d{1,2}|\d{4,})$/.test(decimals) || (first === "0" && /^\d+$/.test(decimals)));
    return rest.length === 1 && like ? `${first}.${decimals}` : undefined;
  }
  const last = rest.pop() ?? "";
  const grouped =
    /^[1-9]\d{0,2}$/.test(first) && rest.every((group) => /^\d{3}$/.test(group)) && /^\d{3}(?:\.\d*)?$/.test(last);
  return grouped ? [first, ...rest, last].join("") : undefined;
}

/** The end of thousands that are parted by spaces or by tight commas. */
function thousandsEnd(tokens: readonly Token[], start: number): number {
  if (!/^\d{1,3}$/.test(tokens[start]?.text ?? "")) return start;
  let end = start;
  for (;;) {
    const next = tokens[end + 1];
    const tight = isSymbol(next, ",") && next?.tight === true;
    const group = tight ? tokens[end + 2] : next;
    if (group?.kind !== "number" || !(tight || group.spaced) || !/^\d{3}(?:\.\d*)?$/.test(group.text)) return end;
    // A fraction after a space: a mixed number.
    if (!tight && isSymbol(tokens[end + 2], "/")) return end;
    end += tight ? 2 : 1;
    if (group.text.includes(".")) return end;
  }
}

function digitsOf(tokens: readonly Token[]): string {
  return tokens
    .filter(({ kind }) => kind === "number")
    .map(({ text }) => text)
    .join("");
}

/** `\overline{3}` or `\dot{3}` after a decimal point. */
function repeating(
  tokens: readonly Token[],
  at: number,
): { text: (digits: string) => string; end: number } | undefined {
  const [mark, open, digits, close] = tokens.slice(at + 1, at + 5);
  if (!tokens[at]?.text.includes(".") || !isCommand(mark, "overline", "bar", "dot")) return undefined;
  if (open?.kind === "number" && /^\d$/.test(open.text))
    return { text: (whole) => `${whole}(${open.text})`, end: at + 2 };
  if (!isSymbol(open, "{") || !/^\d+$/.test(digits?.text ?? "") || !isSymbol(close, "}")) return undefined;
  return { text: (whole) => `${whole}(${digits?.text ?? ""})`, end: at + 4 };
}
