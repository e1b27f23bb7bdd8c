import * as z from "zod";
import { layouts } from "../../trajectories/layout/layout.ts";
import { dataset, protocol } from "./evaluation-flags.ts";
import { numeric, toggle, type Flags } from "./flag.ts";
import { chat, count, engine, path, retry, sampling } from "./shared-flags.ts";

const price = numeric(z.number().min(0)).optional();
const share = numeric(z.number().min(0).max(1)).optional();
const { dataset: name, path: file, columns, filter, limit, shuffle } = dataset;
const { template, raw, "special-in-prompt": special, system, answer, grading, seed } = protocol;
const { temperature, "top-p": topP, "top-k": topK, "min-p": minP, "max-thread-tokens": threadTokens } = sampling;

/** Of `threadweaver trajectories`. */
export const trajectoryFlags = {
  out: { value: "DIR", help: "Where the answers, the texts and the data card go.", schema: path.optional() },
  resume: { help: "Go on with the folder. What a model answered there is not asked again.", schema: toggle },
  overwrite: { help: "Replace what is there.", schema: toggle },
  "dry-run": { help: "Say what there is to do and what it may cost, and ask no model.", schema: toggle },
  to: {
    value: "FORMAT",
    help: `The format of the texts: ${layouts.map(({ dialect }) => dialect.name).join(", ")}.`,
    schema: z.enum(layouts.map(({ dialect }) => dialect.name)).default("threadweaver"),
  },
  dialect: {
    value: "DIALECT",
    help: "For sample: the format of the runs, by prompt (skeleton, threadweaver-prompted) or as the model was trained. Without it, that of --to.",
    schema: z.string().min(1, "expected a name or a path").optional(),
  },
  dataset: { ...name, help: `For sample: ${name.help}` },
  path: file,
  columns: {
    ...columns,
    help: "The columns of the file: question=COLUMN,answer=COLUMN and id=COLUMN; for rewrite also trace=COLUMN.",
  },
  filter,
  limit,
  shuffle,
  tries: {
    value: "N",
    help: "For rewrite: how often a question is asked until its answer fits (3). For sample: runs of a problem, at most (8).",
    schema: count.optional(),
  },
  "per-problem": {
    value: "N",
    help: "For sample: texts that are kept of a problem, the first right ones.",
    schema: count.default(1),
  },
  "sequential-share": {
    value: "S",
    help: "The largest share of the texts that may have no threads; 0 to 1.",
    schema: share.default(0.1),
  },
  "min-balance": {
    value: "S",
    help: "The mean length of a block's threads as a share of the longest, at least. Without it, 0.5.",
    schema: share,
  },
  "min-gain": {
    value: "S",
    help: "The share of a text off the critical path, at least. Without it, 0.05.",
    schema: share,
  },
  answer: { ...answer, help: `${answer.help} Without it, the last box or what is announced.` },
  grading,
  template: {
    ...template,
    help: `For sample: ${template.help} Without it, the question and a request for a box; with --raw, the question.`,
  },
  raw,
  "special-in-prompt": special,
  system,
  temperature,
  "top-p": topP,
  "top-k": topK,
  "min-p": minP,
  seed,
  "max-tokens": {
    value: "N",
    help: "For rewrite: tokens of one answer, at most (8192). For sample: of one run.",
    schema: count.optional(),
  },
  "max-thread-tokens": threadTokens,
  "template-option": chat["template-option"],
  logprobs: {
    help: "For sample: keep the log-probability of each token in rollouts.jsonl, for losses with a ratio. Sampling that is not given changes no odds then (temperature 1, and so on).",
    schema: toggle,
  },
  concurrency: { value: "N", help: "Traces or problems at once.", schema: count.default(8) },
  "stop-after": { value: "N", help: "Stop after so many failures of the engine in a row.", schema: count.default(10) },
  "token-budget": {
    value: "N",
    help: "Ask nothing more after so many tokens, sent and generated, earlier ones included.",
    schema: count.optional(),
  },
  "cost-budget": { value: "AMOUNT", help: "The same in money. Needs prices.", schema: price },
  "price-input": { value: "AMOUNT", help: "What a million tokens of prompts costs.", schema: price },
  "price-output": { value: "AMOUNT", help: "What a million generated tokens costs.", schema: price },
  "price-cached": { value: "AMOUNT", help: "What a million cached tokens of prompts costs.", schema: price },
  id: { value: "ID", help: "For view: which text. Without it, the first.", schema: z.string().optional() },
  output: {
    value: "FILE",
    help: "For export: where the chats go. A name that ends in .parquet makes a parquet file (needs the package hyparquet-writer).",
    schema: path.optional(),
  },
  json: { help: "The numbers of the card, or what view shows, as one JSON value on stdout.", schema: toggle },
  ...engine,
  ...retry,
} as const satisfies Flags;
