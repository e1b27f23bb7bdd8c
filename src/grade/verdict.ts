/**
 * What decided: `same`: the texts are one, up to how they are set. `nothing`: an answer is empty. `exact`: two fractions.
 * `numeric`: two irrational numbers. `tolerance`: the policy's distance. `symbolic`: expressions with letters, at several
 * points. `percent`, `unit`, `base`, `ratio`, `infinity`: what these names say. `equation`, `inequality`, `interval`, `list`,
 * `tuple`, `matrix`, `function`: the structure. `name`: two other names. `words`: words. `kind`: the answers are of kinds that are
 * never equal. `unreadable`: mathematics that is not understood, and the texts differ. `undecided`: it has no value at enough points.
 * `too-long`, `work-limit`: the bounds.
 */
export type VerdictRule =
  | "same"
  | "nothing"
  | "exact"
  | "numeric"
  | "tolerance"
  | "symbolic"
  | "percent"
  | "unit"
  | "base"
  | "ratio"
  | "infinity"
  | "equation"
  | "inequality"
  | "interval"
  | "list"
  | "tuple"
  | "matrix"
  | "function"
  | "name"
  | "words"
  | "kind"
  | "unreadable"
  | "undecided"
  | "too-long"
  | "work-limit";

export interface Verdict {
  readonly equal: boolean;
  readonly rule: VerdictRule;
}

export function verdict(equal: boolean, rule: VerdictRule): Verdict {
  return { equal, rule };
}
