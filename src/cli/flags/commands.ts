import * as z from "zod";
import { extractionRules } from "../../grade/extract/extract.ts";
import { policies } from "../../grade/presets.ts";
import { command, numeric, toggle, type Flags } from "./flag.ts";
import { dataFlags } from "./data-flags.ts";
import { deciding } from "./deciding-flags.ts";
import { evaluation, verification } from "./evaluation-flags.ts";
import { rolloutFlags } from "./rollout-flags.ts";
import { connectionFlags } from "./server-flags.ts";
import { chat, count, engine, help, limits, model, path, retry, sampling } from "./shared-flags.ts";
import { trajectoryFlags } from "./trajectory-flags.ts";

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
    summary: "See what happened in a run: replayed, as lanes, as a page.",
    usage: [
      "trace replay FILE [options]    (every event again, and a proof)",
      "trace show FILE... [options]   (lanes and figures)",
      "trace view FILE... -o OUT.html (the same as a page)",
    ],
    positionals: 9,
    flags: {
      json: {
        help: "For replay: every event as a JSON line on stdout, and nothing else there. For show: the timeline as JSON.",
        schema: toggle,
      },
      output: { short: "o", value: "FILE", help: "For view: where the page goes.", schema: path.optional() },
      overwrite: { help: "For view: replace that file where it exists.", schema: toggle },
      id: {
        value: "ID",
        help: "For show and view: of a file of results (--output, with --tree), the line with this id.",
        schema: z.string().optional(),
      },
      axis: {
        value: "AXIS",
        help: "For show: time or steps, which are the generated tokens that are waited for. Without it, time where there is one.",
        schema: z.enum(["time", "steps"]).optional(),
      },
      texts: { help: "For show: the texts in reading order, too, and who wrote what.", schema: toggle },
      dialect: {
        value: "FILE.json",
        help: "The dialect, where it is one of your own. Without it, the trace's.",
        schema: path.optional(),
      },
      help,
    },
  }),
  data: command({
    summary: "Turn runs and finished texts into training data.",
    usage: [
      "data units FILE         (each sampled token once)",
      "data export FILE --format rows --output rows.jsonl [options]",
      "data stats FILE         (what is in it, what layouts cost)",
      "data check FILE         (what cannot be used, and why)",
      "data show FILE          (who wrote what, what is trained)",
    ],
    positionals: 2,
    flags: { ...dataFlags, help },
  }),
  rollout: command({
    summary: "Sample groups of answers, judge them, and make training rows.",
    usage: ["rollout --input problems.jsonl --out DIR [options]"],
    positionals: 0,
    flags: { ...rolloutFlags, help },
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
  eval: command({
    summary: "Evaluate a model on a dataset: accuracy and latency, arm by arm.",
    usage: [
      "eval --dataset NAME --path FILE --arms LIST --out DIR [options]",
      "eval report DIR   (the reports again, from the ledger)",
      "eval compare DIR DIR [--json]",
    ],
    positionals: 3,
    flags: { ...evaluation, help },
  }),
  verify: command({
    summary: "Does it pay on my model? 60 problems, a table and advice.",
    usage: ["verify --engine http://HOST:PORT/v1 [options]"],
    positionals: 0,
    flags: { ...verification, help },
  }),
  trajectories: command({
    summary: "Make texts for training: rewrite traces, or sample.",
    usage: [
      "trajectories rewrite FILE --out DIR [options]",
      "trajectories sample --dataset NAME --out DIR [options]",
      "trajectories view DIR [--id ID]   (one text beside its source)",
      "trajectories export DIR [--output FILE]   (as chats)",
    ],
    positionals: 2,
    flags: { ...trajectoryFlags, help },
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
