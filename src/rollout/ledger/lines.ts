import * as z from "zod";

export const rolloutLedgerVersion = 1;

/** Settings that all rollouts of a ledger have in common, by name. */
export type RolloutSettings = Readonly<Record<string, string | number | null>>;

/** The first line of a ledger of rollouts. */
export const rolloutHeaderSchema = z.strictObject({
  type: z.literal("rollouts"),
  version: z.literal(rolloutLedgerVersion),
  /** ISO 8601. */
  created: z.string(),
  /** Model, dialect, seed, size of a group, problems and whatever else decides what a rollout is. */
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
});

/** What a line of a rollout says beside its result. */
export const rolloutLineSchema = z.looseObject({
  id: z.string(),
  sample: z.int().min(0),
  correct: z.boolean(),
  tokens: z.looseObject({ generated: z.int().min(0), criticalPath: z.int().min(0) }),
  tree: z.looseObject({}),
});

/** A line of a rollout that failed. It is made again when the ledger is gone on with. */
export const failureLineSchema = z.looseObject({
  id: z.string(),
  sample: z.int().min(0),
  error: z.object({ code: z.string(), message: z.string() }),
});

export type RolloutHeader = z.output<typeof rolloutHeaderSchema>;
export type FailureLine = z.output<typeof failureLineSchema>;
