import type { Expression } from "../value/expression.ts";
import type { Cursor } from "./cursor.ts";
import type { Token } from "./token.ts";

/** What the readers of names, functions and fractions need of the reader of expressions, which calls them in turn. */
export interface Reader {
  readonly cursor: Cursor;
  /** Tokens of a group, as an expression. */
  inner(tokens: readonly Token[]): Expression;
  sum(): Expression;
  power(): Expression;
  exponent(): Expression;
  /** Whether what comes next is multiplied without a sign. */
  startsFactor(): boolean;
}
