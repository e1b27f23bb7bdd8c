import type { Answer, Matrix, Ratio, Tuple } from "../answer/answer.ts";
import { scalar } from "../answer/answer.ts";
import type { Expression } from "../value/expression.ts";
import { verdict, type Verdict } from "../verdict.ts";
import type { Context } from "./context.ts";
import { sameUpToFactor, sameUpToPositiveFactor } from "./equations.ts";
import { sameExpression } from "./expressions.ts";
import { sameList, sameTuple, sameTupleAndList } from "./lists.ts";
import { sameAsNamed, sameNamed } from "./named.ts";
import { sameRegion } from "./regions.ts";
import { sameScalar } from "./scalars.ts";

/** Compares two answers that were read. Words are not compared here: they are equal only as texts. */
export function compareAnswers(a: Answer, b: Answer, context: Context): Verdict {
  context.steps.take();
  if (a.kind === "words" || b.kind === "words") return verdict(false, "unreadable");
  if (a.kind === "list" && b.kind === "list") return sameList(a, b, context, same);
  if (a.kind === "named") return sameNamed(a, b, context, compareAnswers);
  if (b.kind === "named") return sameAsNamed(a, b, context, compareAnswers);
  if (a.kind === "region" || b.kind === "region") return sameRegion(a, b, context);
  if (a.kind === "tuple" && b.kind === "list") return sameTupleAndList(a, b, context, same, false);
  if (a.kind === "list" && b.kind === "tuple") return sameTupleAndList(b, a, context, same, true);
  if (a.kind === "list" || b.kind === "list") return oneElement(a, b, context);
  if (a.kind === "tuple" && b.kind === "tuple") return sameTuple(a, b, context, same);
  if (a.kind === "matrix" || b.kind === "matrix") return sameMatrix(a, b, context);
  if (a.kind === "equation" || b.kind === "equation") {
    if (a.kind !== "equation" || b.kind !== "equation") return verdict(false, "kind");
    return sameUpToFactor(a.difference, b.difference, context);
  }
  if (a.kind === "inequality" || b.kind === "inequality") {
    if (a.kind !== "inequality" || b.kind !== "inequality") return verdict(false, "kind");
    if (a.strict !== b.strict) return verdict(false, "inequality");
    return sameUpToPositiveFactor(a.difference, b.difference, context);
  }
  if (a.kind === "ratio" || b.kind === "ratio") return sameRatio(a, b, context);
  if (a.kind === "base" || b.kind === "base") return sameBase(a, b, context);
  return a.kind === "scalar" && b.kind === "scalar" ? sameScalar(a, b, context) : verdict(false, "kind");
}

function same(a: Answer, b: Answer, context: Context): boolean {
  return compareAnswers(a, b, context).equal;
}

/** `{5}` and `5`; two answers of which all are one. */
function oneElement(a: Answer, b: Answer, context: Context): Verdict {
  const [first, second] = [a, b].map((answer): readonly Answer[] => (answer.kind === "list" ? answer.items : [answer]));
  if (first === undefined || second === undefined || first.length === 0 || second.length === 0)
    return verdict(false, "kind");
  if ((first.length > 1 || second.length > 1) && context.policy.repeats === "counted") return verdict(false, "list");
  return verdict(
    first.every((one) => second.every((other) => same(one, other, context))),
    "list",
  );
}

function sameMatrix(a: Answer, b: Answer, context: Context): Verdict {
  const [first, second] = [rowsOf(a, context), rowsOf(b, context)];
  if (first === undefined || second === undefined) return verdict(false, "kind");
  const equal =
    first.length === second.length &&
    first.every((row, i) => {
      const other = second[i] ?? [];
      return (
        row.length === other.length &&
        row.every((cell, j) => {
          const entry = other[j];
          return entry !== undefined && sameExpression(cell, entry, context).equal;
        })
      );
    });
  return verdict(equal, "matrix");
}

/** Of a tuple: those of `((1, 2), (3, 4))`, or a column. */
function rowsOf(answer: Answer, { policy }: Context): Matrix["rows"] | undefined {
  if (answer.kind === "matrix") return answer.rows;
  if (answer.kind !== "tuple" || policy.brackets === "keep") return undefined;
  const rows = answer.items.map((item) =>
    item.kind === "tuple" ? cellsOf(item) : item.kind === "scalar" ? [item.expression] : undefined,
  );
  return rows.every((row) => row !== undefined) ? rows : undefined;
}

function cellsOf({ items }: Tuple): Expression[] | undefined {
  const cells = items.map((item) => (item.kind === "scalar" ? item.expression : undefined));
  return cells.every((cell) => cell !== undefined) ? cells : undefined;
}

function sameRatio(a: Answer, b: Answer, context: Context): Verdict {
  const kept = context.policy.ratio === "keep";
  if (a.kind === "ratio" && b.kind === "ratio") {
    const [first, second] = kept ? [a.parts, b.parts] : [overFirst(a), overFirst(b)];
    const equal =
      first.length === second.length &&
      first.every((part, index) => sameExpression(part, second[index] ?? part, context).equal);
    return verdict(equal, "ratio");
  }
  if (kept) return verdict(false, "ratio");
  const [first, second] = [quotient(a), quotient(b)];
  if (first?.kind !== "scalar" || second?.kind !== "scalar") return verdict(false, "kind");
  return verdict(sameScalar(first, second, context).equal, "ratio");
}

/** Each part over the last. */
function overFirst({ parts }: Ratio): Expression[] {
  const last = parts.at(-1);
  if (last === undefined) return [];
  return parts.map((part) => ({ op: "product", parts: [part, { op: "inverse", of: last }] }));
}

function quotient(answer: Answer): Answer | undefined {
  if (answer.kind !== "ratio") return answer;
  const [first] = overFirst(answer);
  return answer.parts.length === 2 && first !== undefined ? scalar(first) : undefined;
}

function sameBase(a: Answer, b: Answer, context: Context): Verdict {
  if (a.kind === "base" && b.kind === "base") return verdict(a.digits === b.digits && a.base === b.base, "base");
  if (context.policy.base === "keep") return verdict(false, "base");
  const [based, other] = a.kind === "base" ? [a, b] : [b, a];
  if (based.kind !== "base" || other.kind !== "scalar") return verdict(false, "kind");
  const digits: Expression = { op: "number", value: { n: BigInt(based.digits), d: 1n } };
  return verdict(sameExpression(digits, other.expression, context).equal, "base");
}
