/** Reads our logs with the real Inspect: `node scripts/servers/inspect.ts`. Installs it if it is not there. */
import { spawnSync } from "node:child_process";
import { inspectFolder, installedFrom } from "./install.ts";
import { pythonProblem } from "./python.ts";

const problem = pythonProblem();
if (problem === undefined) {
  installedFrom(...inspectFolder);
  const command = ["vitest", "run", "test/eval/report/inspect-ai.test.ts"];
  process.exitCode = spawnSync("npx", command, { stdio: "inherit" }).status ?? 1;
} else console.log(`${problem}: what reads logs with Inspect is skipped.`);
