/**
 * Teaches the format to a pretrained model, SmolLM2-135M-Instruct: the markers become tokens, LoRA on texts made by rule,
 * then vLLM and the embedded engine. Does it fork on questions that it has not seen?
 *
 *     npm run loop:pretrained            (500 texts; a quarter of an hour on one core)
 *     npm run loop:pretrained -- --smoke (two steps: does all of it work?)
 *
 * Also: --out DIR (reports/loop/pretrained, or pretrained-smoke), --seed N (20), --device cuda (to train on a GPU). What is there stays.
 */
import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { prompts } from "../../../bench/prompted/prompts.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { createEngine } from "../../../src/engine/openai.ts";
import { markdownOf } from "../../../src/eval/report/markdown.ts";
import { llamaEngine } from "../../../src/llama/index.ts";
import { modelFile } from "../../models/model-file.ts";
import { installed } from "../../servers/install.ts";
import { pythonProblem } from "../../servers/python.ts";
import { startServer } from "../../servers/start.ts";
import { trainingPython } from "../../train/environment.ts";
import { flagsOf, threadweaver } from "../commands.ts";
import { writeLines } from "../data.ts";
import { keepSettings } from "../settings.ts";
import { Trainer } from "../trainer.ts";
import { answered, type Asked } from "./answers.ts";
import { makeQuestions, textOf } from "./questions.ts";
import { sectionOf } from "./report.ts";

const { values } = parseArgs({
  options: {
    smoke: { type: "boolean", default: false },
    out: { type: "string" },
    seed: { type: "string", default: "20" },
    device: { type: "string", default: "cpu" },
  },
});
const size = values.smoke
  ? { texts: 40, steps: 2, asked: 3, tokens: 60 }
  : { texts: 500, steps: 60, asked: 40, tokens: 400 };
const seed = Number(values.seed);
const out = values.out ?? join("reports", "loop", values.smoke ? "pretrained-smoke" : "pretrained");
const at = (name: string): string => join(out, name);
const [begin, taught, gguf] = [at("markers"), at("taught"), at("taught.gguf")];
const apiKey = randomBytes(16).toString("hex");

const problem = pythonProblem();
if (problem === undefined) await main();
else console.log(`${problem}: nothing is trained.`);

async function main(): Promise<void> {
  keepSettings(out, { seed, ...size });
  const source = modelFile("smollm2-135m");
  await train(source, trainingPython());
  const sections = [
    // A server takes a minute to start.
    ...(values.smoke ? [] : [{ name: "vLLM, with the markers and before training", asked: await onVllm(begin) }]),
    { name: "vLLM, taught", asked: await onVllm(taught) },
    { name: "the embedded engine, taught, float16", asked: await onEngine(await llamaEngine({ model: gguf })) },
  ];
  writeLines(
    at("answers.jsonl"),
    sections.flatMap(({ name, asked }) => asked.map((one) => ({ engine: name, ...one }))),
  );
  const text = markdownOf(
    `SmolLM2-135M-Instruct learns the format: ${size.texts} texts, ${size.steps} steps`,
    sections.map(({ name, asked }) => sectionOf(name, asked)),
  );
  writeFileSync(at("report.md"), text);
  console.log(text);
}

async function train(source: string, python: string): Promise<void> {
  await using trainer = new Trainer(python, apiKey);
  if (!existsSync(begin)) await trainer.run(["markers", "--model", source, "--out", begin]);
  if (!existsSync(taught)) {
    const [texts, rows] = [at("texts.jsonl"), at("rows.jsonl")];
    const lines = makeQuestions(size.texts, seed, false).map((question) => ({
      id: question.id,
      messages: [{ role: "user", content: question.ask }],
      text: textOf(question),
    }));
    writeLines(texts, lines);
    const format = ["--format", "sft", "--dialect", "threadweaver", "--tokenizer", begin];
    await threadweaver(["data", "export", texts, ...format, "--output", rows, "--overwrite"]);
    const files = ["--model", begin, "--rows", rows, "--out", taught, "--metrics", at("metrics.jsonl")];
    const { device } = values;
    const how = { lora: 16, lr: 1e-3, steps: size.steps, "step-tokens": 1024, "batch-tokens": 1024, seed, device };
    const began = performance.now();
    await trainer.run(["sft", ...files, ...flagsOf(how)]);
    console.log(`${size.steps} steps of LoRA: ${((performance.now() - began) / 1000).toFixed(0)} s`);
  }
  if (!existsSync(gguf)) await trainer.run(["gguf", "--model", taught, "--like", source, "--out", gguf]);
}

async function onVllm(model: string): Promise<Asked[]> {
  await using server = await startServer("vllm", installed("vllm"), apiKey, { model, log: "pretrained-vllm" });
  // The server is needed until all is answered.
  return await onEngine(await createEngine({ baseURL: server.url, apiKey }));
}

/** Asks questions of things and in words that are in no text, and everyday questions of quite other kinds. */
async function onEngine(engine: Engine & { close?(): Promise<void> }): Promise<Asked[]> {
  const drawn = makeQuestions(size.asked, seed + 1, true).map(({ ask, parts }) => [ask, parts.length] as const);
  // Some are drawn twice: there are not many things.
  const made = Array.from(new Map(drawn), ([ask, parts]) => ({ ask, parts }));
  const everyday = prompts
    .slice(0, values.smoke ? 1 : prompts.length)
    .map(({ ask, parts }) => ({ ask, parts: parts ? undefined : 0 }));
  const asked = [
    ...(await answered(engine, "made", made, size.tokens)),
    ...(await answered(engine, "everyday", everyday, size.tokens)),
  ];
  await engine.close?.();
  return asked;
}
