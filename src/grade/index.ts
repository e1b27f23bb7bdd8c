/**
 * Whether two answers are equal: for votes, evaluation, rewards and filters. No dependency, no clock, no I/O; the same inputs
 * always give the same verdict, and the work is bounded whatever they are.
 *
 * @packageDocumentation
 */
export { equal, isReadable, maxLength } from "./equal.ts";
export { extractAnswer, extractionRules } from "./extract/extract.ts";
export type { Extraction, ExtractionRule } from "./extract/extract.ts";
export { definePolicy } from "./policy.ts";
export type { Policy, PolicyChanges } from "./policy.ts";
export { policies, policyOf } from "./presets.ts";
export type { PolicyName } from "./presets.ts";
export type { Verdict, VerdictRule } from "./verdict.ts";
