import * as z from "zod";
import { toggle, type Flags } from "./flag.ts";

const path = z.string().min(1, "expected a path");

/** Of `threadweaver data`. */
export const dataFlags = {
  output: {
    value: "FILE",
    help: "For export: where the rows go. A name that ends in .parquet makes a parquet file (needs the package hyparquet-writer), others JSON lines. Without it, JSON lines on stdout.",
    schema: path.optional(),
  },
  format: {
    value: "FORMAT",
    help: "For export. rows: one a call, for reinforcement. sft: the same calls with labels. verifiers: a trace a rollout. trie: a flattened trie a rollout.",
    schema: z.enum(["rows", "sft", "verifiers", "trie"]).default("rows"),
  },
  layout: {
    value: "LAYOUT",
    help: "For --format trie. trie: all that is shared stands once. spliced: main's text in one slice, each thread beside it.",
    schema: z.enum(["trie", "spliced"]).default("trie"),
  },
  "no-ratio": {
    help: "For a loss without a ratio of probabilities: log-probabilities may be missing, and sampling may have been the server's.",
    schema: toggle,
  },
  answers: {
    value: "FILE",
    help: 'What is right, a JSON object a line, {"id", "answer"}. Then export and stats have rewards, and advantages within each problem.',
    schema: path.optional(),
  },
  dialect: {
    value: "DIALECT",
    help: "Of finished texts: their format, a name or the path of a .json file. Of a trace: your own dialect, where it has functions.",
    schema: z.string().min(1, "expected a name or a path").optional(),
  },
  tokenizer: {
    value: "DIR",
    help: "Of finished texts: the folder of the model in Hugging Face form (needs the package @huggingface/tokenizers).",
    schema: path.optional(),
  },
  id: { value: "ID", help: "For show: which trajectory. Without it, the first.", schema: z.string().optional() },
  skip: { help: "For export: leave out what is refused, and say so, instead of stopping there.", schema: toggle },
  json: { help: "For stats, check and show: JSON on stdout, and nothing else there.", schema: toggle },
  overwrite: { help: "Replace the file of --output where it exists.", schema: toggle },
} as const satisfies Flags;
