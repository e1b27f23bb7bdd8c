import * as z from "zod";
import { policyData, policyDataSchema, policyFrom } from "../../core/policies/bundled/index.ts";
import type { JoinPolicy } from "../../core/policies/policy.ts";
import { ThreadweaverError } from "../../errors.ts";
import { extractionRules } from "../../grade/extract/extract.ts";
import type { AnswerEquality, AnswerRule } from "./options.ts";

const ruleSchema = z.union([
  z.enum(extractionRules),
  z.object({ pattern: z.string(), flags: z.string() }),
  z.object({ jsonPath: z.string() }),
]);

/** Who decided about the threads of a recorded run. `null`: a function of its program. */
export const decidersSchema = z.object({
  policies: z.array(z.object({ name: z.string(), options: z.record(z.string(), z.number().optional()).nullable() })),
  answer: ruleSchema.nullable(),
  equal: z.string().nullable(),
  /** Of attempts: what their votes weigh. */
  vote: z.enum(["majority", "confidence"]).optional(),
});
export type Deciders = z.output<typeof decidersSchema>;

interface Deciding {
  readonly policy: readonly JoinPolicy[];
  readonly answer: AnswerRule;
  readonly equal: AnswerEquality;
}

/** As a record has them; undefined where nothing is decided. */
export function recordOf({ policy, answer, equal }: Deciding, vote: Deciders["vote"]): Deciders | undefined {
  if (policy.length === 0 && vote === undefined) return undefined;
  return {
    policies: policy.map((one) => ({ name: one.name, options: policyData(one)?.options ?? null })),
    answer: ruleData(answer),
    equal: typeof equal === "function" ? null : equal,
    ...(vote && { vote }),
  };
}

function ruleData(answer: AnswerRule): Deciders["answer"] {
  if (typeof answer === "function") return null;
  if (typeof answer === "string" || "jsonPath" in answer) return answer;
  return { pattern: answer.pattern.source, flags: answer.pattern.flags };
}

/** What a resumed run is given: each wins over the record. */
export type GivenAgain = { readonly [K in keyof Deciding]?: Deciding[K] | undefined };

/** Those of a record. @throws `invalid_option` where one of them is a function, and is not given again. */
export function decidersFrom(recorded: Deciders, given: GivenAgain): GivenAgain {
  const { answer, equal } = recorded;
  return {
    policy: given.policy ?? recorded.policies.map(policyAgain),
    answer: given.answer ?? (answer === null ? missing("answer", "a function") : ruleFrom(answer)),
    equal: given.equal ?? (equal === null ? missing("equal", "a function") : equalityFrom(equal)),
  };
}

function policyAgain({ name, options }: Deciders["policies"][number]): JoinPolicy {
  const data = options === null ? undefined : policyDataSchema.safeParse({ name, options });
  return data?.success === true ? policyFrom(data.data) : missing("policy", `a policy of its own (${name})`);
}

function ruleFrom(rule: NonNullable<Deciders["answer"]>): AnswerRule {
  return typeof rule === "object" && "pattern" in rule ? { pattern: new RegExp(rule.pattern, rule.flags) } : rule;
}

function equalityFrom(name: string): AnswerEquality {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the options of the run check it
  return name as AnswerEquality;
}

function missing(option: string, what: string): never {
  const message = `The recorded run was decided by ${what} of its program, and a record has none: resume it with \`${option}\`.`;
  throw new ThreadweaverError("invalid_option", message);
}
