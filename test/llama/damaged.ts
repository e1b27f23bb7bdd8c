// Loads a damaged model again and again, beside good ones that come and go, and prints what it is told.
// usage: damaged.ts GOOD DAMAGED
import { llamaEngine } from "../../src/llama/index.ts";
import type { LlamaEngine } from "../../src/llama/index.ts";

const [good = "", damaged = ""] = process.argv.slice(2);

async function tryDamaged(gpu: "auto" | false = false): Promise<void> {
  const message = await llamaEngine({ model: damaged, gpu }).then(
    () => "loaded",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  process.stdout.write(`${message}\n`);
}

async function openGood(): Promise<LlamaEngine> {
  return llamaEngine({ model: good, sequences: 1, contextTokens: 64 });
}

await tryDamaged();
await tryDamaged();
const first = await openGood();
await tryDamaged();
await Promise.all([tryDamaged(), first.close(), tryDamaged()]);
const [second] = await Promise.all([openGood(), tryDamaged("auto")]);
await tryDamaged();
await second.close();
await tryDamaged("auto");
