import * as z from "zod";
import type { JoinPolicy } from "../../core/policies/policy.ts";
import { extractionRules, type ExtractionRule } from "../../grade/extract/extract.ts";
import { policies, type PolicyName } from "../../grade/presets.ts";
import { functionSchema, isFunction, said } from "../function-schema.ts";

/** How the answer is found in the text of an attempt: a rule of the grader, or a function that gives undefined for none. */
export type AnswerRule = ExtractionRule | ((text: string) => string | undefined);

/** When two answers count as equal: as a policy of the grader says, as texts, or as a function says. */
export type AnswerEquality = PolicyName | "text" | ((a: string, b: string) => boolean);

/** Who decides about threads that run side by side, and on what. */
export interface PolicyOptions {
  /**
   * Which threads are cut before they end, and when: a policy of `threadweaver/policies`, or one of your own. Of several,
   * each may cut. What was cut is closed so that the text stays well formed, and is named in `incomplete` of the result.
   * Threads that each do a part of the work take `deadline`, `criticalTokens` and `stragglers` only.
   *
   * @defaultValue none: every thread runs to its end
   */
  policy?: JoinPolicy | readonly JoinPolicy[] | undefined;
  /** How a policy that compares answers finds them. @defaultValue "auto" */
  answer?: AnswerRule | undefined;
  /** When two of them count as equal. @defaultValue "default" */
  equal?: AnswerEquality | undefined;
}

const policySchema = z.custom<JoinPolicy>(isPolicy);

const ruleSchema = z.union([
  z.enum(extractionRules),
  z.strictObject({ pattern: z.instanceof(RegExp) }),
  z.strictObject({ jsonPath: z.string() }),
]);

/** When answers are equal, by name. */
export const equalitySchema: z.ZodType<PolicyName | "text"> = z.custom<PolicyName | "text">(isEquality, {
  error: said(`one of text, ${Object.keys(policies).join(", ")}`),
});

/** The schemas of `PolicyOptions`. */
export const policyOptions = {
  policy: z
    .union([policySchema.transform((one) => [one]), z.array(policySchema)], {
      error: said("a policy such as quorum(3) of threadweaver/policies, or a list of them"),
    })
    .default([]),
  answer: z
    .union([functionSchema<(text: string) => string | undefined>(), ruleSchema], {
      error: said(`one of ${extractionRules.join(", ")}, { pattern: /…/ }, { jsonPath: "…" } or a function`),
    })
    .default("auto"),
  equal: z
    .union([functionSchema<(a: string, b: string) => boolean>(), equalitySchema], {
      error: said(`one of text, ${Object.keys(policies).join(", ")}, or a function`),
    })
    .default("default"),
};

function isEquality(value: unknown): boolean {
  return value === "text" || (typeof value === "string" && Object.hasOwn(policies, value));
}

function isPolicy(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    value.name !== "" &&
    "decide" in value &&
    isFunction(value.decide)
  );
}
