import { negated, type Expression } from "../value/expression.ts";
import type { Piece } from "../value/pieces.ts";
import type { Region, Tuple } from "./answer.ts";

export const allReals: Region = {
  kind: "region",
  variable: undefined,
  pieces: [{ low: undefined, high: undefined, lowClosed: false, highClosed: false }],
};

/** -1, 1 or 0: minus infinity, infinity, or another number. */
export function infinitySign(expression: Expression): number {
  if (expression.op === "negative") return -infinitySign(expression.of);
  return Number(expression.op === "constant" && expression.name === "infinity");
}

export function point(at: Expression): Piece {
  return { low: at, high: at, lowClosed: true, highClosed: true };
}

/** The interval that a pair in brackets is; undefined for what cannot be one. */
export function intervalOf({ open, close, items }: Tuple): Piece | undefined {
  const [low, high] = items;
  if (items.length !== 2 || low?.kind !== "scalar" || high?.kind !== "scalar") return undefined;
  const piece: Piece = {
    low: low.expression,
    high: high.expression,
    lowClosed: open === "[",
    highClosed: close === "]",
  };
  return openAtInfinity(piece);
}

/** Undefined where an end is infinite on the wrong side. */
export function openAtInfinity({ low, high, lowClosed, highClosed }: Piece): Piece | undefined {
  const [below, above] = [low === undefined ? -1 : infinitySign(low), high === undefined ? 1 : infinitySign(high)];
  if (below > 0 || above < 0) return undefined;
  return {
    low: below < 0 ? undefined : low,
    high: above > 0 ? undefined : high,
    lowClosed: below === 0 && lowClosed,
    highClosed: above === 0 && highClosed,
  };
}

/** The same pieces on the other side of zero. */
export function mirrored({ low, high, lowClosed, highClosed }: Piece): Piece {
  return {
    low: high && negated(high),
    high: low && negated(low),
    lowClosed: highClosed,
    highClosed: lowClosed,
  };
}
