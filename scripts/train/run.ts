/**
 * Runs the tests of training data in Python: `node scripts/train/run.ts [runs of each dialect]`. Installs what they need if
 * it is not there (a few minutes, once). A trained tiny model could not show errors of context, so weights are random.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pythonProblem } from "../servers/python.ts";
import { trainingPython } from "./environment.ts";

const root = resolve(import.meta.dirname, "..", "..");
const folder = join(root, "reports", "train");

process.exitCode = main(process.argv[2] ?? "2");

function main(count: string): number {
  mkdirSync(folder, { recursive: true });
  const problem = pythonProblem();
  if (problem !== undefined) {
    console.log(`${problem}: the tests of training data in Python are skipped.`);
    writeFileSync(join(root, "reports", "tests-train.txt"), "0 passed, 0 failed, 1 skipped\n");
    return 0;
  }
  const python = trainingPython();
  const cases = spawnSync(process.execPath, [join(import.meta.dirname, "cases.ts"), folder, count], {
    stdio: "inherit",
  });
  if (cases.status !== 0) return cases.status ?? 1;
  const env = {
    ...process.env,
    THREADWEAVER_CASES: folder,
    PYTHONPATH: join(root, "training"),
    PYTHONDONTWRITEBYTECODE: "1",
    // Nothing is fetched, and no trainer is run.
    HF_HUB_OFFLINE: "1",
    TRL_EXPERIMENTAL_SILENCE: "1",
    TOKENIZERS_PARALLELISM: "false",
    // Models this small gain nothing by a second thread, and lose much where other work has the processor.
    OMP_NUM_THREADS: "1",
  };
  const command = ["-W", "ignore", "-m", "tests.run", join(root, "reports", "tests-train.txt")];
  return spawnSync(python, command, { stdio: "inherit", env, cwd: join(root, "training") }).status ?? 1;
}
