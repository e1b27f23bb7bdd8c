import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import OpenAI from "openai";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { append, columnsOf, createTrie, segmentOf, type Trie } from "../../src/core/trie/trie.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { createRunner, type Runner } from "../../src/run/runner.ts";
import { report } from "../measure.ts";
import { bareStream, type BareStream } from "./bare.ts";
import { greedy, startServer } from "./child.ts";

const live = 2_048;
const tokens = 200;
/** Streams are measured when so many of their tokens have come. */
const half = 100;
const waves = 10;
/** By then, connections that are not used any more are closed. */
const idleMs = 6_000;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes that are reachable. Several collections: what one frees may hold others. */
async function reachable(): Promise<number> {
  for (let i = 0; i < 4; i += 1) {
    collect();
    await sleep(20);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Bytes for each of many things that are made and stay. */
async function bytesEach(make: () => Promise<unknown>): Promise<number> {
  await sleep(idleMs);
  const before = await reachable();
  const made = await make();
  const bytes = (await reachable()) - before;
  // What was made lives to here.
  return made === undefined ? NaN : bytes / live;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(5);
}

/** What is kept of a run of so many tokens, and nothing else. */
function trieOf(prompt: number[]): Trie {
  const trie = createTrie();
  const head = append(trie, null, { by: "prompt" }, [{ ids: prompt, text: "" }]);
  const { segment } = append(trie, head, { by: "model", call: 0, threadId: "0", role: "body" }, []);
  for (let i = 0; i < half; i += 1) columnsOf(segmentOf(trie, segment)).push({ ids: [97 + (i % 26)], text: "x" });
  return trie;
}

/** What a live stream holds in memory, and whether anything is left of those that are over. */
export async function memoryBench(): Promise<void> {
  const server = await startServer();
  const engine = await createEngine({ baseURL: `${server.url}/v1` });
  const runner = createRunner({ engine, dialect: threadweaver, concurrency: live });
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "none", maxRetries: 0 });
  const prompt = `say ${tokens}`;
  const all = <T>(one: () => T): T[] => Array.from({ length: live }, one);
  for await (const event of runner.run({ prompt }, greedy)) void event;
  const body = await server.lastBody();
  await bareStream(client, body);
  const trieBytes = await bytesEach(async () => all(() => trieOf(body["prompt"] as number[])));

  await server.setPace({ stepMs: 0, events: 1, holdAt: half });
  let bare: Promise<unknown> | undefined;
  const bareBytes = await bytesEach(async () => {
    const kept = all((): BareStream => ({ text: "", ids: [] }));
    bare = Promise.all(kept.map((into) => bareStream(client, body, into)));
    await until(() => kept.every(({ ids }) => ids.length === half));
    return kept;
  });
  await server.setPace({ stepMs: 0, events: 1 });
  await bare;

  await server.setPace({ stepMs: 0, events: 1, holdAt: half });
  let ours: Promise<unknown> | undefined;
  const ourBytes = await bytesEach(async () => {
    let came = 0;
    const listen = async (): Promise<void> => {
      for await (const event of runner.run({ prompt }, greedy))
        if (event.type === "text") came += event.inserted.length;
    };
    ours = Promise.all(all(listen));
    await until(() => came === half * live);
    return { ours };
  });
  await server.setPace({ stepMs: 0, events: 1 });
  await ours;

  const ownBytes = ourBytes - trieBytes;
  const kilobytes = (n: number): string => `${(n / 1024).toFixed(1)} KB`;
  report(
    `streams: memory of each of ${live} live ones, over the bare client`,
    `${(ownBytes / bareBytes).toFixed(2)} (${kilobytes(ownBytes)} / ${kilobytes(bareBytes)})`,
    `goal <= 1.5, the trie's own ${kilobytes(trieBytes)} taken off`,
  );
  await reportWaves(runner);
  await engine.close();
  server.close();
}

async function reportWaves(runner: Runner): Promise<void> {
  const after: number[] = [];
  for (let wave = 0; wave < waves; wave += 1) {
    const runs = Array.from({ length: live }, () => runner.run({ prompt: "say 20" }, greedy).result.then(() => {}));
    await Promise.all(runs);
    after.push(await reachable());
  }
  const megabytes = (n = 0): string => `${(n / 2 ** 20).toFixed(1)} MB`;
  report(
    `streams: heap after ${waves} waves of ${live} runs, over that after the second`,
    `${((after.at(-1) ?? 0) / (after[1] ?? 1)).toFixed(3)} (${megabytes(after.at(-1))} / ${megabytes(after[1])})`,
    "goal <= 1.05",
  );
}
