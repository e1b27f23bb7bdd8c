import type { PolicyName } from "../../grade/presets.ts";
import { policies } from "../../grade/presets.ts";
import type { trajectoryFlags } from "../flags/trajectory-flags.ts";
import type { Values } from "../flags/flag.ts";
import type { Budget, Prices } from "../../trajectories/ask/spending.ts";
import { layoutOf } from "../../trajectories/layout/layout.ts";
import type { Dialect } from "../../core/dialects/schema.ts";
import { usageError } from "../usage.ts";

export type TrajectoryFlags = Values<typeof trajectoryFlags>;

export function pricesOf(flags: TrajectoryFlags): Prices | undefined {
  const { "price-input": input, "price-output": output, "price-cached": cachedInput } = flags;
  if (input === undefined && output === undefined && cachedInput === undefined) return undefined;
  if (input === undefined || output === undefined)
    throw usageError("--price-input and --price-output go together.", "trajectories");
  return { input, output, cachedInput };
}

export function budgetOf(flags: TrajectoryFlags): Budget {
  const { "token-budget": tokens, "cost-budget": cost } = flags;
  if (cost !== undefined && pricesOf(flags) === undefined)
    throw usageError("--cost-budget needs --price-input and --price-output.", "trajectories");
  return { tokens, cost };
}

export function targetOf({ to }: TrajectoryFlags): Dialect {
  return layoutOf({ name: to }).dialect;
}

/** What decides whether a text is kept. @param own when an answer is right, as the dataset says. */
export function filterOf(flags: TrajectoryFlags, own: PolicyName = "default") {
  return {
    answer: flags.answer,
    policy: policyOf(flags.grading, own),
    minBalance: flags["min-balance"] ?? 0.5,
    minGain: flags["min-gain"] ?? 0.05,
  } as const;
}

function policyOf(name: string | undefined, own: PolicyName): PolicyName {
  if (name === undefined || name === "dataset") return own;
  const known = Object.keys(policies);
  if (!known.includes(name)) throw usageError(`--grading is one of ${known.join(", ")}, not ${name}.`, "trajectories");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was looked up
  return name as PolicyName;
}

/** What was given of how tokens are drawn. */
export function samplingOf(flags: TrajectoryFlags): Readonly<Record<string, number>> {
  const { temperature, "top-p": topP, "top-k": topK, "min-p": minP } = flags;
  return given({ temperature, topP, topK, minP });
}

/** Without what was not given. */
export function given<T>(values: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
