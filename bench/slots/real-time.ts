import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { createClock } from "../../src/run/clock.ts";
import { createRunner } from "../../src/run/runner.ts";
import { report, spin } from "../measure.ts";
import { atOnce } from "./loads.ts";
import { pacedEngine } from "./paced-engine.ts";

/** 2,048 streams at once, each in parts of so many tokens. */
const stepMs = 25;
const part = 8;
const rounds = 2;

/**
 * 256 runs by the clock, against the longest critical path. The best of some rounds, beside a loop that is as busy: what
 * else runs on the machine only ever adds to the wall clock.
 */
export async function byTheClock(): Promise<void> {
  const load = atOnce(256, 1);
  const stories = load.map(({ story }) => story);
  let [best, busy, idle, steps] = [Infinity, 0, Infinity, 0];
  for (let round = 0; round < rounds; round += 1) {
    let runs = 0;
    const createId = (): string => `${runs++}`;
    const engine = pacedEngine(stories, { clock: createClock(), stepMs, part });
    const runner = createRunner({ engine, dialect: threadweaver, concurrency: 1_000_000, createId });
    const before = process.cpuUsage();
    const began = performance.now();
    const results = await Promise.all(load.map(() => runner.run({ prompt: "Q" }).result));
    const wall = performance.now() - began;
    const { user, system } = process.cpuUsage(before);
    steps = Math.max(...results.map(({ tokens }) => tokens.criticalPath));
    if (wall < best) [best, busy] = [wall, (user + system) / 1e3];
    idle = Math.min(idle, await spin({ steps, stepMs, busyMs: (user + system) / 1e3 / steps }));
  }
  const over = (ms: number): string => (ms / (steps * stepMs)).toFixed(3);
  report("slots: 256 x 8 by the clock over the longest critical path", over(best), "goal <= 1.05");
  report("slots: the same for a loop that is as busy in each step", over(idle), "what the machine itself adds");
  report("slots: share of that time in which this process was busy", over(busy));
}
