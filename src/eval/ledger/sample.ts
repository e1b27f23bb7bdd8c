import * as z from "zod";

const count = z.int().min(0);
const counts = z.record(z.string(), count);

/** What names a sample in its ledger. */
const key = { arm: z.string().min(1), problem: z.string(), sample: count };

/** One answer to one problem, as a line of the ledger. */
export const sampleSchema = z.strictObject({
  type: z.literal("sample"),
  ...key,
  seed: count,
  /** Milliseconds since the epoch. */
  startedAt: z.number(),
  /** Milliseconds from its first request to its end. */
  ms: z.number().min(0),
  /** 1: right. */
  score: z.union([z.literal(0), z.literal(1)]),
  /** What was found in the text; null where nothing was. */
  answer: z.string().nullable(),
  /** The rule that found it, or why there is none. */
  found: z.string(),
  /** What the grader decided by; null without an answer. `unreadable` and `undecided` are listed in reports. */
  decided: z.string().nullable(),
  /** How main ended: `eos`, `marker`, `length: runTokens`, `cut: quorum`, `failed`. */
  ending: z.string(),
  /** Whether a limit ended main, or one of the attempts: it would have been longer. */
  truncated: z.boolean(),
  /** Threads and attempts that did not come to their own end, by cause, such as `length: criticalTokens`. */
  early: counts,
  tokens: z.strictObject({
    prompt: count,
    generated: count,
    inserted: count,
    /** Generated after the end of a call. */
    wasted: count,
    /** Of the contexts of all requests. */
    sent: count,
    /** Of `sent`, those that the engine had; null where it does not say. */
    cached: count.nullable(),
    criticalPath: count,
    /** Generated in threads. */
    inThreads: count,
  }),
  threads: count,
  forks: count,
  /**
   * Milliseconds that threads took, and that they then waited for the slowest of their fork; and `main`, that main waited
   * for its threads. Ledgers of before do not have the last.
   */
  threadMs: z.strictObject({
    worked: z.number().min(0),
    waited: z.number().min(0),
    main: z.number().min(0).optional(),
  }),
  /** The acceleration ratio by the formula of ThreadWeaver's authors; null where its tags are no tokens. */
  authorsAcceleration: z.number().nullable(),
  /** Whether the text is well-formed in its format; null for an arm without one. */
  wellFormed: z.boolean().nullable(),
  /** Requests that broke off and were made again. */
  retries: count,
  /** Of the arm `budget`: its limit, and whether the thinking was closed there. */
  budget: z.strictObject({ tokens: count, closed: z.boolean() }).optional(),
  /** Of attempts: how many there were, which answers got which weight, and what cutting saved (an estimate). */
  attempts: z
    .strictObject({
      count,
      votes: z.array(z.strictObject({ answer: z.string(), weight: z.number() })),
      savedTokens: count,
    })
    .optional(),
  /** All that was written, unless texts are left out. */
  text: z.string().optional(),
  /** The file of its trace, relative to the ledger's folder. */
  trace: z.string().optional(),
});

/** A sample that has no result: the engine failed. It is made again when the evaluation goes on. */
export const failureSchema = z.strictObject({
  type: z.literal("failure"),
  ...key,
  seed: count,
  startedAt: z.number(),
  ms: z.number().min(0),
  /** Such as `engine_failed`. */
  code: z.string(),
  message: z.string(),
});

export type Sample = z.output<typeof sampleSchema>;
export type SampleFailure = z.output<typeof failureSchema>;

/** Whether a limit ended one of its threads or attempts. */
export function hasCutThread({ early }: Pick<Sample, "early">): boolean {
  return Object.keys(early).some((cause) => cause.startsWith("length"));
}

/** Whether a limit ended its text. Ledgers of before say of attempts only what came of main, which is never cut. */
export function isTruncated({ truncated, attempts, early }: Pick<Sample, "truncated" | "attempts" | "early">): boolean {
  return truncated || (attempts !== undefined && hasCutThread({ early }));
}

/** What names a sample: the same in each run of one evaluation. */
export interface SampleKey {
  readonly arm: string;
  readonly problem: string;
  readonly sample: number;
}
