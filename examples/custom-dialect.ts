// A dialect is data. This one is ThreadWeaver that lets the other threads go on when one runs out of tokens.
import assert from "node:assert/strict";
import { ThreadweaverError, createRunner, defineDialect, threadweaver } from "threadweaver";
import { bundledModel, llamaEngine } from "threadweaver/llama";

const patient = defineDialect({
  ...threadweaver,
  name: "threadweaver-patient",
  summary: "ThreadWeaver, but a thread that runs out is closed and the run goes on.",
  differences: ["A thread that ends without its tag does not end the run."],
  onThreadEnd: { ...threadweaver.onThreadEnd, eos: "continue", length: "continue" },
});

const engine = await llamaEngine({ model: bundledModel });
const result = await createRunner({ engine, dialect: patient }).run(
  { prompt: "Q: 64*27+14*89\n" },
  { maxThreadTokens: 60, temperature: 0 },
).result;
console.log(result.text);
await engine.close();

assert.deepEqual(
  result.threads.map((thread) => thread.ending),
  [
    { kind: "length", limit: "threadTokens" },
    { kind: "length", limit: "threadTokens" },
  ],
);
assert.equal(result.ending.kind, "eos");
// The run went on, and says what it had to go on without.
assert.equal(result.complete, false);
assert.deepEqual(
  result.incomplete.map(({ threadId }) => threadId),
  ["0/1.1", "0/1.2"],
);

// A mistake is explained in words.
assert.throws(
  () => defineDialect({ ...threadweaver, plan: { source: "outline", after: "", item: "{text}", onEmpty: "end" } }),
  (error) =>
    ThreadweaverError.isInstance(error) && error.code === "invalid_dialect" && /plan\.item/.test(error.message),
);
