import type { Expression } from "../value/expression.ts";
import { unreadable } from "./commands.ts";
import { Unreadable } from "./cursor.ts";
import type { Reader } from "./reader.ts";
import { isCommand, isSymbol, keyOf, type Token } from "./token.ts";

const accents = new Set([
  "hat",
  "bar",
  "vec",
  "tilde",
  "dot",
  "ddot",
  "overline",
  "widehat",
  "widetilde",
  "overrightarrow",
  "check",
  "breve",
  "mathring",
]);
/** Letters that stand for functions of which nothing is known. */
const functionLetters = new Set(["f", "g", "h"]);

/** A letter, a longer name, or a constant. */
export function readName(reader: Reader): Expression {
  const { cursor } = reader;
  const token = cursor.take();
  if (token.kind === "command") {
    if (unreadable.has(token.text) || /^(?:begin|end) /.test(token.text)) throw new Unreadable(`\\${token.text}`);
    if (token.text === "pi" && !isSymbol(cursor.next, "_")) return { op: "constant", name: "pi" };
    if (accents.has(token.text)) return called(reader, `${token.text} ${keyOf(cursor.argument())}`);
    return called(reader, `\\${token.text}`);
  }
  const constant = constants.get(token.text);
  if (constant !== undefined) return { op: "constant", name: constant };
  // Four letters and more are a word; fewer are multiplied.
  const length = token.text.length < 4 ? 1 : token.text.length;
  const name = token.text.slice(0, length);
  cursor.putBack(token.text.slice(length));
  const short = token.text.length === length ? isSymbol(cursor.next, "_", "'") : false;
  if (!short && (name === "e" || name === "i")) return { op: "constant", name };
  return called(reader, name);
}

const constants = new Map<string, "pi" | "infinity">([
  ["pi", "pi"],
  ["Pi", "pi"],
  ["infinity", "infinity"],
  ["infty", "infinity"],
  ["inf", "infinity"],
  ["oo", "infinity"],
]);

/** With primes and subscript, and with arguments where the name takes some. */
function called(reader: Reader, letter: string): Expression {
  const { cursor } = reader;
  let name = letter;
  for (let parts = 0; parts < 4; parts += 1) {
    if (cursor.accept("'")) name += "'";
    else if (cursor.accept("_")) name += `_${subscript(cursor.group("{") ?? [cursor.take()])}`;
    else if (isPrimes(cursor.ahead(0), cursor.ahead(1), cursor.ahead(2))) {
      name += keyOf(primes(reader));
    } else break;
  }
  if (!isSymbol(cursor.next, "(")) return { op: "name", name };
  const isZero = cursor.ahead(1)?.text === "0" && isSymbol(cursor.ahead(2), ")");
  if (!functionLetters.has(letter) && !isZero) return { op: "name", name };
  return { op: "unknown", name, of: args(reader) };
}

function args(reader: Reader): Expression[] {
  const { cursor } = reader;
  cursor.expect("(");
  const found = [reader.sum()];
  while (cursor.accept(",")) found.push(reader.sum());
  cursor.expect(")");
  return found;
}

/** What is written after `_`, however it is set. */
function subscript(tokens: readonly Token[]): string {
  return tokens
    .map(({ text }) => text)
    .join("")
    .replaceAll(/\s/g, "");
}

function isPrimes(...[power, open, prime]: (Token | undefined)[]): boolean {
  if (!isSymbol(power, "^")) return false;
  return isSymbol(open, "'") || (isSymbol(open, "{") && isSymbol(prime, "'")) || isCommand(open, "prime");
}

function primes({ cursor }: Reader): Token[] {
  cursor.take();
  const group = cursor.group("{") ?? [cursor.take()];
  if (!group.every((token) => isSymbol(token, "'"))) throw new Unreadable("no primes");
  return group;
}
