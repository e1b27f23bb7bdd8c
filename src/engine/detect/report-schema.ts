import * as z from "zod";
import { engineProfileSchema } from "../profile-overrides.ts";
import type { ServerReport } from "./server-report.ts";

const count = z.int().min(0);
const id = z.int().min(0);

/** What of a report is needed to go on without asking the server. The rest is for people. */
const reportSchema = z.looseObject({
  address: z.string(),
  base: z.string(),
  kind: z.enum(["vllm", "sglang", "llamacpp", "generic"]),
  version: z.string().optional(),
  model: z.string(),
  serverContext: count.optional(),
  tier: z.enum(["ids", "text", "chat-continue", "chat-only"]),
  bos: id.optional(),
  eos: z.array(id),
  vocabularySize: count.optional(),
  controls: z.record(z.string(), id),
  markers: z.array(
    z.object({ text: z.string(), ids: z.array(id), special: z.boolean().optional(), inVocabulary: z.boolean() }),
  ),
  profile: engineProfileSchema,
  slots: count.optional(),
  reportsCachedTokens: z.boolean(),
  warnings: z.array(z.looseObject({ code: z.string(), message: z.string() })),
});

/** Whether a value is a report, also one that was JSON in between. Undefined: yes; else what is wrong with it. */
function flawOfReport(value: unknown): string | undefined {
  const { error } = reportSchema.safeParse(value);
  const [first] = error?.issues ?? [];
  return first === undefined ? undefined : `${first.path.join(".")}: ${first.message}`;
}

export const serverReport: z.ZodType<ServerReport> = z.custom<ServerReport>().superRefine((value, context) => {
  const flaw = flawOfReport(value);
  if (flaw === undefined) return;
  const message = `what engine.report is, or what threadweaver probe --json prints; this is not (${flaw})`;
  context.addIssue({ code: "custom", message });
});
