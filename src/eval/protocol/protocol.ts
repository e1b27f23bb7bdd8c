import * as z from "zod";
import { samplingSchema, type SamplingParameters } from "../../core/trie/sampling.ts";
import { ThreadweaverError } from "../../errors.ts";
import { parseOptions } from "../../engine/parse-options.ts";
import { extractionRules } from "../../grade/extract/extract.ts";
import { policies, type PolicyName } from "../../grade/presets.ts";

/**
 * What a token limit counts: tokens on the longest chain of a run, all tokens of a run, or the tokens of each thread.
 * A limit on the critical path lets parallel arms generate more than sequential ones. Of `thread`, a text without forks is
 * one thread and so is an attempt; main of an arm that forks has no limit.
 */
export const limitKinds = ["critical-path", "total", "thread"] as const;
export type LimitKind = (typeof limitKinds)[number];

/** How every problem is asked and every answer is graded: all that must be equal for two results to be compared. */
export interface Protocol {
  /** Such as `threadweaver`, or `custom`. */
  readonly name: string;
  /** `chat`: a message of the user, in the model's own template. `raw`: sent as it is. */
  readonly form: "chat" | "raw";
  /** What is sent, with `{question}` where the question stands. */
  readonly template: string;
  /** A system message; of `chat` only. */
  readonly system?: string | undefined;
  /**
   * What control strings in a prompt are; of `raw` only. `parse`: control tokens, also where a question holds them.
   * `text`: text. Without it, such a prompt is refused.
   */
  readonly specialInPrompt?: "parse" | "text" | undefined;
  /** Samples of each problem. */
  readonly samples: number;
  /** What is left out is left to the server. */
  readonly sampling: SamplingParameters;
  /** The most tokens of one sample. Undefined: what the context has room for. */
  readonly limit?: { readonly tokens: number; readonly of: LimitKind } | undefined;
  /** How the answer is found in a text. */
  readonly answer: (typeof extractionRules)[number];
  /** When an answer is right. `dataset`: as the dataset says. */
  readonly grading: "dataset" | PolicyName;
  /** The arm `budget`: what closes the thinking where the budget ran out, and what the model may write after it. */
  readonly closing: { readonly text: string; readonly tokens: number };
}

export const protocolSchema = z.strictObject({
  name: z.string().min(1),
  form: z.enum(["chat", "raw"]),
  template: z.string().refine((text) => text.includes("{question}"), "must contain {question}"),
  system: z.string().optional(),
  specialInPrompt: z.enum(["parse", "text"]).optional(),
  samples: z.int().min(1).max(100_000),
  sampling: samplingSchema,
  limit: z.strictObject({ tokens: z.int().min(1), of: z.enum(limitKinds) }).optional(),
  answer: z.enum(extractionRules),
  grading: z.enum(["dataset", ...namesOf(policies)]),
  closing: z.strictObject({ text: z.string(), tokens: z.int().min(1) }),
}) satisfies z.ZodType<Protocol>;

/**
 * A protocol, checked.
 *
 * @throws `invalid_option` that names each field that cannot be used.
 */
export function checkProtocol(protocol: Protocol): Protocol {
  const checked = parseOptions("the protocol", protocolSchema, protocol);
  const { form, system, specialInPrompt } = checked;
  if (form === "raw" && system !== undefined) throw misplaced("system", "chat");
  if (form === "chat" && specialInPrompt !== undefined) throw misplaced("specialInPrompt", "raw");
  return checked;
}

function misplaced(field: keyof Protocol, form: Protocol["form"]): ThreadweaverError {
  return new ThreadweaverError(
    "invalid_option",
    `Invalid options for the protocol: ${field}: is for the form ${form} only`,
  );
}

function namesOf<K extends string>(table: Readonly<Record<K, unknown>>): [K, ...K[]] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has names
  return Object.keys(table) as [K, ...K[]];
}
