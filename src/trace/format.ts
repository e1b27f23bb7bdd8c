import * as z from "zod";
import { headerSchema } from "../run/recorder.ts";

/** The version of the lines below. It stands in the first of them. */
export const traceVersion = 1;

/**
 * What a trace holds. `all`: everything, so that the run can be replayed and resumed. `redacted`: its texts went through
 * a function, and token ids are left out. `none`: no texts and no ids, only counts of tokens.
 */
export type TraceContent = "all" | "redacted" | "none";
const contentSchema = z.enum(["all", "redacted", "none"]) satisfies z.ZodType<TraceContent>;

/** The first line. The lines after it are inputs, then there is one for the end. */
export const headerLineSchema = headerSchema.extend({ trace: z.literal(traceVersion), content: contentSchema });

const count = z.int().min(0);

/** The counts of a result. */
export const tokenCountsSchema = z.object({
  prompt: count,
  generated: count,
  inserted: count,
  wasted: count,
  sent: count,
  cached: count.optional(),
  criticalPath: count,
  estimated: z.boolean(),
});

/** How a run ended, as its trace says it: enough to prove that a replay gives the same. */
export const endSchema = z.object({
  t: z.literal("end"),
  /** What the run failed with. The message is left out where a trace holds no text. */
  error: z.object({ code: z.string(), message: z.string().optional() }).optional(),
  /** Undefined where the run failed before it had anything. */
  result: z
    .object({
      wallMs: z.number(),
      ending: z.looseObject({ kind: z.string() }),
      finishReason: z.string(),
      tokens: tokenCountsSchema,
      /** Warnings that follow from no input, such as that of a listener that threw, with their place among all. */
      said: z.array(z.object({ n: count, code: z.string(), message: z.string(), threadId: z.string() })),
      /**
       * SHA-256 of the result without its tree, as JSON, and of its text, in hexadecimal digits. Only where a trace holds
       * everything.
       */
      sha256: z.object({ result: z.string(), text: z.string() }).optional(),
    })
    .optional(),
});
export type TraceEnd = z.output<typeof endSchema>;
