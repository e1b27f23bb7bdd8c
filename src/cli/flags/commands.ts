import * as z from "zod";
import { extractionRules } from "../../grade/extract/extract.ts";
import { policies } from "../../grade/presets.ts";
import { command, numeric, toggle, type Flags } from "./flag.ts";
import { deciding } from "./deciding-flags.ts";
import { connectionFlags, serverFlags } from "./server-flags.ts";
import { readOptions } from "./template-options.ts";

const count = numeric(z.int().min(1));
const path = z.string().min(1, "expected a path");

/** Of every command. */
const help = { short: "h", help: "Show this help.", schema: toggle } as const;

const seconds = numeric(z.number().gt(0).max(1_000_000));

/** Where the model is. */
const engine = {
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

const model = {
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

const sampling = {
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
const chat = {
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
const limits = {
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
const retry = {
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

const batch = {
  input: {
    value: "FILE",
    help: 'Run many prompts: a JSON object a line, {"id", "prompt"} or {"id", "messages"}; without id, the line\'s number is it. Lines of OpenAI\'s batch files are read too. -: stdin.',
    schema: path.optional(),
  },
  output: {
    value: "FILE",
    help: "With --input: where the results go, a JSON object a line, each as it is finished. -: stdout.",
    schema: path.optional(),
  },
  resume: {
    help: "With --output: go on with it. Good results stay; what failed or is missing is run.",
    schema: toggle,
  },
  samples: { value: "N", help: "With --input: runs of each prompt, with different seeds.", schema: count.default(1) },
  concurrency: {
    value: "N",
    help: "With --input: prompts at once. Without it, 4; with --mode compare, 1.",
    schema: count.optional(),
  },
  requests: {
    value: "N",
    help: "Requests at once, over all prompts and threads. Without it, 64 or --concurrency, whichever is more; for llama what the engine takes.",
    schema: count.optional(),
  },
  "stop-after": {
    value: "N",
    help: "With --input: stop after so many failures in a row. An engine that does not answer is waited for in between.",
    schema: count.default(10),
  },
  grace: {
    value: "SECONDS",
    help: "With --input: how long SIGTERM leaves what is running; Ctrl-C leaves it no time.",
    schema: numeric(z.number().min(0).max(1_000_000)).default(20),
  },
} as const satisfies Flags;

const outputs = {
  json: { help: "One JSON value on stdout, and nothing else there.", schema: toggle },
  tree: { help: "With --json or --output: every token and who wrote it, too.", schema: toggle },
  trace: {
    value: "FILE",
    help: "Write all that goes into the run, as JSON lines, while it goes on: trace replay gives it again, and resume goes on with it after an interruption.",
    schema: path.optional(),
  },
  "no-text": {
    help: "With --trace: counts of tokens only, no texts and no ids. Such a run can be neither replayed nor resumed.",
    schema: toggle,
  },
  overwrite: { help: "Replace the files of --output and --trace where they exist.", schema: toggle },
} as const satisfies Flags;

const combine = {
  value: "TEMPLATE",
  help: "Then the model goes on after this, as a turn of the user; {results} stands for all results, {NAME} for one of them. Without it, the results are all there is.",
  schema: z.string().min(1, "expected a text").optional(),
} as const;

export const commands = {
  run: command({
    summary: "Run a prompt, or a file of prompts.",
    usage: [
      "run PROMPT [options]",
      "run - [options]   (the prompt is read from stdin, byte for byte)",
      "run --messages chat.json [options]",
      "run PROMPT --attempts N --policy quorum:3 [options]",
      "run --input problems.jsonl --output results.jsonl [options]",
    ],
    positionals: 1,
    flags: { ...model, ...chat, ...sampling, ...limits, ...deciding, ...retry, ...batch, ...outputs, help },
  }),
  fork: command({
    summary: "Ask any model several questions about one thing at once.",
    usage: [
      "fork --messages chat.json --branches questions.jsonl [options]",
      "fork PROMPT --branches questions.jsonl [options]",
    ],
    positionals: 1,
    flags: {
      branches: {
        value: "FILE",
        help: 'A JSON object a line: {"name", "ask"} is a turn of the user, {"name", "continue"} begins the assistant\'s; with own limits and sampling ("maxTokens", "temperature", ...). -: stdin.',
        schema: path.optional(),
      },
      combine,
      ...engine,
      ...chat,
      ...sampling,
      ...limits,
      policy: {
        ...deciding.policy,
        help: "Which branches are cut early: deadline:MILLISECONDS, criticalTokens:N or stragglers:FACTOR. May be given several times.",
      },
      ...retry,
      requests: batch.requests,
      json: outputs.json,
      tree: outputs.tree,
      trace: outputs.trace,
      "no-text": outputs["no-text"],
      overwrite: outputs.overwrite,
      help,
    },
  }),
  resume: command({
    summary: "Go on with a run that was interrupted, from its trace.",
    usage: ["resume FILE [options]   (FILE: what --trace wrote; it grows)"],
    positionals: 1,
    flags: {
      ...engine,
      ...retry,
      combine: { ...combine, help: "Of a fork whose results a function joined: a template in its place." },
      json: outputs.json,
      tree: outputs.tree,
      help,
    },
  }),
  trace: command({
    summary: "Replay a trace: every event again, and a proof of the result.",
    usage: ["trace replay FILE [options]   (needs no engine)"],
    positionals: 2,
    flags: {
      json: { help: "Every event as a JSON line on stdout, and nothing else there.", schema: toggle },
      dialect: {
        value: "FILE.json",
        help: "The dialect, where it is one of your own. Without it, the trace's.",
        schema: path.optional(),
      },
      help,
    },
  }),
  demo: command({
    summary: "Watch the bundled model think in threads, and what that gains.",
    usage: ["demo [options]"],
    positionals: 0,
    flags: {
      problem: {
        value: "SUM",
        help: "2 to 4 products of numbers from 11 to 99, such as 64*27+14*89; without it, three that are always the same.",
        schema: z.string().optional(),
      },
      seed: { value: "N", help: "Three problems drawn by this number.", schema: numeric(z.int().min(0)).optional() },
      help,
    },
  }),
  probe: command({
    summary: "Find out what a server is and what can run there.",
    usage: ["probe http://HOST:PORT/v1 [options]"],
    positionals: 1,
    flags: {
      model: {
        value: "MODEL",
        help: "The name of a model that it serves; without it, the first.",
        schema: z.string().min(1, "expected a name").optional(),
      },
      "api-key": model["api-key"],
      tokenizer: model.tokenizer,
      "context-tokens": model["context-tokens"],
      ...connectionFlags,
      json: { help: "The report as JSON on stdout, and nothing else there.", schema: toggle },
      help,
    },
  }),
  grade: command({
    summary: "Compare answers: are they equal? One verdict a line.",
    usage: [
      'grade --policy NAME < pairs.jsonl   (lines {"gold", "answer"})',
      "grade --cross-check math-verify < pairs.jsonl",
    ],
    positionals: 0,
    flags: {
      policy: {
        value: "NAME",
        help: `What counts as equal: ${Object.keys(policies).join(", ")}.`,
        schema: z.string().default("default"),
      },
      extract: {
        value: "RULE",
        help: `How the answer is found in its text: ${extractionRules.join(", ")}.`,
        schema: z.enum(extractionRules).default("auto"),
      },
      "cross-check": {
        value: "GRADER",
        help: "math-verify: asks it about the same pairs and reports on stderr where it says otherwise (needs Python with math-verify).",
        schema: z.enum(["math-verify"]).optional(),
      },
      python: {
        value: "COMMAND",
        help: "With --cross-check: the Python that has it.",
        schema: path.default("python3"),
      },
      workers: {
        value: "N",
        help: "With --cross-check: Python processes at once.",
        schema: numeric(z.int().min(1).max(64)).default(2),
      },
      timeout: {
        value: "SECONDS",
        help: "With --cross-check: time for one pair; then its process is killed.",
        schema: numeric(z.number().gt(0).max(3600)).default(10),
      },
      help,
    },
  }),
  dialects: command({
    summary: "List the dialects, show one as data, or check one of yours.",
    usage: ["dialects [list] [--json]", "dialects show NAME", "dialects check FILE.json [--example FILE] [--json]"],
    positionals: 2,
    flags: {
      example: {
        value: "FILE",
        many: true,
        help: "For check: a finished text of the format, without its prompt. The check replays it: which threads it has, and whether the same text comes out. May be given several times.",
        schema: z.array(path).default([]),
      },
      json: { help: "The list or the checks as JSON; what show prints always is.", schema: toggle },
      help,
    },
  }),
} as const;

/** In front of a command, or instead of one. */
export const program = command({
  summary: "Adaptive parallel reasoning: runs the threads that a language model spawns in its thoughts side by side.",
  usage: ["COMMAND [options]", "COMMAND --help"],
  positionals: 0,
  flags: { version: { short: "v", help: "Show the version.", schema: toggle }, help },
});
