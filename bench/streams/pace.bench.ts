import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createEngine } from "../../src/engine/openai.ts";
import { createRunner } from "../../src/run/runner.ts";
import { report } from "../measure.ts";
import { startServer } from "./child.ts";

const stepMs = 20;
const threads = 4;

/**
 * Wall clock against the critical path, where a server takes a step every 20 ms and this process is busy for 80 % of the
 * time that it has: tokens of how many runs at once it can read at most is found out first.
 */
export async function paceBench(): Promise<void> {
  const server = await startServer();
  const engine = await createEngine({ baseURL: `${server.url}/v1` });
  const runner = createRunner({ engine, dialect: threadweaver, concurrency: 4096 });

  // As fast as it goes, to find the ceiling: tokens a second that the event loop can take, by its processor time.
  const runs = 32;
  const prompt = `fork ${threads} 200`;
  await runner.run({ prompt }).result; // warm
  const cpu = process.cpuUsage();
  const results = await Promise.all(Array.from({ length: runs }, () => readAll(runner.run({ prompt }))));
  const { user, system } = process.cpuUsage(cpu);
  const generated = results.reduce((sum, { tokens }) => sum + tokens.generated, 0);
  const ceiling = generated / ((user + system) / 1e6);
  report("streams: tokens a second that one process can take", Math.round(ceiling).toString(), "the ceiling");

  // So many runs at once that their threads give 80 % of that.
  const atOnce = Math.max(1, Math.floor((ceiling * 0.8 * (stepMs / 1000)) / threads));
  await server.setPace(stepMs);
  const began = performance.now();
  const paced = await Promise.all(Array.from({ length: atOnce }, () => readAll(runner.run({ prompt }))));
  const wall = performance.now() - began;
  const steps = Math.max(...paced.map(({ tokens }) => tokens.criticalPath));
  await engine.close();
  server.close();
  report(
    `streams: wall clock over the critical path, ${atOnce} runs x ${threads} threads`,
    `${(wall / (steps * stepMs)).toFixed(3)} (${(wall / 1000).toFixed(2)} s / ${steps} steps of ${stepMs} ms)`,
    "goal <= 1.05",
  );
}

async function readAll(run: ReturnType<ReturnType<typeof createRunner>["run"]>) {
  for await (const event of run.events()) void event;
  return run.result;
}
