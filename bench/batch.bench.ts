import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import pLimit from "p-limit";
import { program } from "../src/cli/program.ts";
import { threadweaver } from "../src/core/dialects/bundled/index.ts";
import type { Engine } from "../src/engine/engine.ts";
import { createRunner } from "../src/run/runner.ts";
import { reachable, report } from "./measure.ts";

const lines = 100_000;
const some = 10_000;
const words = "It is four, as two and two are.";
const eos = 0x11_0000;

/** An engine that answers at once, one token a character; it is asked how much memory is held, now and then. */
function instantEngine(): Engine & { held: number[] } {
  const ids = Array.from(words, (char) => char.codePointAt(0) ?? 0);
  const held: number[] = [];
  let calls = 0;
  return {
    held,
    name: "instant",
    model: "none",
    contextTokens: 1000,
    parallelCalls: undefined,
    tokenizer: {
      bos: undefined,
      eos: [eos],
      controls: [],
      vocabularySize: eos + 1,
      encode: (text) => Array.from(text, (char) => char.codePointAt(0) ?? 0),
      decode: (given) => String.fromCodePoint(...given),
      renderChat: () => [],
    },
    close: async () => {},
    async *complete() {
      if (calls % some === 0) held.push(reachable());
      calls += 1;
      yield { type: "pieces", pieces: [{ ids, text: words }] };
      yield { type: "pieces", pieces: [{ ids: [eos], text: "" }] };
      yield { type: "end", reason: "stop" };
    },
  };
}

const prompt = (n: number): string => `Question ${n}: how much are two and two?`;

/** What a program would write without `batch`: all problems at once in a list, through p-limit. */
async function byHand(count: number): Promise<number> {
  const engine = instantEngine();
  const runner = createRunner({ engine, dialect: threadweaver });
  const limit = pLimit(8);
  const began = performance.now();
  const inputs = Array.from({ length: count }, (_, n) => ({ prompt: prompt(n) }));
  await limit.map(inputs, async (input) => (await runner.run(input, { mode: "sequential" }).result).text);
  return performance.now() - began;
}

async function library(count: number): Promise<{ ms: number; held: number[] }> {
  const engine = instantEngine();
  const runner = createRunner({ engine, dialect: threadweaver });
  function* problems() {
    for (let n = 0; n < count; n += 1) yield { id: n, input: { prompt: prompt(n) } };
  }
  const began = performance.now();
  let done = 0;
  for await (const { result } of runner.batch(problems(), { mode: "sequential", concurrency: 8 })) {
    if (result?.text === words) done += 1;
  }
  if (done !== count) throw new Error(`${done} of ${count} were answered`);
  return { ms: performance.now() - began, held: engine.held };
}

async function commandLine(folder: string): Promise<{ ms: number; held: number[] }> {
  const [input, output] = [join(folder, "in.jsonl"), join(folder, "out.jsonl")];
  const rows = Array.from(
    { length: lines },
    (_, n) => `${JSON.stringify({ id: `row-${n}`, prompt: prompt(n), answer: 4 })}\n`,
  );
  writeFileSync(input, rows.join(""));
  rows.length = 0;
  const engine = instantEngine();
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const began = performance.now();
  const code = await program(["run", "--input", input, "--output", output, "--mode", "sequential", "--model", "m"], {
    stdin: process.stdin,
    stdout: nowhere,
    stderr: nowhere,
    env: {},
    now: () => performance.now(),
    random: Math.random,
    signal: new AbortController().signal,
    grace: () => new AbortController().signal,
    openEngine: async () => engine,
  });
  const ms = performance.now() - began;
  let written = 0;
  for await (const line of createInterface({ input: createReadStream(output) })) if (line !== "") written += 1;
  if (code !== 0 || written !== lines) throw new Error(`exit code ${code}, ${written} of ${lines} lines`);
  return { ms, held: engine.held };
}

/** Many problems: how many a second, and whether memory grows with their number. */
export async function batchBench(): Promise<void> {
  await library(some);
  let hand = Infinity;
  let own = Infinity;
  for (let round = 0; round < 3; round += 1) {
    hand = Math.min(hand, await byHand(some));
    own = Math.min(own, (await library(some)).ms);
  }
  report("batch: wall clock over p-limit and runs, 10,000 problems", (own / hand).toFixed(3));
  const long = await library(lines);
  report("batch: problems a second, 100,000 of them", `${Math.round(lines / (long.ms / 1000))}`);
  report("batch: memory held after 10,000 and 90,000 problems", growth(long.held), "goal: flat");
  const folder = mkdtempSync(join(tmpdir(), "threadweaver-bench-"));
  try {
    const { ms, held } = await commandLine(folder);
    report("batch: lines a second on the command line, 100,000 of them", `${Math.round(lines / (ms / 1000))}`);
    report("batch: memory held there after 10,000 and 90,000 lines", growth(held), "the ids of all lines are kept");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function growth(held: readonly number[]): string {
  const [, early = 0] = held;
  const late = held.at(-1) ?? 0;
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);
  return `${mb(early)}, ${mb(late)} MB`;
}
