import { ThreadweaverError } from "../errors.ts";
import { definePolicy, type Policy } from "./policy.ts";

const strict = definePolicy({
  name: "strict",
  percent: "value",
  repeats: "counted",
  brackets: "keep",
  base: "keep",
  ratio: "keep",
  words: "keep",
  chains: "agree",
  readings: "first",
});

/** The policies that have a name. What each decides, and why, is in docs/grading.md. */
export const policies = {
  /** For answers of any origin: exact in value, forgiving in form. */
  default: definePolicy({}),
  /** For rewards: nothing is forgiven that a model could learn to use. */
  strict,
  /** Whole numbers from 0 to 999. */
  aime: definePolicy({ name: "aime", units: "drop" }, strict),
  /** Numbers, written `27.0` in the reference. */
  amc: definePolicy({ name: "amc", units: "drop" }, strict),
  /** All the forms of the MATH problems. */
  math: definePolicy({ name: "math" }),
  /** Rounded physics without a stated tolerance: within 1 % of the reference, so not symmetric. */
  minerva: definePolicy({
    name: "minerva",
    tolerance: { relative: 0.01, of: "reference" },
    units: "drop",
  }),
  /** Lists are matched one to one; 1e-8 apart is equal. A row with an `error` of its own needs that as `tolerance.absolute`. */
  olympiadbench: definePolicy({
    name: "olympiadbench",
    tolerance: { absolute: 1e-8 },
    repeats: "counted",
    units: "drop",
  }),
  /** Numbers with money signs, thousands and units. */
  gsm8k: definePolicy({ name: "gsm8k", units: "drop" }),
} as const satisfies Record<string, Policy>;

export type PolicyName = keyof typeof policies;

/**
 * The policy of that name.
 *
 * @throws `invalid_option` with the names that there are.
 */
export function policyOf(name: string): Policy {
  const found: Readonly<Record<string, Policy>> = policies;
  const policy = Object.hasOwn(found, name) ? found[name] : undefined;
  if (policy !== undefined) return policy;
  const names = Object.keys(policies).join(", ");
  throw new ThreadweaverError(
    "invalid_option",
    `There is no grading policy ${JSON.stringify(name)}. There are ${names}.`,
  );
}
