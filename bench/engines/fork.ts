/**
 * Eight questions about one document on a real server: as a fork, as eight chats in a row, and as the `Promise.all` that
 * anybody would write on the bare `openai` client. Caches are emptied before each; minima of alternating rounds:
 * `node scripts/servers/run.ts vllm -- node bench/engines/fork.ts vllm [tokens of the document] [of an answer] [rounds]`.
 */
import OpenAI from "openai";
import { createEngine } from "../../src/engine/openai.ts";
import type { ResultWithTree } from "../../src/run/result.ts";
import { createRunner } from "../../src/run/runner.ts";
import { report } from "../measure.ts";
import { cacheShare } from "./cache-share.ts";
import { serverNamed } from "./servers.ts";

const [name = "vllm", trunkTokens = "2000", answerTokens = "24", rounds = "3"] = process.argv.slice(2);
const { root, apiKey, block, forget } = serverNamed(name);

await using engine = await createEngine({ baseURL: `${root}/v1`, apiKey });
const client = new OpenAI({ baseURL: `${root}/v1`, apiKey });
const runner = createRunner({ engine });
const document = await documentOf(Number(trunkTokens));
const messages = [{ role: "user" as const, content: document }];
const questions = Array.from({ length: 8 }, (_, i) => `What does item ${i + 1} say?`);
const maxTokens = Number(answerTokens);
let last: ResultWithTree | undefined;

const variants: Record<string, () => Promise<string[]>> = {
  "eight chats in a row": async () => {
    const answers: string[] = [];
    for (const question of questions) answers.push(await chat(question));
    return answers;
  },
  "Promise.all": () => Promise.all(questions.map(chat)),
  fork: async () => {
    const branches = questions.map((ask) => ({ ask, maxTokens }));
    last = await runner.fork({ messages }, branches, { tree: true, temperature: 0 }).result;
    return last.threads.map(({ text }) => text);
  },
};

async function chat(question: string): Promise<string> {
  const asked = [...messages, { role: "user" as const, content: question }];
  const body = { model: engine.model, messages: asked, temperature: 0, max_tokens: maxTokens };
  const { choices } = await client.chat.completions.create(body);
  return choices[0]?.message.content ?? "";
}

async function documentOf(tokens: number): Promise<string> {
  const items = Array.from({ length: tokens }, (_, i) => `Item ${i + 1} says ${(i * 7919) % 997}.`).join(" ");
  const ids = await engine.tokenizer.encode(items, { controls: "text" });
  return engine.tokenizer.decode(ids.slice(0, tokens));
}

const best: Record<string, number> = {};
for (let round = 0; round < Number(rounds); round += 1) {
  for (const [variant, run] of Object.entries(variants)) {
    await forget();
    const began = performance.now();
    await run();
    best[variant] = Math.min(best[variant] ?? Infinity, (performance.now() - began) / 1000);
  }
}
const { fork = 1, "Promise.all": all = 0, "eight chats in a row": row = 0 } = best;
for (const [variant, seconds] of Object.entries(best)) report(`${name}: ${variant}`, `${seconds.toFixed(3)} s`);
report(`${name}: times faster than eight chats in a row`, (row / fork).toFixed(2));
report(`${name}: times faster than Promise.all`, (all / fork).toFixed(2));
if (last === undefined) throw new Error("nothing was run");
const { cached, shareable } = cacheShare(last, block);
report(`${name}: trunk`, `${last.tokens.prompt} tokens, generated ${last.tokens.generated}`);
report(
  `${name}: cached of what could be`,
  `${cached} of ${shareable}`,
  `${(cached / shareable).toFixed(4)}, goal >= 0.99`,
);
