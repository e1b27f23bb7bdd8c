import type * as z from "zod";
import { policyInWords } from "../../core/policies/bundled/policy-text.ts";
import type { JoinPolicy } from "../../core/policies/policy.ts";

/** Policies as they are written on a command line: `quorum:3`, `confidence:warmups=4,window=64`, `stragglers`. */
export function readPolicies(given: string[], context: z.RefinementCtx): JoinPolicy[] {
  return given.flatMap((text) => {
    const policy = policyInWords(text);
    if (typeof policy !== "string") return [policy];
    context.addIssue({ code: "custom", message: `${JSON.stringify(text)} ${policy}` });
    return [];
  });
}
