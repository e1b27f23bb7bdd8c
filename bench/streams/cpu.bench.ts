import { pathToFileURL } from "node:url";
import OpenAI from "openai";
import * as own from "../../src/index.ts";
import { report } from "../measure.ts";
import { bareStream } from "./bare.ts";
import { greedy, startServer } from "./child.ts";

type Library = Pick<typeof own, "createEngine" | "createRunner" | "threadweaver">;

const streams = 16;
const tokens = 1_200;
const rounds = 8;

/**
 * Processor time of this process a streamed token, against the bare client on the same bytes. Minima of alternating
 * rounds. THREADWEAVER_BEFORE may name a checkout of an older commit, which then runs in the same rounds.
 */
export async function cpuBench(): Promise<void> {
  const server = await startServer();
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "none" });
  const prompt = `say ${tokens}`;
  const now = await listened(own, server.url, prompt);
  // Once, for the body that it sends.
  await now.run();
  const body = await server.lastBody();
  const variants: Record<string, () => Promise<unknown>> = {
    bare: () => bareStream(client, body),
    ours: now.run,
  };
  const checkout = process.env["THREADWEAVER_BEFORE"];
  if (checkout !== undefined) {
    const before = await listened(await libraryOf(checkout), server.url, prompt);
    variants["before"] = before.run;
  }

  for (const events of [1, 8]) {
    await server.setPace({ stepMs: events === 1 ? 1 : 4, events });
    const { bare = 1, ours = 0, before } = await cpuOf(variants);
    const us = (n: number): string => `${n.toFixed(1)} us`;
    const over = (n: number): string => `${(n / bare).toFixed(3)} (${us(n)} / ${us(bare)})`;
    const how = `${events} ${events === 1 ? "token" : "tokens"} a write`;
    report(`streams: CPU a token with its events, over bare openai, ${how}`, over(ours), "goal <= 0.9");
    if (before !== undefined) report("streams: the same before", over(before));
  }
  await now.close();
  server.close();
}

async function cpuOf(variants: Record<string, () => Promise<unknown>>): Promise<Record<string, number>> {
  const best: Record<string, number> = {};
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, variant] of Object.entries(variants)) {
      const before = process.cpuUsage();
      await Promise.all(Array.from({ length: streams }, variant));
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) best[name] = Math.min(best[name] ?? Infinity, (user + system) / (streams * tokens));
    }
  }
  return best;
}

async function libraryOf(checkout: string): Promise<Library> {
  return (await import(pathToFileURL(`${checkout}/src/index.ts`).href)) as Library;
}

/** The loop that a user writes. */
async function listened({ createEngine, createRunner, threadweaver }: Library, url: string, prompt: string) {
  const engine = await createEngine({ baseURL: `${url}/v1` });
  const runner = createRunner({ engine, dialect: threadweaver });
  return {
    close: () => engine.close(),
    async run() {
      for await (const event of runner.run({ prompt }, greedy)) void event;
    },
  };
}
