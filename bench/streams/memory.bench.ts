import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import OpenAI from "openai";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { createRunner } from "../../src/run/runner.ts";
import { report } from "../measure.ts";
import { bareStream, type BareStream } from "./bare.ts";
import { startServer, type StreamServer } from "./child.ts";

const live = 2_048;
const tokens = 200;
const waves = 10;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes that are reachable. Several collections: what one frees may hold others. */
async function reachable(): Promise<number> {
  for (let i = 0; i < 4; i += 1) {
    collect();
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Lets streams run until each has some of its tokens, and then wait where they are. */
async function halfWay(server: StreamServer, count: () => number): Promise<void> {
  await server.setPace(0);
  while (count() < (live * tokens) / 2) await new Promise<void>((resolve) => void setTimeout(resolve, 5));
  await server.setPace("never");
  await new Promise<void>((resolve) => void setTimeout(resolve, 500));
}

/** What a live stream holds in memory, and whether anything is left of those that are over. */
export async function memoryBench(): Promise<void> {
  const server = await startServer();
  const engine = await createEngine({ baseURL: `${server.url}/v1` });
  const prompt = `${tokens} words`;
  const ids = await engine.tokenizer.encode(prompt, { controls: "text" });
  await engine.tokenizer.decode(ids);
  const runner = createRunner({ engine, dialect: threadweaver, concurrency: live });
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "none", maxRetries: 0 });
  await Promise.all(Array.from({ length: 64 }, () => runner.run({ prompt }).result)); // warm
  await bareStream(client, engine.model, ids, () => {}, { text: "", ids: [] });

  const empty = await reachable();
  let came = 0;
  const kept: BareStream[] = [];
  const bare = Promise.all(
    Array.from({ length: live }, () => {
      const into: BareStream = { text: "", ids: [] };
      kept.push(into);
      return bareStream(client, engine.model, ids, () => (came += 1), into);
    }),
  );
  await halfWay(server, () => came);
  const bareBytes = ((await reachable()) - empty) / live;
  const bareTokens = came / live;
  await server.setPace(0);
  await bare;
  kept.length = 0;

  const before = await reachable();
  let heard = 0;
  const ours = Promise.all(
    Array.from({ length: live }, () => {
      const run = runner.run({ prompt }, { onEvent: (event) => (heard += event.type === "text" ? 1 : 0) });
      return run.result.then(() => {});
    }),
  );
  await halfWay(server, () => heard);
  const ourTokens = heard / live;
  // The trie's own: eight bytes a token and its text, with what is kept in reserve at most half as much again.
  const trieBytes = ourTokens * (8 * 1.25 + 4);
  const ourBytes = ((await reachable()) - before) / live - trieBytes;
  await server.setPace(0);
  await ours;

  const kilobytes = (n: number): string => `${(n / 1024).toFixed(1)} KB`;
  report(
    `streams: memory of each of ${live} live ones, over the bare client`,
    `${(ourBytes / bareBytes).toFixed(2)} (${kilobytes(ourBytes)} / ${kilobytes(bareBytes)})`,
    `goal <= 1.5, ${ourTokens.toFixed(0)} and ${bareTokens.toFixed(0)} tokens each`,
  );

  const after: number[] = [];
  for (let wave = 0; wave < waves; wave += 1) {
    await Promise.all(Array.from({ length: live }, () => runner.run({ prompt: "20 words" }).result.then(() => {})));
    after.push(await reachable());
  }
  await engine.close();
  server.close();
  const megabytes = (n = 0): string => `${(n / 2 ** 20).toFixed(1)} MB`;
  report(
    `streams: heap after ${waves} waves of ${live} runs, over that after the second`,
    `${((after.at(-1) ?? 0) / (after[1] ?? 1)).toFixed(3)} (${megabytes(after.at(-1))} / ${megabytes(after[1])})`,
    "goal <= 1.05",
  );
}
