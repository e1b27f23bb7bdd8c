import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { createRunner, type Runner } from "../../src/run/runner.ts";
import { createTrace, readTrace, replayTrace, type TraceRecorder } from "../../src/trace/index.ts";
import { median, report } from "../measure.ts";
import { greedy, startServer } from "./child.ts";

const live = 2_048;
const tokens = 400;
const rounds = 7;

interface Spent {
  /** Microseconds of processor time, of all threads of this process. */
  readonly us: number;
  readonly bytes: number;
}

/**
 * What a trace of each of many live streams costs, against the same streams without: processor time of this process,
 * opening and closing the files included. The median of the ratios of alternating rounds: minima of each would be of
 * different moments, which differ by more than a trace costs.
 */
export async function traceBench(): Promise<void> {
  const server = await startServer();
  await server.setPace({ stepMs: 0, events: 1 });
  const engine = await createEngine({ baseURL: `${server.url}/v1` });
  const runner = createRunner({ engine, dialect: threadweaver, concurrency: live });
  await runner.run({ prompt: `say ${tokens}` }, greedy).result;
  const folder = mkdtempSync(join(tmpdir(), "threadweaver-bench-"));
  const pairs: { bare: number; traced: number }[] = [];
  let bytes = 0;
  for (let round = -1; round < rounds; round += 1) {
    const bare = await spend(runner, () => undefined);
    const own = await spend(runner, (n) => createTrace(join(folder, `${n}.jsonl`), { overwrite: true }));
    if (round < 0) continue;
    pairs.push({ bare: bare.us, traced: own.us });
    bytes = own.bytes;
  }
  const ratio = median(pairs.map(({ bare, traced }) => traced / bare));
  const each = (us: readonly number[]): string => `${(median(us) / (live * tokens)).toFixed(2)} us`;
  report(
    `trace: CPU a token, ${live} live streams with a trace each, over none`,
    `${ratio.toFixed(3)} (${each(pairs.map(({ traced }) => traced))} / ${each(pairs.map(({ bare }) => bare))})`,
    "goal <= 1.05",
  );
  report("trace: bytes a token, its share of the header included", (bytes / (live * tokens)).toFixed(1));
  await reportReplay(runner, join(folder, "long.jsonl"));
  await engine.close();
  server.close();
  rmSync(folder, { recursive: true });
}

async function spend(runner: Runner, traceOf: (n: number) => TraceRecorder | undefined): Promise<Spent> {
  const before = process.cpuUsage();
  const traces = await Promise.all(
    Array.from({ length: live }, async (_, n) => {
      const recorder = traceOf(n);
      const run = runner.run({ prompt: `say ${tokens}` }, { ...greedy, recorder });
      for await (const event of run) void event;
      await recorder?.close();
      return recorder;
    }),
  );
  const { user, system } = process.cpuUsage(before);
  const bytes = traces.reduce((sum, trace) => sum + (trace === undefined ? 0 : statSync(trace.path).size), 0);
  return { us: user + system, bytes };
}

/** Reading and replaying a long run, with its events. */
async function reportReplay(runner: Runner, path: string): Promise<void> {
  const long = 50_000;
  await using recorder = createTrace(path);
  const { tokens: counts } = await runner.run({ prompt: `say ${long}` }, { ...greedy, recorder }).result;
  await recorder.close();
  let best = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    const { proof } = replayTrace(await readTrace(path), { onEvent: () => {} });
    best = Math.min(best, performance.now() - began);
    if (proof !== "equal") throw new Error(`the replay gave another result: ${proof}`);
  }
  report(
    "trace: tokens a second, read and replayed with every event",
    Math.round(counts.generated / (best / 1000)).toString(),
  );
}
