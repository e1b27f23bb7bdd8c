import { ThreadweaverError } from "../errors.ts";

/** What counts as equal, as data. Every field has a value; `definePolicy` fills in what is left out. */
export interface Policy {
  /** For reports. */
  readonly name: string;
  /**
   * How far apart two numbers without letters may be: by `relative` times the size of the larger one, or of the first
   * argument of `equal` (`"reference"`, not symmetric), or by `absolute`. Both are 0 by default: then only rounding in the
   * 12th digit of irrational numbers is forgiven, and fractions must be equal.
   */
  readonly tolerance: { readonly relative: number; readonly absolute: number; readonly of: "larger" | "reference" };
  /**
   * `"value"`: 62.5 % is 0.625. `"optional"` (default): it is 62.5 too. `"hundredfold"`: any number also equals itself times
   * or over a hundred, as in Qwen's evaluation.
   */
  readonly percent: "value" | "optional" | "hundredfold";
  /**
   * `"agree"` (default): two units must agree, and are converted; one may be missing. `"keep"`: none may be missing.
   * `"drop"`: units do not count.
   */
  readonly units: "agree" | "keep" | "drop";
  /** Of lists and solutions: `"any"` (default) or `"given"`. Tuples always have their order, sets never. */
  readonly order: "any" | "given";
  /** Whether an element that a list has twice must be there twice: `"ignored"` (default) or `"counted"`. Sets never count. */
  readonly repeats: "ignored" | "counted";
  /** `"optional"` (default): `x = 5` equals `5`. `"keep"`: only another `x = 5`. */
  readonly names: "optional" | "keep";
  /** `"optional"` (default): `2, 4` equals `(2, 4)`, and a column equals a tuple. `"keep"`: it does not. */
  readonly brackets: "optional" | "keep";
  /** `"optional"` (default): `4210` equals `4210_5`. `"keep"`: the base must be there. */
  readonly base: "optional" | "keep";
  /** `"proportional"` (default): `3:2` equals `6:4` and `3/2`. `"keep"`: its numbers count. */
  readonly ratio: "proportional" | "keep";
  /**
   * `"loose"` (default): `two` is 2, `an ellipse` is `ellipse`, `\text{no solution}` is the empty set. `"keep"`: words are
   * what they are.
   */
  readonly words: "loose" | "keep";
  /**
   * `"last"` (default): the last side of `x = 5 + 6 = 11` counts. `"agree"`: all sides that are numbers must agree, else it
   * is unreadable.
   */
  readonly chains: "last" | "agree";
  /**
   * `"all"` (default): where a comma may part thousands, decimals or elements, any reading may match. `"first"`: the
   * likeliest counts.
   */
  readonly readings: "all" | "first";
  /** Bound of the work of one comparison, in steps of about a microsecond; past it the verdict is no. Default 200,000. */
  readonly maxSteps: number;
}

/** What is changed of another policy. */
export type PolicyChanges = Partial<Omit<Policy, "tolerance">> & { readonly tolerance?: Partial<Policy["tolerance"]> };

const general: Policy = {
  name: "default",
  tolerance: { relative: 0, absolute: 0, of: "larger" },
  percent: "optional",
  units: "agree",
  order: "any",
  repeats: "ignored",
  names: "optional",
  brackets: "optional",
  base: "optional",
  ratio: "proportional",
  words: "loose",
  chains: "last",
  readings: "all",
  maxSteps: 200_000,
};

const choices: Readonly<Record<string, readonly string[]>> = {
  percent: ["value", "optional", "hundredfold"],
  units: ["agree", "keep", "drop"],
  order: ["any", "given"],
  repeats: ["ignored", "counted"],
  names: ["optional", "keep"],
  brackets: ["optional", "keep"],
  base: ["optional", "keep"],
  ratio: ["proportional", "keep"],
  words: ["loose", "keep"],
  chains: ["last", "agree"],
  readings: ["all", "first"],
};

/**
 * A policy of your own: `base` (by default the preset `default`) with changes.
 *
 * @throws `invalid_option` that names the field, what it holds and what it may hold.
 */
export function definePolicy(changes: PolicyChanges, base: Policy = general): Policy {
  const policy: Policy = { ...base, ...changes, tolerance: { ...base.tolerance, ...changes.tolerance } };
  for (const [field, value] of Object.entries(policy)) {
    const allowed = Object.hasOwn(choices, field) ? choices[field] : undefined;
    if (allowed !== undefined && !allowed.includes(String(value))) throw refused(field, value, oneOf(allowed));
    if (!Object.hasOwn(general, field))
      throw refused(field, value, `one of the fields ${Object.keys(general).join(", ")}`);
  }
  checkNumbers(policy);
  return Object.freeze({ ...policy, tolerance: Object.freeze(policy.tolerance) });
}

function checkNumbers({ name, tolerance, maxSteps }: Policy): void {
  if (typeof name !== "string" || name === "") throw refused("name", name, "a name");
  const { relative, absolute, of } = tolerance;
  if (!(relative >= 0 && relative < 1)) throw refused("tolerance.relative", relative, "a number from 0 to below 1");
  if (!(absolute >= 0 && absolute < Infinity)) throw refused("tolerance.absolute", absolute, "a number of 0 or more");
  if (of !== "larger" && of !== "reference") throw refused("tolerance.of", of, oneOf(["larger", "reference"]));
  if (!Number.isInteger(maxSteps) || maxSteps < 1) throw refused("maxSteps", maxSteps, "a whole number of 1 or more");
}

function oneOf(allowed: readonly string[]): string {
  return `one of ${allowed.map((word) => JSON.stringify(word)).join(", ")}`;
}

function refused(field: string, value: unknown, expected: string): ThreadweaverError {
  const shown = JSON.stringify(value) ?? String(value);
  return new ThreadweaverError(
    "invalid_option",
    `The grading policy's field ${field} is ${shown}, which cannot be used: expected ${expected}. Change or leave out the field.`,
  );
}
