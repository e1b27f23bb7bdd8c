// Cancelling closes what was written: nothing that was generated is lost.
import assert from "node:assert/strict";
import { ThreadweaverError, createRunner, threadweaver } from "threadweaver";
import { bundledModel, llamaEngine } from "threadweaver/llama";

const engine = await llamaEngine({ model: bundledModel });
const controller = new AbortController();
const run = createRunner({ engine, dialect: threadweaver }).run(
  { prompt: "Q: 37*64+82*19+45*71+23*68\n" },
  { signal: controller.signal, temperature: 0 },
);

for await (const event of run) {
  if (event.type !== "text" || event.threadId !== "0/1.1" || event.tokens < 20) continue;
  // Leaving the loop is not enough: that would end the run only in a loop over `run.events({ abortOnReturn: true })`.
  controller.abort(new Error("that was enough"));
  break;
}
const error: unknown = await run.result.catch((reason: unknown) => reason);
await engine.close();

assert.ok(ThreadweaverError.isInstance(error));
assert.equal(error.name, "AbortError");
assert.equal(error.code, "aborted");
assert.equal((error.cause as Error).message, "that was enough");
const { partial } = error;
assert.ok(partial !== undefined);
console.log(partial.text);
assert.match(partial.text, /<\/Thread>\n<\/Parallel>$/);
assert.deepEqual(partial.threads[0]?.ending, { kind: "cut", by: "parentCut" });
assert.equal(partial.complete, false);
assert.deepEqual(partial.incomplete[0], { threadId: "0", ending: { kind: "cut", by: "user" } });
