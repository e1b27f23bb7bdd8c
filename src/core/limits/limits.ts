import * as z from "zod";

/**
 * Everything that a run can use up, in one table. A limit that is undefined bounds nothing. Reaching a limit is always
 * a named ending or a warning, never an error.
 */
export interface Limits {
  /** Threads of one fork. With an inline trigger: threads of one sequence that are not joined yet. */
  threads: number;
  /** Forks of the whole run. Every inline spawn is a fork. */
  forks: number;
  /** Levels of threads below main. A dialect's `thread.maxDepth` may allow fewer. */
  depth: number;
  /**
   * Calls of one sequence. When few are left, the sequence is no longer watched for forks, so that it ends by itself.
   */
  calls: number;
  /** Generated tokens of the whole run, shared by all sequences. When they are used up, whatever runs is cut. */
  runTokens?: number | undefined;
  /** Generated tokens of one thread, without those of its own threads. */
  threadTokens?: number | undefined;
  /** Generated tokens on the longest chain that leads to the place where a sequence stands. */
  criticalTokens?: number | undefined;
  /** Milliseconds since the run started. */
  ms?: number | undefined;
  /** Milliseconds of one call, from its first request on, with the time between attempts. */
  callMs?: number | undefined;
}

export type LimitName = keyof Limits;

/** The schema of `Limits`. */
export const limitsSchema = z.strictObject({
  threads: z.int().min(0),
  forks: z.int().min(0),
  depth: z.int().min(0),
  calls: z.int().min(1),
  runTokens: z.int().min(0).optional(),
  threadTokens: z.int().min(0).optional(),
  criticalTokens: z.int().min(0).optional(),
  ms: z.number().min(0).optional(),
  callMs: z.number().min(0).optional(),
} satisfies { [K in LimitName]-?: z.ZodType<Limits[K]> });

export const limitNames: readonly LimitName[] = limitsSchema.keyof().options;

/** The limits that apply where neither a run nor its dialect sets one. */
export const defaultLimits: Limits = { threads: 64, forks: 32, depth: 16, calls: 256 };

/** Limits as they can be given. What is left out or undefined comes from the dialect, then from the defaults. */
export type SomeLimits = { readonly [K in LimitName]?: Limits[K] | undefined };

/** The limits of a run. Its own win over its dialect's, and these win over the defaults. */
export function resolveLimits(run: SomeLimits, dialect: SomeLimits): Limits {
  const given = (limits: SomeLimits) => Object.entries(limits).filter(([, value]) => value !== undefined);
  return limitsSchema.parse(Object.fromEntries([...Object.entries(defaultLimits), ...given(dialect), ...given(run)]));
}

/** How much of each limit is used. Only the limits that are named here are checked. */
export type Used = { readonly [K in LimitName]?: number | undefined };

/**
 * How much is left of the limits that `used` names, in the order of the table. An amount is negative where more was
 * used than the limit allows. Limits that are not set are left out. No other code compares a limit with anything.
 */
export function left(limits: Limits, used: Used): { limit: LimitName; amount: number }[] {
  const amounts: { limit: LimitName; amount: number }[] = [];
  for (const limit of limitNames) {
    const [most, amount] = [limits[limit], used[limit]];
    if (most !== undefined && amount !== undefined) amounts.push({ limit, amount: most - amount });
  }
  return amounts;
}

/** The limit with the smallest amount left; the first of equals. Undefined where no limit is set. */
export function least(limits: Limits, used: Used): { limit: LimitName; amount: number } | undefined {
  let found: { limit: LimitName; amount: number } | undefined;
  for (const candidate of left(limits, used))
    if (found === undefined || candidate.amount < found.amount) found = candidate;
  return found;
}
