import * as z from "zod";
import type { JoinPolicy } from "../policy.ts";
import { all } from "./all.ts";
import { confidence, confidenceOptions } from "./confidence.ts";
import { criticalTokens, criticalTokensOptions } from "./critical-tokens.ts";
import { deadline, deadlineOptions } from "./deadline.ts";
import { firstOf, firstOfOptions } from "./first-of.ts";
import { quorum, quorumOptions } from "./quorum.ts";
import { stragglers, stragglersOptions } from "./stragglers.ts";

/** A bundled policy as data: its name, and the options that it was made with. */
export const policyDataSchema = z.discriminatedUnion("name", [
  z.object({ name: z.literal("all"), options: z.strictObject({}).default({}) }),
  z.object({ name: z.literal("firstOf"), options: firstOfOptions }),
  z.object({ name: z.literal("quorum"), options: quorumOptions }),
  z.object({ name: z.literal("deadline"), options: deadlineOptions }),
  z.object({ name: z.literal("criticalTokens"), options: criticalTokensOptions }),
  z.object({ name: z.literal("stragglers"), options: stragglersOptions.prefault({}) }),
  z.object({ name: z.literal("confidence"), options: confidenceOptions.prefault({}) }),
]);
export type PolicyData = z.output<typeof policyDataSchema>;

/** The names of the bundled policies. */
export const policyNames = policyDataSchema.options.map(({ shape }) => shape.name.value);

/** Makes a bundled policy from its data. */
export function policyFrom({ name, options }: PolicyData): JoinPolicy {
  switch (name) {
    case "all":
      return all();
    case "firstOf":
      return firstOf(options.count);
    case "quorum":
      return quorum(options.count);
    case "deadline":
      return deadline(options.ms);
    case "criticalTokens":
      return criticalTokens(options.count);
    case "stragglers":
      return stragglers(options);
    case "confidence":
      return confidence(options);
  }
}

/** A policy as data. Undefined for one that is a function of the program's. */
export function policyData({ name, options }: JoinPolicy): PolicyData | undefined {
  const parsed = policyDataSchema.safeParse({ name, options });
  return options !== undefined && parsed.success ? parsed.data : undefined;
}
