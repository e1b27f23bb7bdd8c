/**
 * Teaches the small model to fork where it pays: finished texts, a real vLLM, rollouts, P-GRPO, evaluation.
 *
 *     npm run loop -- --smoke            (three steps, to see that all of it works)
 *     npm run loop -- --quick            (eight steps)
 *     npm run loop                       (sixty steps, an evening)
 *
 * Also: --out DIR (reports/loop/SIZE), --seed N (20). What is there stays: the same command goes on where it was
 * interrupted, at any step.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { installedIn } from "../servers/install.ts";
import { pythonProblem } from "../servers/python.ts";
import { trainingEnvironment } from "../train/environment.ts";
import { Loop } from "./loop.ts";
import { writeReport } from "./report.ts";
import { sizes } from "./sizes.ts";

const { values } = parseArgs({
  options: {
    smoke: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    out: { type: "string" },
    seed: { type: "string", default: "20" },
  },
});
const name = values.smoke ? "smoke" : values.quick ? "quick" : "full";
const out = values.out ?? join("reports", "loop", name);
const settings = { size: name, seed: Number(values.seed), ...sizes[name] };

process.exitCode = await main();

async function main(): Promise<number> {
  const problem = pythonProblem();
  if (problem !== undefined) {
    console.log(`${problem}: the loop is skipped.`);
    return 0;
  }
  mkdirSync(out, { recursive: true });
  const loop = new Loop({
    out,
    size: sizes[name],
    seed: settings.seed,
    python: join(installedIn(trainingEnvironment.scripts, "train", trainingEnvironment.versions), "bin", "python"),
    apiKey: randomBytes(16).toString("hex"),
  });
  const path = join(out, "settings.json");
  const mine = JSON.stringify(settings);
  if (existsSync(path) && readFileSync(path, "utf8") !== mine) {
    console.error(`${path} says other settings than these: ${mine}. Give another --out, or remove the folder.`);
    return 2;
  }
  loop.begin(mine);
  await loop.run();
  console.log(await writeReport(out, settings.size, loop.tasks));
  return 0;
}
