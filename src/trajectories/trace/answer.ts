import { extractAnswer, type ExtractionRule } from "../../grade/extract/extract.ts";

/**
 * The answer of a finished text, or why it has none. Without a rule it is the last box or what is announced as the answer: a
 * whole chain of thought is none.
 */
export function answerOf(
  text: string,
  rule: ExtractionRule | undefined,
): { readonly answer: string } | { readonly why: string } {
  const found = extractAnswer(text, rule ?? "auto");
  if (found.answer === undefined) return { why: found.why };
  if (rule !== undefined || found.rule !== "whole") return { answer: found.answer };
  return { why: "there is no box, and no final answer is announced" };
}
