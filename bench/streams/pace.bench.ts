import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { createRunner } from "../../src/run/runner.ts";
import { report, spin } from "../measure.ts";
import { greedy, startServer } from "./child.ts";

const stepMs = 20;
const threads = 4;
const length = 200;
/** As many runs at once as do not fill this process, to find out what a token costs it. */
const few = 48;
const rounds = 3;

/**
 * Wall clock against the critical path, where a server takes a step every 20 ms and this process is busy for 80 % of its
 * time. How many tokens a second it can take at most is found out first, by the processor time of fewer streams. The best
 * of some rounds: what else runs on the machine only ever adds to the wall clock.
 */
export async function paceBench(): Promise<void> {
  const server = await startServer();
  const engine = await createEngine({ baseURL: `${server.url}/v1` });
  const runner = createRunner({ engine, dialect: threadweaver, concurrency: 4096 });
  const prompt = `fork ${threads} ${length}`;
  const runs = async (count: number) => {
    const cpu = process.cpuUsage();
    const began = performance.now();
    const results = await Promise.all(Array.from({ length: count }, () => readAll(runner.run({ prompt }, greedy))));
    const wall = performance.now() - began;
    const { user, system } = process.cpuUsage(cpu);
    const generated = results.reduce((sum, { tokens }) => sum + tokens.generated, 0);
    const steps = Math.max(...results.map(({ tokens }) => tokens.criticalPath));
    return { wall, steps, busyMs: (user + system) / 1e3, perSecond: generated / ((user + system) / 1e6) };
  };
  await runs(8); // warm
  await server.setPace({ stepMs, events: 1 });
  const { perSecond: ceiling } = await runs(few);
  report("streams: tokens a second that one process can take", Math.round(ceiling).toString(), "the ceiling");

  // So many runs at once that their threads give 80 % of that.
  const atOnce = Math.max(1, Math.floor((ceiling * 0.8 * (stepMs / 1000)) / threads));
  let best = await runs(atOnce);
  let idle = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const next = await runs(atOnce);
    if (next.wall < best.wall) best = next;
    idle = Math.min(idle, await spin({ steps: best.steps, stepMs, busyMs: best.busyMs / best.steps }));
  }
  await engine.close();
  server.close();
  const { wall, steps } = best;
  const over = (ms: number): string => (ms / (steps * stepMs)).toFixed(3);
  report(
    `streams: wall clock over the critical path, ${atOnce} runs x ${threads} threads`,
    `${over(wall)} (${(wall / 1000).toFixed(2)} s / ${steps} steps of ${stepMs} ms)`,
    "goal <= 1.05",
  );
  report("streams: the same for a loop that is as busy in each step", over(idle), "what the machine itself adds");
}

async function readAll(run: ReturnType<ReturnType<typeof createRunner>["run"]>) {
  for await (const event of run.events()) void event;
  return run.result;
}
