import { expect } from "vitest";
import { deserializeTrie } from "../../../src/core/trie/serialize.ts";
import { path } from "../../../src/core/trie/path.ts";
import type { RunOptions } from "../../../src/run/options.ts";
import type { ResultWithTree } from "../../../src/run/result.ts";
import type { ServerEngine } from "../../../src/engine/server-engine.ts";
import { encode, runnerOn, transcripts } from "../support.ts";
import type { Transcript } from "../support.ts";

/** The addresses of the replicas themselves. */
export const replicas: string[] = (process.env["THREADWEAVER_REPLICAS"] ?? "").split(" ");

/** Compares a greedy run with what the authors' framework wrote: the text, and every token once. */
export function expectReproduced(result: ResultWithTree, { prompt, text }: Transcript): void {
  expect(result.text).toBe(text.slice(prompt.length, -"</s>".length));
  const ids = path(deserializeTrie(result.tree), result.tree.head).flatMap((piece) => piece.ids ?? []);
  expect(ids).toEqual([256, ...encode(text)]);
  expect(result.tokens).toMatchObject({ wasted: 0, estimated: false });
}

/** One of the server's counters at one address; of several series of one name the sum, unless `label` names some. */
export async function counter(url: string, name: string, label = ""): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith(name) && line.includes(label));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

/** Runs problems one after the other on empty caches. Returns the share of what was sent that was cached. */
export async function cachedShare(
  engine: ServerEngine,
  optionsOf: (n: number) => RunOptions = () => ({}),
  each: (result: ResultWithTree) => Promise<void> = async () => {},
): Promise<number> {
  for (const url of replicas) {
    const { status } = await fetch(`${url}/reset_prefix_cache`, { method: "POST" });
    expect(status).toBe(200);
  }
  let [cached, sent] = [0, 0];
  for (const [n, transcript] of transcripts.slice(0, 16).entries()) {
    const result = await runnerOn(engine).run({ prompt: transcript.prompt }, optionsOf(n)).result;
    expectReproduced(result, transcript);
    await each(result);
    cached += result.tokens.cached ?? 0;
    sent += result.tokens.sent;
  }
  return cached / sent;
}

/** For the page on engines. */
export function say(what: string, share: number): void {
  console.log(`MEASURED ${what}: ${(share * 100).toFixed(1)} % of the tokens sent were cached`);
}
