import * as z from "zod";
import { policyNames } from "../../core/policies/bundled/index.ts";
import { extractionRules } from "../../grade/extract/extract.ts";
import { equalitySchema } from "../../run/policies/options.ts";
import { numeric, type Flags } from "./flag.ts";
import { readPolicies } from "./policies.ts";

/** Who decides about threads, and about attempts. */
export const deciding = {
  attempts: {
    value: "N",
    help: "Instead of forking: so many attempts at the plain question, side by side, and the answer that they elect.",
    schema: numeric(z.int().min(1).max(4096)).optional(),
  },
  policy: {
    value: "POLICY",
    many: true,
    help: `Which threads or attempts are cut early, such as quorum:3, deadline:30000 (milliseconds), stragglers:2 or confidence:warmups=4. There are ${policyNames.join(", ")}. May be given several times.`,
    schema: z.array(z.string()).default([]).transform(readPolicies),
  },
  answer: {
    value: "RULE",
    help: `With --attempts or --policy: how the answer is found in a text: ${extractionRules.join(", ")}; boxed is lastBox.`,
    schema: z
      .enum([...extractionRules, "boxed"])
      .transform((rule) => (rule === "boxed" ? "lastBox" : rule))
      .optional(),
  },
  equal: {
    value: "NAME",
    help: `With --attempts or --policy: when two answers are equal: text, or as grade --policy NAME says.`,
    schema: equalitySchema.optional(),
  },
  vote: {
    value: "HOW",
    help: "With --attempts: what a vote weighs. majority: all the same. confidence: how sure the model was. Without it, confidence with the policy of that name, else majority.",
    schema: z.enum(["majority", "confidence"]).optional(),
  },
} as const satisfies Flags;
