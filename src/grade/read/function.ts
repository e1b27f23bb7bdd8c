import { negated, type Expression } from "../value/expression.ts";
import { functionNames } from "../value/functions.ts";
import { integer } from "../value/rational.ts";
import { Unreadable, type Cursor } from "./cursor.ts";
import type { Reader } from "./reader.ts";
import { isCommand, isSymbol, type Token } from "./token.ts";

const named = new Set([...functionNames, "log", "lg", "wholeroot", "cbrt", "asin", "acos", "atan"]);
/** Longest first, so that `sinh` is not `sin`. */
const prefixes = [...named].sort((a, b) => b.length - a.length);
const inverses: Readonly<Record<string, string>> = {
  sin: "arcsin",
  cos: "arccos",
  tan: "arctan",
  cot: "arccot",
  sec: "arcsec",
  csc: "arccsc",
};
const synonyms: Readonly<Record<string, string>> = {
  asin: "arcsin",
  acos: "arccos",
  atan: "arctan",
  wholeroot: "sqrt",
};

/** Whether a function's name comes next; in a run of letters it may have others after it, as in `sinx`. */
export function functionHere(cursor: Cursor): boolean {
  return nameOf(cursor.next) !== undefined;
}

function nameOf(token: Token | undefined): string | undefined {
  if (token?.kind === "command") return named.has(token.text) ? token.text : undefined;
  if (token?.kind !== "letters") return undefined;
  if (named.has(token.text)) return token.text;
  // Only with one letter after it: `absolute` and `sinking` are words.
  return prefixes.find((name) => token.text.startsWith(name) && token.text.length - name.length === 1);
}

/** A function with its power, its base and what it is applied to. */
export function readFunction(reader: Reader): Expression {
  const { cursor } = reader;
  const name = nameOf(cursor.next) ?? "";
  cursor.putBack(cursor.take().text.slice(name.length));
  if (name === "sqrt" || name === "wholeroot" || name === "cbrt") return root(reader, name);
  const base = cursor.accept("_") ? reader.inner(cursor.argument()) : undefined;
  const exponent = cursor.accept("^") ? reader.cursor.deeper(() => reader.exponent()) : undefined;
  const late = base ?? (cursor.accept("_") ? reader.inner(cursor.argument()) : undefined);
  const of = argument(reader);
  if (exponent !== undefined && isMinusOne(exponent)) {
    const inverse = inverses[name];
    if (inverse !== undefined) return { op: "function", name: inverse, of };
  }
  const value = applied(name, of, late);
  return exponent === undefined ? value : { op: "power", base: value, exponent };
}

function applied(name: string, of: Expression, base: Expression | undefined): Expression {
  if (name === "log") return { op: "log", of, base };
  if (name === "lg") return { op: "log", of, base: base ?? { op: "number", value: integer(10) } };
  if (base !== undefined) throw new Unreadable(`a base of ${name}`);
  return { op: "function", name: synonyms[name] ?? name, of };
}

function isMinusOne(exponent: Expression): boolean {
  return (
    exponent.op === "negative" &&
    exponent.of.op === "number" &&
    exponent.of.value.n === 1n &&
    exponent.of.value.d === 1n
  );
}

function root(reader: Reader, name: string): Expression {
  const { cursor } = reader;
  const degree = name === "sqrt" ? cursor.group("[") : undefined;
  const of = isSymbol(cursor.next, "(")
    ? reader.inner(cursor.group("(") ?? [])
    : name === "sqrt" && cursor.next?.kind !== "command"
      ? reader.inner(cursor.argument())
      : reader.cursor.deeper(() => reader.power());
  if (name === "cbrt") return { op: "root", of, degree: { op: "number", value: integer(3) } };
  if (degree === undefined) return { op: "function", name: "sqrt", of };
  return { op: "root", of, degree: reader.inner(degree) };
}

/** Brackets or braces, or else the product that follows, up to a sign or the next function. */
function argument(reader: Reader): Expression {
  const { cursor } = reader;
  const braced = cursor.group("{");
  if (braced !== undefined) return reader.inner(braced);
  if (isSymbol(cursor.next, "(")) return reader.inner(cursor.group("(") ?? []);
  return cursor.deeper(() => {
    const minus = cursor.accept("-");
    const factors = [reader.power()];
    while (reader.startsFactor() && !startsTrigonometry(cursor)) factors.push(reader.power());
    const [first] = factors;
    const of: Expression = factors.length === 1 && first !== undefined ? first : { op: "product", parts: factors };
    return minus ? negated(of) : of;
  });
}

function startsTrigonometry(cursor: Cursor): boolean {
  return functionHere(cursor) && !isCommand(cursor.next, "sqrt", "wholeroot") && cursor.next?.text !== "sqrt";
}
