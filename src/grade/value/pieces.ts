import type { Steps } from "../steps.ts";
import { realOf } from "./real.ts";
import type { Expression } from "./expression.ts";

/** An interval or a point of the line. */
export interface Piece {
  /** Undefined: minus infinity. */
  readonly low: Expression | undefined;
  /** Undefined: infinity. */
  readonly high: Expression | undefined;
  readonly lowClosed: boolean;
  readonly highClosed: boolean;
}

/** A place on the line: just before, at, or just after a number; so open and closed ends are ordered too. */
interface Cut {
  readonly at: number;
  /** 0: before the number; 1: after it. */
  readonly side: 0 | 1;
  readonly expression: Expression | undefined;
}

interface Span {
  readonly from: Cut;
  readonly to: Cut;
}

/** The union, in order, without overlaps; as it was where an end has no real value. */
export function unite(pieces: readonly Piece[], steps: Steps): readonly Piece[] {
  const spans = spansOf(pieces, steps);
  return spans === undefined ? pieces : merged(spans, steps).map(pieceOf);
}

export function intersect(a: readonly Piece[], b: readonly Piece[], steps: Steps): readonly Piece[] {
  const [first, second] = [spansOf(a, steps), spansOf(b, steps)];
  if (first === undefined || second === undefined) return [...a, ...b];
  return merged(common(first, second, steps), steps).map(pieceOf);
}

export function subtract(a: readonly Piece[], b: readonly Piece[], steps: Steps): readonly Piece[] {
  const [first, second] = [spansOf(a, steps), spansOf(b, steps)];
  if (first === undefined || second === undefined) return [...a, ...b];
  return merged(common(first, complement(merged(second, steps)), steps), steps).map(pieceOf);
}

function spansOf(pieces: readonly Piece[], steps: Steps): Span[] | undefined {
  const spans: Span[] = [];
  for (const { low, high, lowClosed, highClosed } of pieces) {
    const from = low === undefined ? -Infinity : realOf(low, steps);
    const to = high === undefined ? Infinity : realOf(high, steps);
    if (from === undefined || to === undefined) return undefined;
    spans.push({
      from: { at: from, side: lowClosed ? 0 : 1, expression: low },
      to: { at: to, side: highClosed ? 1 : 0, expression: high },
    });
  }
  return spans;
}

function merged(spans: readonly Span[], steps: Steps): Span[] {
  const out: Span[] = [];
  steps.take(spans.length * 8);
  for (const span of spans.filter(({ from, to }) => compare(from, to) < 0).sort((a, b) => compare(a.from, b.from))) {
    const last = out.at(-1);
    if (last === undefined || compare(last.to, span.from) < 0) out.push(span);
    else if (compare(last.to, span.to) < 0) out[out.length - 1] = { from: last.from, to: span.to };
  }
  return out;
}

function common(a: readonly Span[], b: readonly Span[], steps: Steps): Span[] {
  steps.take(a.length * b.length);
  return a.flatMap((one) =>
    b.flatMap((other) => {
      const from = compare(one.from, other.from) < 0 ? other.from : one.from;
      const to = compare(one.to, other.to) < 0 ? one.to : other.to;
      return compare(from, to) < 0 ? [{ from, to }] : [];
    }),
  );
}

function complement(spans: readonly Span[]): Span[] {
  let from: Cut = { at: -Infinity, side: 1, expression: undefined };
  const out: Span[] = [];
  for (const span of spans) {
    out.push({ from, to: span.from });
    from = span.to;
  }
  return [...out, { from, to: { at: Infinity, side: 0, expression: undefined } }];
}

function compare(a: Cut, b: Cut): number {
  const near =
    Number.isFinite(a.at - b.at) && Math.abs(a.at - b.at) <= 1e-12 * Math.max(Math.abs(a.at), Math.abs(b.at));
  return a.at === b.at || near ? a.side - b.side : a.at - b.at;
}

function pieceOf({ from, to }: Span): Piece {
  return { low: from.expression, high: to.expression, lowClosed: from.side === 0, highClosed: to.side === 1 };
}
