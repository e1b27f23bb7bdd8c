import { readExpression } from "../read/expression.ts";
import { isCommand, isSymbol, type Token } from "../read/token.ts";
import type { Steps } from "../steps.ts";
import type { Expression } from "../value/expression.ts";
import type { Matrix } from "./answer.ts";

const kinds = ["pmatrix", "bmatrix", "Bmatrix", "matrix", "smallmatrix", "array"];
const begins = kinds.map((kind) => `begin ${kind}`);
const ends = kinds.map((kind) => `end ${kind}`);

/** A matrix, perhaps with a factor in front of it; undefined where there is none. Throws `Unreadable` for a broken one. */
export function readMatrix(tokens: readonly Token[], steps: Steps): Matrix | undefined {
  const start = tokens.findIndex((token) => isCommand(token, ...begins));
  if (start < 0) return undefined;
  const end = tokens.findIndex((token) => isCommand(token, ...ends));
  const bracketed = isSymbol(tokens[start - 1], "(", "[") && isSymbol(tokens[end + 1], ")", "]");
  const [before, after] = [tokens.slice(0, start - Number(bracketed)), tokens.slice(end + 1 + Number(bracketed))];
  if (end < start || after.length > 0) return undefined;
  const factor = before.length === 0 ? undefined : factorOf(before, steps);
  const rows = rowsOf(tokens.slice(start + 1, end)).map((row) =>
    row.map((cell): Expression => {
      const entry = readExpression(cell, steps);
      return factor === undefined ? entry : { op: "product", parts: [factor, entry] };
    }),
  );
  return { kind: "matrix", rows };
}

function factorOf(before: readonly Token[], steps: Steps): Expression {
  const bare = isSymbol(before.at(-1), "*") ? before.slice(0, -1) : before;
  if (bare.length === 1 && isSymbol(bare[0], "-")) return { op: "number", value: { n: -1n, d: 1n } };
  return readExpression(bare, steps);
}

function rowsOf(tokens: readonly Token[]): Token[][][] {
  const rows: Token[][][] = [[[]]];
  for (const token of tokens) {
    if (isSymbol(token, "¶")) rows.push([[]]);
    else if (isSymbol(token, "&")) rows.at(-1)?.push([]);
    else if (!isCommand(token, "hline")) rows.at(-1)?.at(-1)?.push(token);
  }
  // A line end may stand after the last row too.
  return rows.filter((row) => row.length > 1 || (row[0]?.length ?? 0) > 0);
}
