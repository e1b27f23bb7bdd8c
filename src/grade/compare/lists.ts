import type { Answer, List, Tuple } from "../answer/answer.ts";
import { verdict, type Verdict } from "../verdict.ts";
import type { Context } from "./context.ts";
import { canMatch } from "./matching.ts";

/** Compares two elements. */
export type Same = (a: Answer, b: Answer, context: Context) => boolean;

/** Sets, and lists of several answers. */
export function sameList(a: List, b: List, context: Context, same: Same): Verdict {
  const { order, repeats } = context.policy;
  const isSet = a.braces || b.braces;
  const [first, second] = [a.items, b.items];
  if (order === "given" && !isSet) return verdict(inOrder(first, second, context, same), "list");
  const fits = remembered(first, second, context, same);
  if (isSet || repeats === "ignored") {
    const all = first.every((_, i) => second.some((__, j) => fits(i, j)));
    return verdict(all && second.every((_, j) => first.some((__, i) => fits(i, j))), "list");
  }
  return verdict(first.length === second.length && canMatch(first.length, fits, context.steps), "list");
}

/** Tuples are ordered; the brackets of pairs count, since pairs may be intervals. */
export function sameTuple(a: Tuple, b: Tuple, context: Context, same: Same): Verdict {
  const isPair = a.items.length === 2 && b.items.length === 2;
  if (isPair && (a.open !== b.open || a.close !== b.close)) return verdict(false, "tuple");
  return verdict(inOrder(a.items, b.items, context, same), "tuple");
}

/** A tuple against what has lost its brackets; names such as in `x = 1, y = 2` stand in the order of the alphabet. */
export function sameTupleAndList(tuple: Tuple, list: List, context: Context, same: Same, turned: boolean): Verdict {
  if (context.policy.brackets === "keep" || list.braces) return verdict(false, "kind");
  const names = list.items.map((item) => (item.kind === "named" ? item.name : undefined));
  const distinct = names.every((name) => name !== undefined) && new Set(names).size === names.length;
  const items = distinct ? [...list.items].sort(byName) : list.items;
  return verdict(
    turned ? inOrder(items, tuple.items, context, same) : inOrder(tuple.items, items, context, same),
    "tuple",
  );
}

function byName(a: Answer, b: Answer): number {
  const [first, second] = [a, b].map((item) => (item.kind === "named" ? (item.name ?? "") : ""));
  return (first ?? "") < (second ?? "") ? -1 : 1;
}

function inOrder(a: readonly Answer[], b: readonly Answer[], context: Context, same: Same): boolean {
  return (
    a.length === b.length &&
    a.every((item, index) => {
      const other = b[index];
      return other !== undefined && same(item, other, context);
    })
  );
}

function remembered(
  a: readonly Answer[],
  b: readonly Answer[],
  context: Context,
  same: Same,
): (i: number, j: number) => boolean {
  const known = new Map<number, boolean>();
  return (i, j) => {
    context.steps.take();
    const key = i * b.length + j;
    const [first, second] = [a[i], b[j]];
    const fits = known.get(key) ?? (first !== undefined && second !== undefined && same(first, second, context));
    known.set(key, fits);
    return fits;
  };
}
