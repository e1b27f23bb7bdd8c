import { readExpression } from "../read/expression.ts";
import { Unreadable } from "../read/cursor.ts";
import { depthStep, isCommand, isSymbol, type Token } from "../read/token.ts";
import type { Steps } from "../steps.ts";
import type { Expression } from "../value/expression.ts";
import { integer } from "../value/rational.ts";
import { functionNames } from "../value/functions.ts";
import type { Answer, Scalar } from "./answer.ts";
import { degreeUnit, isUnitWord, readUnit, type Unit } from "./unit.ts";

const money: Readonly<Record<string, string>> = { $: "dollar", "€": "euro", "£": "gbp", "¥": "yen", "₹": "rupee" };
const percentWords = /^\s*(?:per ?cent|percents|pct|percentage|percentage points)\.?\s*$/i;

/** One number or expression with its unit, sign of money or percent. Throws `Unreadable`. */
export function readScalar(tokens: readonly Token[], steps: Steps): Scalar {
  const [amount, currency] = withoutMoney(tokens, steps);
  const start = unitStart(amount);
  const [number, rest] = [amount.slice(0, start), amount.slice(start)];
  if (number.length === 0) throw new Unreadable("no number");
  const percent = rest.length === 1 && percentWords.test(rest[0]?.text ?? "");
  const unit = rest.length === 0 || percent ? undefined : readUnit(rest, steps);
  if (rest.length > 0 && !percent && unit === undefined) throw new Unreadable("no unit");
  const read = readExpression(number, steps);
  const expression: Expression = percent ? { op: "percent", of: read } : read;
  // Degrees at the end are a unit; inside an expression they are part of the angle.
  if (expression.op === "degree") return { kind: "scalar", expression: expression.of, unit: degreeUnit };
  const known = unit?.dimension === "" ? undefined : unit;
  return { kind: "scalar", expression, unit: currency ?? known };
}

/** Without a currency sign or code at either end. */
function withoutMoney(tokens: readonly Token[], steps: Steps): [readonly Token[], Unit | undefined] {
  const [first, second] = tokens;
  const last = tokens.at(-1);
  if (tokens.length < 2) return [tokens, undefined];
  const sign = isSymbol(first, "-", "+") && first !== undefined ? [first] : [];
  const lead = sign.length > 0 ? second : first;
  const leading = currencyOf(lead);
  if (leading !== undefined) {
    return [[...sign, ...tokens.slice(sign.length + 1)], readUnit([word(leading)], steps)];
  }
  const trailing = last?.kind === "symbol" ? currencyOf(last) : undefined;
  return trailing === undefined ? [tokens, undefined] : [tokens.slice(0, -1), readUnit([word(trailing)], steps)];
}

function currencyOf(token: Token | undefined): string | undefined {
  if (token?.kind === "letters") return ["USD", "EUR", "Rs"].includes(token.text) ? token.text : undefined;
  return token?.kind === "symbol" && Object.hasOwn(money, token.text) ? money[token.text] : undefined;
}

function word(text: string): Token {
  return { kind: "text", text, spaced: false, tight: false };
}

/** Where words begin that follow a number: all of what follows must be a unit. */
function unitStart(tokens: readonly Token[]): number {
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    depth += depthStep(token);
    if (index === 0 || depth !== 0) continue;
    if (token.kind === "text" && !/^[ei]$/.test(token.text)) return index;
    if (token.kind === "letters" && isUnitHere(token, tokens[index - 1])) return index;
  }
  return tokens.length;
}

function isUnitHere({ text, spaced }: Token, before: Token | undefined): boolean {
  if (isSymbol(before, "+", "-", "*", "/", "^", "_", "=", "(", "[", "|") || isCommand(before, "frac", "sqrt"))
    return false;
  if (isUnitWord(text) || percentWords.test(text)) return true;
  // Words that no table has: `36 apples`. A name in capitals stays a name.
  return (
    spaced &&
    text.length > 3 &&
    /^[a-z]+$/.test(text) &&
    !functionNames.has(text) &&
    text !== "infty" &&
    text !== "infinity"
  );
}

/** `52_8`, `4210_{5}`; undefined for anything else. */
export function readBased(tokens: readonly Token[]): Answer | undefined {
  const [digits, mark, ...base] = tokens;
  if (digits?.kind !== "number" || !/^\d+$/.test(digits.text) || !isSymbol(mark, "_")) return undefined;
  const named = base.filter((token) => !isSymbol(token, "{", "}", "(", ")"));
  const [only] = named;
  if (named.length !== 1 || only === undefined || base.length > 3) return undefined;
  const value = only.kind === "number" ? only.text : (baseWords.get(only.text.toLowerCase()) ?? "");
  if (!/^\d{1,3}$/.test(value)) return undefined;
  return { kind: "base", digits: digits.text.replace(/^0+(?=\d)/, ""), base: value };
}

const baseWords = new Map([
  ["two", "2"],
  ["three", "3"],
  ["four", "4"],
  ["five", "5"],
  ["six", "6"],
  ["seven", "7"],
  ["eight", "8"],
  ["nine", "9"],
  ["ten", "10"],
  ["twelve", "12"],
  ["sixteen", "16"],
]);

const units =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen";
const tens = "twenty thirty forty fifty sixty seventy eighty ninety";

/** A number from zero to ninety-nine in words. */
export function numberWord(text: string): Expression | undefined {
  const [first = "", second, ...more] = text.toLowerCase().split(/[\s-]+/);
  const small = units.split(" ").indexOf(first);
  if (small >= 0 && second === undefined) return { op: "number", value: integer(small) };
  const ten = tens.split(" ").indexOf(first);
  const one = second === undefined ? 0 : units.split(" ").indexOf(second);
  if (ten < 0 || one < 0 || one > 9 || more.length > 0) return undefined;
  return { op: "number", value: integer((ten + 2) * 10 + one) };
}
