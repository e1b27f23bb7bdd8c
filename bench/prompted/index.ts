/**
 * Formats by prompt on a real instruct model: everyday questions, each as the plain question, as the same format in one
 * pass, and as a fork. Greedy, one run at a time, so that seconds can be compared.
 *
 *     npm run bench:prompted -- --model qwen-coder-1.5b            in this process; a name of scripts/models, or a path
 *     npm run bench:prompted -- --engine http://127.0.0.1:8000/v1  on a server
 *
 * Also: --dialect NAME (skeleton), --only 1,3 (numbers of questions), --tokens N (most of a run, 800), --texts (print them).
 */
import { parseArgs } from "node:util";
import { validateFormat } from "../../src/core/validation/validate.ts";
import { dialects } from "../../src/core/dialects/bundled/index.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { llamaEngine } from "../../src/llama/index.ts";
import type { RunMode } from "../../src/run/events.ts";
import type { RunResult } from "../../src/run/result.ts";
import { createRunner } from "../../src/run/runner.ts";
import { modelFile } from "../../scripts/models/model-file.ts";
import { prompts } from "./prompts.ts";

const { values } = parseArgs({
  options: {
    model: { type: "string", default: "qwen-coder-1.5b" },
    engine: { type: "string" },
    dialect: { type: "string", default: "skeleton" },
    only: { type: "string" },
    tokens: { type: "string", default: "800" },
    texts: { type: "boolean", default: false },
  },
});

const modes = ["sequential", "one-pass", "fork-join"] as const satisfies RunMode[];
type Outcome = Record<(typeof modes)[number], RunResult>;

const dialect = dialects[values.dialect];
if (dialect === undefined) throw new Error(`there is no dialect ${values.dialect}`);
const engine = await open();
const runner = createRunner({ engine, dialect });
const numbers = values.only?.split(",").map(Number) ?? prompts.map((_, n) => n + 1);
const outcomes: { parts: boolean; outcome: Outcome }[] = [];

console.log(`${engine.model}, ${dialect.name}: steps on the critical path, and seconds\n`);
console.log(row(["", "sequential", "one pass", "fork-join", "threads", "well formed"]));
for (const number of numbers) {
  const prompt = prompts[number - 1];
  if (prompt === undefined) throw new Error(`there is no question ${number}`);
  // oxlint-disable-next-line no-await-in-loop -- one run at a time
  const outcome = await ask(prompt.ask);
  outcomes.push({ parts: prompt.parts, outcome });
  const forked = outcome["fork-join"];
  console.log(
    row([`${number}`, ...modes.map((mode) => cell([outcome[mode]])), `${forked.threads.length}`, formed(forked)]),
  );
  if (values.texts) console.log(`\n${prompt.ask}\n\n${forked.text}\n`);
}
for (const parts of [true, false]) summarize(parts);
await engine.close?.();

async function open(): Promise<Engine & { close?(): Promise<void> }> {
  if (values.engine !== undefined) {
    return createEngine({ baseURL: values.engine, apiKey: process.env["THREADWEAVER_API_KEY"] });
  }
  return llamaEngine({ model: modelFile(values.model) });
}

async function ask(content: string): Promise<Outcome> {
  const results: Partial<Outcome> = {};
  for (const mode of modes) {
    const options = { mode, temperature: 0, maxTokens: Number(values.tokens) };
    // oxlint-disable-next-line no-await-in-loop -- as above
    results[mode] = await runner.run({ messages: [{ role: "user", content }] }, options).result;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every mode was run
  return results as Outcome;
}

function summarize(parts: boolean): void {
  const some = outcomes.filter((one) => one.parts === parts).map(({ outcome }) => outcome);
  if (some.length === 0) return;
  const forked = some.map((outcome) => outcome["fork-join"]);
  const sums = modes.map((mode) => some.map((outcome) => outcome[mode]));
  const forks = forked.filter(({ threads }) => threads.length > 0).length;
  const wellFormed = forked.filter((result) => formed(result) === "yes").length;
  console.log(
    `\n${some.length} questions ${parts ? "of several parts" : "of one part"}: ${forks} forked, ${wellFormed} well formed`,
  );
  console.log(row(["sum", ...sums.map(cell), "", ""]));
  const waste = forked.reduce((sum, { tokens }) => sum + tokens.wasted, 0);
  const cuts = forked.reduce((sum, { threads }) => sum + (threads.length === 0 ? 0 : threads.length + 1), 0);
  console.log(`${waste} tokens of waste at ${cuts} ends of plans and threads`);
  for (const [mode, baseline] of [
    ["the plain question", sums[0]],
    ["the same format in one pass", sums[1]],
  ] as const) {
    const [steps, seconds] = [pathOf, secondsOf].map((of) => (of(baseline ?? []) / of(forked)).toFixed(2));
    console.log(`against ${mode}: ${steps} times fewer steps, ${seconds} times fewer seconds`);
  }
}

function formed({ text, complete }: RunResult): string {
  return dialect !== undefined && complete && validateFormat(dialect, text).length === 0 ? "yes" : "no";
}

function cell(results: readonly RunResult[]): string {
  return `${pathOf(results)} / ${secondsOf(results).toFixed(1)}`;
}

function pathOf(results: readonly RunResult[]): number {
  return results.reduce((sum, { tokens }) => sum + tokens.criticalPath, 0);
}

function secondsOf(results: readonly RunResult[]): number {
  return results.reduce((sum, { wallMs }) => sum + wallMs / 1000, 0);
}

function row([first = "", ...cells]: readonly string[]): string {
  return first.padEnd(4) + cells.map((text) => text.padStart(14)).join("");
}
