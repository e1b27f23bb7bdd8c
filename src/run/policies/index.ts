/**
 * Who decides about threads that run side by side: join policies for the threads of a run, and for attempts at one question
 * (`runner.attempts`).
 *
 * @packageDocumentation
 */
export { all } from "../../core/policies/bundled/all.ts";
export { confidence, type ConfidenceOptions } from "../../core/policies/bundled/confidence.ts";
export { criticalTokens } from "../../core/policies/bundled/critical-tokens.ts";
export { deadline } from "../../core/policies/bundled/deadline.ts";
export { firstOf } from "../../core/policies/bundled/first-of.ts";
export { quorum } from "../../core/policies/bundled/quorum.ts";
export { stragglers, type StragglersOptions } from "../../core/policies/bundled/stragglers.ts";
export type { Confidence, Decision, JoinPolicy, PolicyNeeds, PolicyView, Sibling } from "../../core/policies/policy.ts";
export type { Vote } from "../../core/policies/vote.ts";
export type { AttemptsOptions, AttemptVote } from "../attempts/options.ts";
export type { AttemptResult, AttemptsResult } from "../attempts/result.ts";
export type { AnswerEquality, AnswerRule, PolicyOptions } from "./options.ts";
