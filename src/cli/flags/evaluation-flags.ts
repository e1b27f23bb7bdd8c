import * as z from "zod";
import { datasets } from "../../eval/datasets/named.ts";
import { armKinds } from "../../eval/arms/arm.ts";
import { protocols } from "../../eval/protocol/presets.ts";
import { limitKinds } from "../../eval/protocol/protocol.ts";
import { extractionRules } from "../../grade/extract/extract.ts";
import { policies } from "../../grade/presets.ts";
import { numeric, toggle, type Flags } from "./flag.ts";
import { count, engine, model, path, sampling } from "./shared-flags.ts";

const words = z.string().transform((text) =>
  text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== ""),
);

const texts = z.array(z.string()).default([]);

/** `NAME=VALUE`, several times. A name may come again: its values are in their order. */
function readLists(given: readonly string[], context: z.RefinementCtx): Readonly<Record<string, readonly string[]>> {
  const lists = new Map<string, string[]>();
  for (const pair of given) {
    const [name = "", value = ""] = pair.split(/=(.*)/s).map((part) => part.trim());
    if (name === "" || value === "")
      context.addIssue({ code: "custom", message: `${JSON.stringify(pair)} is no NAME=VALUE` });
    lists.set(name, [...(lists.get(name) ?? []), value]);
  }
  return Object.fromEntries(lists);
}

/** The same, where each name has one value. */
function readPairs(given: readonly string[], context: z.RefinementCtx): Readonly<Record<string, string>> {
  const lists = Object.entries(readLists(given, context));
  const twice = lists.find(([, values]) => values.length > 1);
  if (twice !== undefined) context.addIssue({ code: "custom", message: `${twice[0]} has two values, and takes one` });
  return Object.fromEntries(lists.map(([name, [value = ""]]) => [name, value]));
}

const { "special-in-prompt": special, temperature, "top-p": topP, "top-k": topK, "min-p": minP } = sampling;

/** Who answers, and how much at once. */
const answering = {
  ...engine,
  dialect: model.dialect,
  endpoint: {
    value: "NAME=URL",
    many: true,
    help: "A second server for arms such as fork-join@NAME, with #MODEL after its address where it serves several. Its key is THREADWEAVER_API_KEY_NAME, the name in capitals: flags such as --api-key, --header and --tokenizer are for --engine only (docs/evaluate.md). May be given several times.",
    schema: texts.transform(readPairs),
  },
  concurrency: {
    value: "N",
    help: "Problems at once. More than one makes wall clocks longer than one user's wait.",
    schema: count.default(1),
  },
  "stop-after": {
    value: "N",
    help: "Stop after so many failures in a row.",
    schema: count.default(10),
  },
} as const satisfies Flags;

/** How problems are asked and answers graded. What is left out is the protocol's. */
export const protocol = {
  protocol: {
    value: "NAME",
    help: `How problems are asked and answers graded: ${Object.keys(protocols).join(", ")}. The flags below change it.`,
    schema: z.string().default("default"),
  },
  samples: { value: "K", help: "Samples of each problem.", schema: count.optional() },
  template: {
    value: "TEXT",
    help: "What is sent, with {question} where the question stands; \\n is a line feed.",
    schema: z
      .string()
      .transform((text) => text.replaceAll("\\n", "\n"))
      .optional(),
  },
  raw: { help: "Send it as it is, not as a message of the user.", schema: toggle },
  "special-in-prompt": { ...special, help: `With --raw: ${special.help}` },
  system: { value: "TEXT", help: "A system message.", schema: z.string().optional() },
  temperature: {
    ...temperature,
    help: "0 always takes the likeliest token. Without it, the protocol's or the server's.",
  },
  "top-p": topP,
  "top-k": topK,
  "min-p": minP,
  "token-limit": { value: "N", help: "The most tokens of one sample.", schema: count.optional() },
  "limit-of": {
    value: "KIND",
    help: `What --token-limit counts: ${limitKinds.join(", ")}. Without it, critical-path.`,
    schema: z.enum(limitKinds).optional(),
  },
  answer: {
    value: "RULE",
    help: `How the answer is found: ${extractionRules.join(", ")}.`,
    schema: z.enum(extractionRules).optional(),
  },
  grading: {
    value: "NAME",
    help: `When an answer is right: dataset (as that says), ${Object.keys(policies).join(", ")}.`,
    schema: z.string().optional(),
  },
  seed: { value: "N", help: "What the seeds of all samples follow from.", schema: numeric(z.int().min(0)).default(0) },
} as const satisfies Flags;

/** Which problems are taken. */
export const dataset = {
  dataset: {
    value: "NAME",
    help: `bundled (60 problems of this package), ${Object.keys(datasets).join(", ")}, or any name with --columns.`,
    schema: z.string().min(1, "expected a name").optional(),
  },
  path: {
    value: "FILE",
    help: "Its file: JSON lines, JSON or parquet. Nothing is downloaded.",
    schema: path.optional(),
  },
  columns: {
    value: "NAME=COLUMN",
    many: true,
    help: "Of a file of your own: question=COLUMN,answer=COLUMN, and id=COLUMN where there is one.",
    schema: texts.transform((given) => given.flatMap((text) => text.split(","))).transform(readPairs),
  },
  filter: {
    value: "COLUMN=VALUE",
    many: true,
    help: "Only rows with this value. May be given several times: one column may have any of its values.",
    schema: texts.transform(readLists),
  },
  limit: { value: "N", help: "The first N problems only.", schema: count.optional() },
  shuffle: {
    value: "N",
    help: "Shuffle the problems by this number first, so that --limit draws a sample.",
    schema: numeric(z.int().min(0)).optional(),
  },
} as const satisfies Flags;

/** The flags of `threadweaver eval`. */
export const evaluation = {
  ...dataset,
  arms: {
    value: "LIST",
    help: `Ways to answer, with commas between them: ${Object.keys(armKinds).join(", ").replace("attempts", "attempts-N or attempts-N:POLICY")}. @NAME after one is the endpoint.`,
    schema: words.default(["sequential", "fork-join"]),
  },
  baseline: {
    value: "ARM",
    help: "The arm that the others are compared with. Without it, sequential, else the first.",
    schema: z.string().optional(),
  },
  out: { value: "DIR", help: "Where the ledger and the reports go.", schema: path.optional() },
  resume: { help: "Go on with the ledger there: what is missing or failed is made.", schema: toggle },
  overwrite: { help: "Replace the ledger there.", schema: toggle },
  "dry-run": { help: "Say what it would cost at most. Connects to the server, and generates nothing.", schema: toggle },
  "no-text": { help: "Keep no texts in the ledger.", schema: toggle },
  traces: { help: "Write a trace of each run into DIR/traces.", schema: toggle },
  inspect: { help: "Write DIR/inspect too: a log of each arm for inspect view --log-dir DIR/inspect.", schema: toggle },
  json: { help: "The summary as one JSON value on stdout.", schema: toggle },
  ...protocol,
  ...answering,
} as const satisfies Flags;

/** The flags of `threadweaver verify`. */
export const verification = {
  ...answering,
  problems: {
    value: "N",
    help: "So many of the 60 problems, drawn by the seed.",
    schema: numeric(z.int().min(1).max(60)).optional(),
  },
  samples: { ...protocol.samples, schema: count.default(1) },
  temperature: protocol.temperature,
  "token-limit": {
    value: "N",
    help: "The most tokens on the critical path of one sample.",
    schema: count.default(2048),
  },
  seed: protocol.seed,
  out: {
    value: "DIR",
    help: "Keep the ledger and the reports there. Without it, nothing is kept.",
    schema: path.optional(),
  },
  json: { help: "The table and the advice as one JSON value on stdout.", schema: toggle },
} as const satisfies Flags;
