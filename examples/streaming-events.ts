// A run is an async iterable of events: threads can be shown while they grow side by side.
import assert from "node:assert/strict";
import { createRunner, threadweaver } from "threadweaver";
import { bundledModel, llamaEngine } from "threadweaver/llama";

const engine = await llamaEngine({ model: bundledModel });
const run = createRunner({ engine, dialect: threadweaver }).run(
  { prompt: "Q: 60*59+52*46+34*76\n" },
  { temperature: 0 },
);

/** A second listener: there may be any number of them. One that leaves its loop leaves the run alone. */
async function threadsOfFirstFork(): Promise<number> {
  for await (const event of run.events()) if (event.type === "fork") return event.threads;
  return 0;
}
const counted = threadsOfFirstFork();

/** The text of each sequence so far: `0` is main, `0/1.2` the second thread of its first fork. */
const texts = new Map<string, string>();
const writers: string[] = [];
for await (const event of run) {
  if (event.type === "thread-start") console.log(`thread ${event.name} starts: ${event.plan}`);
  if (event.type === "text") {
    // The last `removed` characters of this text are gone, then `inserted` came.
    const before = texts.get(event.threadId) ?? "";
    texts.set(event.threadId, before.slice(0, before.length - event.removed) + event.inserted);
    // What was copied from a thread, and what the runtime put there, was not written here.
    if (event.by === "model" && writers.at(-1) !== event.threadId) writers.push(event.threadId);
  }
  if (event.type === "thread-end") console.log(`thread ${event.threadId}: ${event.tokens} tokens in ${event.ms} ms`);
  if (event.type === "join") console.log(`joined after ${event.criticalPath} tokens one after the other`);
  if (event.type === "warning") console.warn(event.message);
  if (event.type === "run-end") console.log(`${event.result.tokens.generated} tokens in all`);
}
const { text, threads } = await run.result;
await engine.close();

// Applied in order the events give exactly the texts of the result, and the threads were written at the same time.
assert.equal(texts.get("0"), text);
for (const thread of threads) assert.equal(texts.get(thread.threadId), thread.text);
assert.ok(writers.filter((threadId) => threadId === "0/1.1").length > 1);
assert.equal(await counted, threads.length);
