import * as z from "zod";

const count = z.int().min(1);
const tokens = z.int().min(0);

/**
 * Everything that a run can use up, in one table. A limit that is undefined does not bound anything. Reaching one is
 * always a named ending or a warning, never an error.
 */
export const limitsSchema = z.strictObject({
  /** Threads of one fork; of an inline dialect: threads of one sequence that are not joined yet. */
  threads: z.int().min(0),
  /** Forks of the whole run; an inline spawn is one. */
  forks: z.int().min(0),
  /** Levels of threads below main; a dialect may allow fewer. */
  depth: z.int().min(0),
  /** Calls of one sequence. When few are left it is no longer watched for forks, so it ends by itself. */
  calls: count,
  /** Generated tokens of the whole run: a pot that all sequences share. When it is empty, whatever runs is cut. */
  runTokens: tokens.optional(),
  /** Generated tokens of one thread, those of its own threads not counted. */
  threadTokens: tokens.optional(),
  /** Generated tokens on the longest chain that leads to where a sequence stands. */
  criticalTokens: tokens.optional(),
  /** Milliseconds since the run started. */
  ms: z.number().min(0).optional(),
});

export type Limits = z.output<typeof limitsSchema>;
export type LimitName = keyof Limits;

const limitNames = limitsSchema.keyof().options;

/** What holds where neither a run nor its dialect says anything. */
export const defaultLimits: Limits = { threads: 64, forks: 32, depth: 16, calls: 256 };

/** Limits as they may be given: what is left out or undefined is taken from the dialect, then from the defaults. */
export type SomeLimits = { readonly [K in LimitName]?: Limits[K] | undefined };

/** The limits of a run: its own win over its dialect's, and those over the defaults. */
export function resolveLimits(run: SomeLimits, dialect: SomeLimits): Limits {
  const given = (limits: SomeLimits) => Object.entries(limits).filter(([, value]) => value !== undefined);
  return limitsSchema.parse(Object.fromEntries([...Object.entries(defaultLimits), ...given(dialect), ...given(run)]));
}

/** How much of each limit is used; only the limits that are named are looked at. */
export type Used = { readonly [K in LimitName]?: number | undefined };

/**
 * What is left of the limits that `used` names, in the order of the table: negative where more was used than there is.
 * Limits that are not set are left out. The only place that compares a limit with anything.
 */
export function left(limits: Limits, used: Used): { limit: LimitName; amount: number }[] {
  const amounts: { limit: LimitName; amount: number }[] = [];
  for (const limit of limitNames) {
    const [most, amount] = [limits[limit], used[limit]];
    if (most !== undefined && amount !== undefined) amounts.push({ limit, amount: most - amount });
  }
  return amounts;
}

/** The limit of which least is left, the first of equals; undefined where none is set. */
export function least(limits: Limits, used: Used): { limit: LimitName; amount: number } | undefined {
  let found: { limit: LimitName; amount: number } | undefined;
  for (const candidate of left(limits, used))
    if (found === undefined || candidate.amount < found.amount) found = candidate;
  return found;
}
