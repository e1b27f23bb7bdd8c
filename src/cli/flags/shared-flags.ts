import * as z from "zod";
import { numeric, toggle, type Flags } from "./flag.ts";
import { serverFlags } from "./server-flags.ts";
import { readOptions } from "./template-options.ts";

export const count = numeric(z.int().min(1));
export const path = z.string().min(1, "expected a path");

/** Of every command. */
export const help = { short: "h", help: "Show this help.", schema: toggle } as const;

const seconds = numeric(z.number().gt(0).max(1_000_000));

/** Where the model is. */
export const engine = {
  engine: {
    value: "ENGINE",
    help: "llama: a model in this process (needs the package node-llama-cpp). http://HOST:PORT/v1: an OpenAI-compatible server; several with commas between them: when one is lost, the run goes on at the next.",
    schema: z.string().default("llama"),
  },
  model: {
    value: "MODEL",
    help: "For llama the path of a GGUF file (without it: the small bundled model), for a server the name of a model that it serves.",
    schema: z.string().min(1, "expected a path or a name").optional(),
  },
  gpu: {
    value: "KIND",
    help: "For llama: cuda, vulkan, metal, or auto for what works here. Without it, the processor alone. Not tested on any GPU.",
    schema: z.enum(["auto", "cuda", "vulkan", "metal"]).optional(),
  },
  "api-key": {
    value: "KEY",
    help: "The server's key. Better: set THREADWEAVER_API_KEY, which other users of this machine cannot see.",
    schema: z.string().min(1, "expected a key").optional(),
  },
  tokenizer: {
    value: "DIR",
    help: "For a server: the folder of its model in Hugging Face form. Text is then encoded here, not there (needs the package @huggingface/tokenizers).",
    schema: z.string().min(1, "expected the path of a folder").optional(),
  },
  "context-tokens": {
    value: "N",
    help: "Tokens of a prompt and its answer together, at most. Without it, what the model or the server says.",
    schema: numeric(z.int().min(2)).optional(),
  },
  ...serverFlags,
} as const satisfies Flags;

export const model = {
  ...engine,
  dialect: {
    value: "DIALECT",
    help: "The format: a name (see threadweaver dialects), or the path of a .json file. Without it, threadweaver where the model has its markers or the prompt is sent as it is; else skeleton, which works by prompt (asyncthink where a server takes whole turns only).",
    schema: z.string().min(1, "expected a name or a path").optional(),
  },
  mode: {
    value: "MODE",
    help: "fork-join: threads side by side. one-pass: the same prompt, decoded without forks. sequential: the plain question, without a word about the format. compare: all that differ, one after the other.",
    schema: z.enum(["fork-join", "one-pass", "sequential", "compare"]).default("fork-join"),
  },
} as const satisfies Flags;

export const sampling = {
  temperature: {
    value: "T",
    help: "0 always takes the likeliest token, as the embedded engine does without it and --mode compare does everywhere. Without it a server uses its model's own.",
    schema: numeric(z.number().min(0).max(10)).optional(),
  },
  "top-p": {
    value: "P",
    help: "Sample from the most likely tokens that make up P; more than 0, at most 1.",
    schema: numeric(z.number().gt(0).max(1)).optional(),
  },
  "top-k": {
    value: "K",
    help: "Sample from the K likeliest tokens; 0 from all of them.",
    schema: numeric(z.int().min(0)).optional(),
  },
  "min-p": {
    value: "P",
    help: "Sample from tokens at least P times as likely as the likeliest; 0 to 1.",
    schema: numeric(z.number().min(0).max(1)).optional(),
  },
  seed: {
    value: "N",
    help: "Repeats a run that was sampled; without it, every run draws its own.",
    schema: numeric(z.int().min(0)).optional(),
  },
  "max-tokens": { value: "N", help: "Generated tokens in all, threads included.", schema: count.optional() },
  "max-thread-tokens": { value: "N", help: "Generated tokens of one thread.", schema: count.optional() },
  "special-in-prompt": {
    value: "HOW",
    help: "What a control string such as <Thread> in a prompt is: parse makes it a control token, text leaves it text. Without this, such a prompt is refused.",
    schema: z.enum(["parse", "text"]).optional(),
  },
} as const satisfies Flags;

/** How the prompt becomes a chat. */
export const chat = {
  system: {
    value: "TEXT",
    help: "A system message before the prompt, which is a message of the user then.",
    schema: z.string().optional(),
  },
  messages: {
    value: "FILE",
    help: 'Instead of a prompt: a JSON list of messages, {"role", "content"}, for the model\'s chat template. -: stdin.',
    schema: path.optional(),
  },
  raw: {
    help: "Send the prompt as it is. Without it, a model with a chat template gets it as a message of the user; - and --input are sent as they are.",
    schema: toggle,
  },
  "template-option": {
    value: "NAME=VALUE",
    many: true,
    help: "A value for the chat template, such as enable_thinking=false: JSON, or else text. May be given several times.",
    schema: z.array(z.string()).default([]).transform(readOptions),
  },
} as const satisfies Flags;

/** How long a run may take. */
export const limits = {
  timeout: {
    value: "SECONDS",
    help: "Time for the run; then it ends with the text so far.",
    schema: seconds.optional(),
  },
  "call-timeout": {
    value: "SECONDS",
    help: "Time for one call, tries included; then its thread ends with the text so far.",
    schema: seconds.optional(),
  },
} as const satisfies Flags;

/** How often what breaks off is tried again. */
export const retry = {
  retries: {
    value: "N",
    help: "Times that a call is tried again while no token comes: it goes on from its last one. 0: never.",
    schema: numeric(z.int().min(0)).default(6),
  },
  "run-retries": {
    value: "N",
    help: "Times that anything is tried again in the whole run.",
    schema: numeric(z.int().min(0)).default(1000),
  },
  "retry-wait": {
    value: "SECONDS",
    help: "Before the second try, at most; doubled for each further one.",
    schema: numeric(z.number().min(0).max(3600)).default(0.5),
  },
  "retry-max-wait": {
    value: "SECONDS",
    help: "The longest wait, also where a server asks for more.",
    schema: numeric(z.number().min(0).max(86_400)).default(30),
  },
} as const satisfies Flags;
