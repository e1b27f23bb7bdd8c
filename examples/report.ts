// A report whose sections are written side by side, and then made one text by the same model.
// THREADWEAVER_MODEL=model.gguf node examples/report.ts (without it: the bundled model, which can only do sums)
import assert from "node:assert/strict";
import { createRunner } from "threadweaver";
import { bundledModel, llamaEngine } from "threadweaver/llama";

await using engine = await llamaEngine({ model: process.env["THREADWEAVER_MODEL"] ?? bundledModel });
const runner = createRunner({ engine });

const sections = ["What causes the tides", "Why there are two a day", "Spring and neap tides"];
const run = runner.fork(
  { messages: [{ role: "user", content: "Write a short report about the tides, in three sections." }] },
  // Each begins the assistant's answer in another way, and the model goes on from there.
  sections.map((title) => ({ name: title, continue: `## ${title}\n\n`, maxTokens: 64 })),
  {
    temperature: 0,
    // Generated tokens of the whole report, sections included.
    maxTokens: 320,
    join: {
      combine: (results) => {
        const drafts = results.map(({ name, text }) => `## ${name}\n\n${text.trim()}`).join("\n\n");
        return `Here are the sections, written apart. Make one smooth report of them.\n\n${drafts}`;
      },
    },
  },
);
let streamed = "";
for await (const text of run.textStream) streamed += text;
const { text, threads, tokens } = await run.result;
for (const { name, text: draft } of threads) console.log(`[draft] ${name}: ${draft.trim().slice(0, 60)}`);
console.log(text.trim());
console.log(`${tokens.criticalPath} of ${tokens.generated} steps one after the other`);

// What is streamed is what the model makes of the drafts; it waits for the longest of them, not for all.
assert.equal(streamed, text);
assert.deepEqual(
  threads.map(({ name }) => name),
  sections,
);
assert.ok(tokens.criticalPath < tokens.generated);
