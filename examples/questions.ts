// Several questions about one long document, asked at once: any instruct model will do, no dialect is needed.
// THREADWEAVER_MODEL=model.gguf node examples/questions.ts (without it: the bundled model, which can only do sums)
import assert from "node:assert/strict";
import { createRunner } from "threadweaver";
import { bundledModel, llamaEngine } from "threadweaver/llama";

const clauses = [
  "This lease is made between Ada Brandt, the owner, and Noor Haddad, the tenant.",
  "The flat is on the third floor of 12 Mill Lane and has two rooms.",
  "The rent is 840 euros, due on the first day of each month.",
  "The lease begins on 1 May 2027 and ends on 30 April 2029.",
  "A deposit of two months' rent is paid back within six weeks of the end.",
  "Pets are allowed if the neighbours agree in writing.",
];
const lease = clauses.map((clause, i) => `${i + 1}. ${clause}`).join("\n");

await using engine = await llamaEngine({ model: process.env["THREADWEAVER_MODEL"] ?? bundledModel });
const runner = createRunner({ engine });

const questions = { parties: "Who are the parties?", rent: "How high is the rent?", end: "When does the lease end?" };
const run = runner.fork(
  { messages: [{ role: "user", content: `Here is a lease.\n\n${lease}` }] },
  Object.entries(questions).map(([name, ask]) => ({ name, ask, maxTokens: 32 })),
  { temperature: 0 },
);
const { threads, tokens } = await run.result;
for (const { name, plan, text } of threads) console.log(`${name}: ${plan}\n  ${text.trim()}`);

// The answers are in the order of the questions, and the lease was read once: the others found it in the cache.
assert.deepEqual(
  threads.map(({ name }) => name),
  Object.keys(questions),
);
for (const { calls } of threads.slice(1)) assert.ok((calls[0]?.cachedTokens ?? 0) >= tokens.prompt);
