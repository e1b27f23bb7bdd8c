// The AI SDK on threads: streamText gives each of them as a reasoning part, shown here side by side while they grow.
import assert from "node:assert/strict";
import { styleText } from "node:util";
import { streamText } from "ai";
import { threadweaver } from "threadweaver";
import { createLanguageModel } from "threadweaver/ai-sdk";
import { bundledModel, llamaEngine } from "threadweaver/llama";

await using engine = await llamaEngine({ model: bundledModel });
const model = createLanguageModel({ engine, dialect: threadweaver });
const result = streamText({ model, prompt: "Q: 37*64+82*19+45*71", temperature: 0 });

/** Each thread is a column, headed by what the plan says that it is for. */
const columns = new Map<string, { plan: string; text: string }>();
const width = 26;
const height = 12;

/** The columns as lines, each with the end of its text. */
function draw(): string {
  const cells = [...columns.values()].map(({ plan, text }) => {
    const lines = text.split("\n").flatMap((line) => line.match(/.{1,24}/g) ?? [""]);
    return [styleText("bold", plan.padEnd(width)), ...lines.slice(-height).map((line) => line.padEnd(width))];
  });
  const row = (y: number): string => cells.map((lines) => lines[y] ?? " ".repeat(width)).join("│ ");
  return Array.from({ length: height + 1 }, (_, y) => row(y)).join("\n");
}

let answer = "";
let mostOpen = 0;
const open = new Set<string>();
for await (const part of result.fullStream) {
  if (part.type === "reasoning-start") {
    const plan = part.providerMetadata?.["threadweaver"]?.["plan"];
    if (typeof plan !== "string") continue; // main's own thinking
    columns.set(part.id, { plan, text: "" });
    open.add(part.id);
    mostOpen = Math.max(mostOpen, open.size);
  }
  if (part.type === "reasoning-end") open.delete(part.id);
  if (part.type === "text-delta") answer += part.text;
  const column = part.type === "reasoning-delta" ? columns.get(part.id) : undefined;
  if (part.type !== "reasoning-delta" || column === undefined) continue;
  column.text += part.text;
  // Up to the top of the last drawing, and over it.
  if (process.stdout.isTTY) process.stdout.write(`\x1b[J${draw()}\x1b[${height}A\r`);
}
console.log(draw());
console.log(answer.trim());

assert.equal(answer.trim(), String.raw`\boxed{7121}`);
assert.deepEqual(
  [...columns.values()].map(({ plan }) => plan),
  ["37*64", "82*19", "45*71"],
);
assert.equal(mostOpen, 3);
