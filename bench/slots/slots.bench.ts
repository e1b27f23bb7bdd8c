import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import type { RunResult } from "../../src/run/result.ts";
import { createRunner } from "../../src/run/runner.ts";
import { report } from "../measure.ts";
import { costOfASlot } from "./cost.ts";
import { atOnce, mixed, shortAfterLong, tokensOf, type Arrival } from "./loads.ts";
import { firstInFirstOut, pacedEngine } from "./paced-engine.ts";
import { byTheClock } from "./real-time.ts";
import { VirtualClock } from "./virtual-clock.ts";

const unlimited = 1_000_000;
const slots = 64;

/** What slots cost, and what their order does for runs. In virtual time, where a step is a millisecond, the figures are exact and the same everywhere. */
export async function slotsBench(): Promise<void> {
  await costOfASlot();
  const free = await play(atOnce(256, 1), unlimited);
  const worst = Math.max(...free.map(({ wallMs, tokens }) => wallMs / tokens.criticalPath));
  report("slots: time of a run over its critical path, 256 x 8, virtual", worst.toFixed(3), "goal <= 1.05");
  await byTheClock();
  await compare("256 x 8 at once", atOnce(256, 1));
  await compare("mixed", mixed(600, slots), (_, { story }) => story.rounds.length === 1);
  await short("under way", 300);
  await short("at the same moment", 0);
}

async function compare(name: string, load: Arrival[], isShort?: (n: number, arrival: Arrival) => boolean) {
  const own = await play(load, slots);
  const fifo = await play(load, slots, "fifo");
  const figures = (results: readonly RunResult[]): string => {
    const ms = results.map(({ wallMs }) => wallMs).toSorted((a, b) => a - b);
    return `${Math.round(mean(ms))}, ${Math.round(ms[Math.floor(0.95 * ms.length)] ?? 0)}`;
  };
  report(
    `slots: mean and p95 steps of a run, ${name}, ${slots} slots`,
    figures(own),
    `first in, first out: ${figures(fifo)}`,
  );
  if (isShort === undefined) return;
  for (const [kind, wanted] of [
    ["short", true],
    ["long", false],
  ] as const) {
    const of = (results: readonly RunResult[]): string =>
      figures(results.filter((_, n) => load[n] !== undefined && isShort(n, load[n]) === wanted));
    report(`slots:   the ${kind} ones of these`, of(own), `first in, first out: ${of(fifo)}`);
  }
}

/** How long a short run waits in all, in calls of average length. */
async function short(when: string, step: number): Promise<void> {
  const load = shortAfterLong(step);
  const call = mean(load.flatMap(({ story }) => tokensOf(story)));
  const waits = (results: readonly RunResult[]): string => {
    const { wallMs = 0, tokens } = results.at(-1) ?? {};
    return ((wallMs - (tokens?.criticalPath ?? 0)) / call).toFixed(2);
  };
  const [own, fifo] = [await play(load, slots), await play(load, slots, "fifo")];
  report(
    `slots: calls that a short run waits for, 256 long ones, ${when}`,
    waits(own),
    `first in, first out: ${waits(fifo)}`,
  );
}

async function play(load: readonly Arrival[], count: number, order: "own" | "fifo" = "own"): Promise<RunResult[]> {
  const clock = new VirtualClock();
  const paced = pacedEngine(
    load.map(({ story }) => story),
    { clock, stepMs: 1, part: Infinity },
  );
  const engine = order === "own" ? paced : firstInFirstOut(paced, count);
  let runs = 0;
  const createId = (): string => `${runs++}`;
  const concurrency = order === "own" ? count : unlimited;
  const runner = createRunner({ engine, dialect: threadweaver, concurrency, clock, createId });
  const results = load.map(async ({ step }) => {
    await new Promise<void>((begin) => void clock.schedule(step, begin));
    return runner.run({ prompt: "Q" }).result;
  });
  const [ended] = await Promise.all([Promise.all(results), clock.run()]);
  return ended;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
