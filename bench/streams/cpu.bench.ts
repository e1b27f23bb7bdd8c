import OpenAI from "openai";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { createRunner } from "../../src/run/runner.ts";
import { report } from "../measure.ts";
import { bareStream } from "./bare.ts";
import { startServer } from "./child.ts";

const streams = 16;
const tokens = 300;
const rounds = 6;

/** Processor time of this process a streamed token, against the bare client on the same bytes. Minima of alternating rounds. */
export async function cpuBench(): Promise<void> {
  const server = await startServer();
  const engine = await createEngine({ baseURL: `${server.url}/v1` });
  const runner = createRunner({ engine, dialect: threadweaver });
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "none" });
  const prompt = `${tokens} words`;
  const ids = await engine.tokenizer.encode(prompt, { controls: "text" });
  const variants = {
    bare: () => bareStream(client, engine.model, ids, () => {}, { text: "", ids: [] }),
    ours: async () => {
      for await (const event of runner.run({ prompt })) void event;
    },
    alone: async () => void (await runner.run({ prompt }).result),
  };
  const best: Record<string, number> = {};
  for (let round = -2; round < rounds; round += 1) {
    for (const [name, variant] of Object.entries(variants)) {
      const before = process.cpuUsage();
      await Promise.all(Array.from({ length: streams }, variant));
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) best[name] = Math.min(best[name] ?? Infinity, (user + system) / (streams * tokens));
    }
  }
  await engine.close();
  server.close();
  const { bare = 1, ours = 0, alone = 0 } = best;
  const us = (n: number): string => `${n.toFixed(1)} us`;
  const text = (n: number): string => `${(n / bare).toFixed(3)} (${us(n)} / ${us(bare)})`;
  report("streams: CPU a token with its events, over the bare openai client", text(ours), "goal <= 0.9");
  report("streams: the same without a listener", text(alone));
}
