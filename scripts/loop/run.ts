/**
 * Teaches the small model to fork where it pays: finished texts, a real vLLM, rollouts, P-GRPO, evaluation.
 *
 *     npm run loop -- --smoke            (three steps, to see that all of it works)
 *     npm run loop -- --quick            (eight steps)
 *     npm run loop                       (sixty steps)
 *     npm run loop -- --seeds 3 --compare     (a night: three seeds, with GRPO and SFT alone beside P-GRPO)
 *
 * Also: --out DIR (reports/loop/SIZE), --seed N (20). What is there stays: the same command goes on where it was
 * interrupted, at any step.
 */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { pythonProblem } from "../servers/python.ts";
import { trainingPython } from "../train/environment.ts";
import { compared } from "./compare.ts";
import { Loop } from "./loop.ts";
import { writeReport } from "./report.ts";
import { keepSettings } from "./settings.ts";
import { sizes } from "./sizes.ts";
import { readNumbers } from "./step-numbers.ts";
import { Trainer } from "./trainer.ts";

const { values } = parseArgs({
  options: {
    smoke: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    compare: { type: "boolean", default: false },
    seeds: { type: "string", default: "1" },
    out: { type: "string" },
    seed: { type: "string", default: "20" },
  },
});
const name = values.smoke ? "smoke" : values.quick ? "quick" : "full";
const out = values.out ?? join("reports", "loop", name);
// Steps draw with the seeds that follow their loop's.
const count = Number(values.seeds);
if (!Number.isInteger(count) || count < 1) throw new Error(`--seeds ${values.seeds}: expected how many, such as 3`);
const seeds = Array.from({ length: count }, (_, i) => Number(values.seed) + 1000 * i);

process.exitCode = await main();

async function main(): Promise<number> {
  const problem = pythonProblem();
  if (problem !== undefined) {
    console.log(`${problem}: the loop is skipped.`);
    return 0;
  }
  const python = trainingPython();
  const folders = seeds.map((seed) => ({ seed, folder: seeds.length === 1 ? out : join(out, `seed-${seed}`) }));
  for (const { seed, folder } of folders) {
    // oxlint-disable-next-line no-await-in-loop -- each loop needs both cores
    await loopIn(folder, seed, python);
  }
  if (values.compare) {
    const text = await compared(folders, sizes[name]);
    writeFileSync(join(out, "compare.md"), text);
    console.log(text);
  }
  const idle = folders.filter(({ folder }) => !hasLearned(folder));
  for (const { folder } of idle)
    console.error(`${folder}: no step of P-GRPO changed the weights, since no group had different rewards.`);
  return idle.length === 0 ? 0 : 1;
}

function hasLearned(folder: string): boolean {
  return Array.from({ length: sizes[name].rl.steps }, (_, i) => readNumbers(folder, i + 1)).some(
    ({ norm }) => norm > 0,
  );
}

/** @throws where the folder has another loop. */
async function loopIn(folder: string, seed: number, python: string): Promise<void> {
  keepSettings(folder, { size: name, seed, ...sizes[name] });
  const apiKey = randomBytes(16).toString("hex");
  await using trainer = new Trainer(python, apiKey);
  const loop = new Loop({ out: folder, size: sizes[name], seed, trainer, apiKey, compare: values.compare });
  await loop.run();
  console.log(await writeReport(folder, name, loop.tasks));
}
