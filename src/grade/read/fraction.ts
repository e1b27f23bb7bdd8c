import type { Expression } from "../value/expression.ts";
import { fraction, type Rational } from "../value/rational.ts";
import type { Cursor } from "./cursor.ts";
import type { Reader } from "./reader.ts";
import { isCommand, isSymbol, nameKey, type Token } from "./token.ts";

/** `\frac` and `\binom`, with braces or without. */
export function readFraction(reader: Reader): Expression {
  const { cursor } = reader;
  const command = cursor.take();
  const [above, below] = [cursor.argument(), cursor.argument()];
  if (command.text === "frac" && isDerivative(above, below)) {
    return { op: "name", name: `${nameKey(above)}/${nameKey(below)}` };
  }
  return joined(command.text, reader.inner(above), reader.inner(below));
}

/** A group with `\over` or `\choose` in it; undefined where it has none. */
export function overOf(tokens: readonly Token[], reader: Reader): Expression | undefined {
  let depth = 0;
  for (const [at, token] of tokens.entries()) {
    if (isSymbol(token, "{")) depth += 1;
    else if (isSymbol(token, "}")) depth -= 1;
    else if (depth === 0 && isCommand(token, "over", "choose")) {
      return joined(token.text, reader.inner(tokens.slice(0, at)), reader.inner(tokens.slice(at + 1)));
    }
  }
  return undefined;
}

function joined(command: string, above: Expression, below: Expression): Expression {
  if (command === "binom" || command === "choose") return { op: "binomial", n: above, k: below };
  return { op: "product", parts: [above, { op: "inverse", of: below }] };
}

/** `dx` over `dt`, also of a higher order: one name, since its d's do not cancel. */
function isDerivative(above: readonly Token[], below: readonly Token[]): boolean {
  return [above, below].every(([first, second]) => {
    if (isCommand(first, "partial")) return second !== undefined;
    if (first?.kind !== "letters" || !first.text.startsWith("d")) return false;
    return first.text.length === 2 || second?.kind === "letters" || second?.kind === "command" || isSymbol(second, "^");
  });
}

/** The proper fraction of a mixed number, if one follows: `\frac{2}{3}` or ` 2/3`. */
export function fractionOf(cursor: Cursor): Rational | undefined {
  const found = isCommand(cursor.next, "frac") ? inTex(cursor) : inLine(cursor);
  if (found === undefined || found.above >= found.below || found.above === 0n) return undefined;
  cursor.skip(found.length);
  return fraction(found.above, found.below, cursor.steps);
}

interface Found {
  above: bigint;
  below: bigint;
  length: number;
}

function inTex(cursor: Cursor): Found | undefined {
  const parts: bigint[] = [];
  let at = 1;
  while (parts.length < 2) {
    const braced = isSymbol(cursor.ahead(at), "{");
    const digits = cursor.ahead(at + Number(braced));
    if (digits?.kind !== "number" || digits.text.length > 9 || !/^\d+$/.test(digits.text)) return undefined;
    if (braced) {
      if (!isSymbol(cursor.ahead(at + 2), "}")) return undefined;
      parts.push(BigInt(digits.text));
      at += 3;
    } else if (parts.length === 0 && digits.text.length === 2) {
      // `\frac12`
      parts.push(BigInt(digits.text.slice(0, 1)), BigInt(digits.text.slice(1)));
      at += 1;
    } else {
      if (digits.text.length !== 1) return undefined;
      parts.push(BigInt(digits.text));
      at += 1;
    }
  }
  const [above = 0n, below = 0n] = parts;
  return { above, below, length: at };
}

function inLine(cursor: Cursor): Found | undefined {
  const [above, slash, below] = [cursor.next, cursor.ahead(1), cursor.ahead(2)];
  if (above?.kind !== "number" || !above.spaced || !isSymbol(slash, "/") || below?.kind !== "number") return undefined;
  if (![above, below].every(({ text }) => /^\d{1,9}$/.test(text))) return undefined;
  return { above: BigInt(above.text), below: BigInt(below.text), length: 3 };
}
