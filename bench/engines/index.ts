/**
 * `npm run bench:engines`: on each real server, the same problems in one run: sequential, fork-join, and the loop and the
 * single call that anybody would write on the bare `openai` client. Three alternating rounds, caches emptied before each, minima. For a
 * server that runs already: THREADWEAVER_VLLM_URL=... node bench/engines/index.ts vllm (in dev mode, so that it can
 * empty its cache).
 */
import { readFileSync } from "node:fs";
import OpenAI from "openai";
import pLimit from "p-limit";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../src/engine/openai.ts";
import type { ResultWithTree } from "../../src/run/result.ts";
import { createRunner } from "../../src/run/runner.ts";
import { report } from "../measure.ts";
import { bareForkJoin, bareSequential } from "./bare-loop.ts";
import { cacheShare } from "./cache-share.ts";
import { serverNamed } from "./servers.ts";

const rounds = 3;
const fixture = new URL("../../test/fixtures/reference-transcripts.json", import.meta.url);
const all: { prompt: string; text: string; terms: unknown[] }[] = JSON.parse(readFileSync(fixture, "utf8"));
const problems = [2, 3, 4].flatMap((terms) => all.filter((t) => t.terms.length === terms).slice(0, 2));

const name = process.argv[2] ?? "vllm";
const { root, apiKey, block, forget } = serverNamed(name);

const engine = await createEngine({ baseURL: `${root}/v1`, apiKey });
const runner = createRunner({ engine, dialect: threadweaver });
const client = new OpenAI({ baseURL: `${root}/v1`, apiKey });
const model = engine.model;
const results = new Map<string, ResultWithTree[]>();

const variants: Record<string, (prompt: string) => Promise<string>> = {
  sequential: (prompt) => ours("sequential", prompt),
  "fork-join": (prompt) => ours("fork-join", prompt),
  "bare loop, streaming": (prompt) => bareForkJoin({ client, model, stream: true }, prompt),
  "bare loop, not streaming": (prompt) => bareForkJoin({ client, model, stream: false }, prompt),
  "bare call, not streaming": (prompt) => bareSequential({ client, model, stream: false }, prompt),
};

async function ours(mode: "sequential" | "fork-join", prompt: string): Promise<string> {
  const result = await runner.run({ prompt }, { mode, temperature: 0, tree: true }).result;
  results.set(mode, [...(results.get(mode) ?? []), result]);
  return `${result.text}</s>`;
}

async function meanSeconds(variant: (prompt: string) => Promise<string>, atOnce: number): Promise<number> {
  const slots = pLimit(atOnce);
  const seconds = await slots.map(problems, async ({ prompt, text }) => {
    const began = performance.now();
    const got = await variant(prompt);
    const took = (performance.now() - began) / 1000;
    if (prompt + got !== text) throw new Error(`another text for ${prompt}`);
    return took;
  });
  return seconds.reduce((a, b) => a + b, 0) / seconds.length;
}

for (const atOnce of [1, 8]) {
  results.clear();
  const best: Record<string, number> = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const [variant, run] of Object.entries(variants)) {
      await forget();
      const seconds = await meanSeconds(run, atOnce);
      best[variant] = Math.min(best[variant] ?? Infinity, seconds);
    }
  }
  const steps = (mode: string) =>
    (results.get(mode) ?? []).slice(0, problems.length).reduce((sum, r) => sum + r.tokens.criticalPath, 0);
  const tokenSpeedUp = steps("sequential") / steps("fork-join");
  const { sequential = 0, "fork-join": own = 1, "bare loop, streaming": bare = 1 } = best;
  const { "bare call, not streaming": bareCall = 0, "bare loop, not streaming": bareLoop = 1 } = best;
  for (const [variant, seconds] of Object.entries(best)) {
    report(`${name}, ${atOnce} at once: ${variant}`, `${seconds.toFixed(3)} s`);
  }
  report(`${name}, ${atOnce} at once: over the bare streaming loop`, (own / bare).toFixed(3), "goal <= 1");
  const gained = `${(sequential / own).toFixed(3)} of ${tokenSpeedUp.toFixed(3)}`;
  report(
    `${name}, ${atOnce} at once: speed-up in seconds, of that in tokens`,
    gained,
    `${(sequential / own / tokenSpeedUp).toFixed(3)}, goal >= 0.95`,
  );
  // What threads gain where a client costs nothing: the rest is what larger batches and more prompts cost the server.
  report(
    `${name}, ${atOnce} at once: the same of the bare loop, not streaming`,
    `${(bareCall / bareLoop).toFixed(3)} of ${tokenSpeedUp.toFixed(3)}`,
    (bareCall / bareLoop / tokenSpeedUp).toFixed(3),
  );
  report(`${name}, ${atOnce} at once: steps on the critical path`, `${steps("fork-join")} of ${steps("sequential")}`);
  const shares = (results.get("fork-join") ?? []).map((result) => cacheShare(result, block));
  const cached = shares.reduce((sum, s) => sum + s.cached, 0);
  const shareable = shares.reduce((sum, s) => sum + s.shareable, 0);
  report(
    `${name}, ${atOnce} at once: cached of what could be`,
    `${cached} of ${shareable}`,
    `${(cached / shareable).toFixed(3)}, goal >= 0.99`,
  );
}
await engine.close();
