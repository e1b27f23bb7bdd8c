import * as z from "zod";
import { extractionRules } from "../../grade/extract/extract.ts";
import { policies } from "../../grade/presets.ts";
import { gradingSchema } from "../../rollout/options.ts";
import { numeric, toggle, type Flags } from "./flag.ts";
import { deciding } from "./deciding-flags.ts";
import { count, engine, limits, model, path, retry, sampling } from "./shared-flags.ts";

/** Of `threadweaver rollout`. Sampling is none of them: it is the whole distribution, at temperature 1. */
export const rolloutFlags = {
  input: {
    value: "FILE",
    help: 'The problems, a JSON object a line: {"id", "prompt", "answer"}, or "messages" in place of "prompt".',
    schema: path.optional(),
  },
  out: {
    value: "DIR",
    help: "The folder for rollouts.jsonl (every rollout with its tree) and rows.jsonl (what trainers read).",
    schema: path.optional(),
  },
  group: {
    value: "G",
    help: "Rollouts of each problem, which are compared with each other.",
    schema: numeric(z.int().min(2)).default(8),
  },
  "at-least": {
    value: "N",
    help: "A group with fewer rollouts, since some failed, gives no rows. Without it, --group.",
    schema: numeric(z.int().min(2)).optional(),
  },
  "drop-equal": { help: "Groups whose rewards are all equal give no rows: they teach nothing.", schema: toggle },
  tries: { help: "Also write tries.jsonl: the same rollouts as flattened tries, one each.", schema: toggle },
  "weight-version": {
    value: "NAME",
    help: "What the server was given as weights: it stands in the rows. A server that names others ends the command.",
    schema: z.string().min(1, "expected a name").optional(),
  },
  answer: {
    value: "RULE",
    help: `How the answer is found after the thinking: ${extractionRules.join(", ")}.`,
    schema: z.enum(extractionRules).default("auto"),
  },
  grading: {
    value: "NAME",
    help: `When an answer is right: ${Object.keys(policies).join(", ")}.`,
    schema: gradingSchema.default("strict"),
  },
  ...engine,
  dialect: model.dialect,
  seed: { ...sampling.seed, help: "Repeats the rollouts; without it, drawn once and kept in the ledger." },
  "max-tokens": sampling["max-tokens"],
  "max-thread-tokens": sampling["max-thread-tokens"],
  "special-in-prompt": sampling["special-in-prompt"],
  ...limits,
  policy: {
    ...deciding.policy,
    help: "Which threads are cut early: deadline:MILLISECONDS, criticalTokens:N or stragglers:FACTOR. May be given several times.",
  },
  ...retry,
  concurrency: { value: "N", help: "Rollouts at once.", schema: count.default(8) },
  requests: {
    value: "N",
    help: "Requests at once, over all rollouts and threads. Without it, 64 or --concurrency, whichever is more; for llama what the engine takes.",
    schema: count.optional(),
  },
  "stop-after": { value: "N", help: "Stop after so many failures in a row.", schema: count.default(10) },
  resume: { help: "Go on with the folder: good rollouts stay; what failed or is missing is sampled.", schema: toggle },
  overwrite: { help: "Replace what is in the folder.", schema: toggle },
  json: { help: "The summary as one JSON value on stdout, and nothing else there.", schema: toggle },
} as const satisfies Flags;
