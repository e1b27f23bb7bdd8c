import type { Expression } from "../value/expression.ts";
import type { Piece } from "../value/pieces.ts";
import type { Unit } from "./unit.ts";

/** What an answer was read as. */
export type Answer = Scalar | Based | Ratio | Tuple | List | Region | Matrix | Named | Equation | Inequality | Words;

/** One number or expression. */
export interface Scalar {
  readonly kind: "scalar";
  readonly expression: Expression;
  readonly unit: Unit | undefined;
}

/** A number written in a base, such as `52_8`. */
interface Based {
  readonly kind: "base";
  readonly digits: string;
  readonly base: string;
}

export interface Ratio {
  readonly kind: "ratio";
  readonly parts: readonly Expression[];
}

/** Ordered, in brackets; of two elements it may be an interval. */
export interface Tuple {
  readonly kind: "tuple";
  readonly open: "(" | "[";
  readonly close: ")" | "]";
  readonly items: readonly Answer[];
}

/** A set, or several answers in one. */
export interface List {
  readonly kind: "list";
  readonly braces: boolean;
  readonly items: readonly Answer[];
}

/** An interval, a point, or several of them. */
export interface Region {
  readonly kind: "region";
  readonly pieces: readonly Piece[];
  /** Of an inequality. */
  readonly variable: string | undefined;
}

export interface Matrix {
  readonly kind: "matrix";
  readonly rows: readonly (readonly Expression[])[];
}

/** `x = 5`, `f(x) = 2x`, `x ∈ S`, and chains such as `a + b = 2 + 3 = 5`, whose left side may have no name. */
export interface Named {
  readonly kind: "named";
  readonly name: string | undefined;
  /** Of a function, its one argument. */
  readonly argument: string | undefined;
  readonly value: Answer;
  /** Left minus right, where both are expressions. */
  readonly difference: Expression | undefined;
}

/** Left minus right is zero. */
interface Equation {
  readonly kind: "equation";
  readonly difference: Expression;
}

/** Of several letters: it is positive, or not negative. */
interface Inequality {
  readonly kind: "inequality";
  readonly difference: Expression;
  readonly strict: boolean;
}

/** What is no mathematics that is understood. */
export interface Words {
  readonly kind: "words";
}

export const words: Words = { kind: "words" };
export const emptyList: List = { kind: "list", braces: true, items: [] };

export function scalar(expression: Expression): Scalar {
  return { kind: "scalar", expression, unit: undefined };
}
