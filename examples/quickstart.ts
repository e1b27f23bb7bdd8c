// Fork-join decoding on the bundled model, in this process: nothing else to start.
import assert from "node:assert/strict";
import { createRunner, threadweaver } from "threadweaver";
import { bundledModel, llamaEngine } from "threadweaver/llama";

const engine = await llamaEngine({ model: bundledModel });
const runner = createRunner({ engine, dialect: threadweaver });

const { content, tokens, threads } = await runner.run({ prompt: "Q: 64*27+14*89\n" }, { temperature: 0 }).result;

console.log(content.trim()); // \boxed{2974}
console.log(`${threads.length} threads, ${tokens.criticalPath} of ${tokens.generated} tokens on the critical path`);
await engine.close();

assert.equal(content.trim(), String.raw`\boxed{2974}`);
assert.equal(threads.length, 2);
assert.ok(tokens.criticalPath < tokens.generated);
