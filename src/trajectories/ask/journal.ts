import * as z from "zod";

const count = z.int().min(0);

/** Tokens of one answer. */
const tokensSchema = z.strictObject({
  /** Of all that was sent. */
  prompt: count,
  /** Of `prompt`, those that the engine had in its cache; null where it does not say. */
  cached: count.nullable(),
  generated: count,
});

/** What a model answered to one question, or wrote in one run. */
export const entrySchema = z.strictObject({
  type: z.literal("answer"),
  /** SHA-256 of all that the answer depends on. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  /** What was asked: `steps`, `needs`, ... */
  step: z.string().min(1),
  tokens: tokensSchema,
  value: z.json(),
});

export type AnswerTokens = z.output<typeof tokensSchema>;
export type JournalEntry = z.output<typeof entrySchema>;

/**
 * All that models have answered. It is the only state of a generation: everything else follows from it and from the sources,
 * so a generation that was killed asks nothing twice.
 */
export interface Journal {
  find(key: string): Promise<JournalEntry | undefined>;
  /** @throws `file` where it cannot be written. */
  add(entry: JournalEntry): void;
}

/** A journal that nothing is kept of. */
export function memoryJournal(): Journal {
  const entries = new Map<string, JournalEntry>();
  return {
    find: async (key) => entries.get(key),
    add: (entry) => void entries.set(entry.key, entry),
  };
}
