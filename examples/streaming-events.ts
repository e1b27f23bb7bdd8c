// A run is an async iterable of events: threads can be shown while they grow side by side.
import assert from "node:assert/strict";
import { createRunner, threadweaver } from "threadweaver";
import { bundledModel, llamaEngine } from "threadweaver/llama";

const engine = await llamaEngine({ model: bundledModel });
const run = createRunner({ engine, dialect: threadweaver }).run({ prompt: "Q: 60*59+52*46+34*76\n" });

const texts = new Map<string, string>();
const speakers: string[] = [];
for await (const event of run) {
  if (event.type === "thread-start") console.log(`thread ${event.name} starts`);
  if (event.type === "delta") {
    texts.set(event.id, (texts.get(event.id) ?? "") + event.text);
    if (speakers.at(-1) !== event.id) speakers.push(event.id);
  }
  if (event.type === "thread-end") console.log(`thread ${event.id} wrote ${event.tokens} tokens in ${event.ms} ms`);
  if (event.type === "join") texts.set(event.parent, (texts.get(event.parent) ?? "") + event.inserted);
  if (event.type === "warning") console.warn(event.message);
}
const { text } = await run.result;
await engine.close();

// Deltas and joins add up to the text, and the threads really were written at the same time.
assert.equal(texts.get("0"), text);
assert.ok(speakers.filter((id) => id === "0/1.1").length > 1);
