/**
 * Sends a run to a real collector over OTLP: `node scripts/servers/collector.ts`. The collector is installed if it is not
 * there, and listens on a free loopback port.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { installedFrom } from "./install.ts";
import { pythonProblem } from "./python.ts";

const version = "rotel-0.0.1a15";

process.exitCode = main();

function main(): number {
  const problem = pythonProblem();
  if (problem !== undefined) {
    console.log(`${problem}: what needs a collector is skipped.`);
    return 0;
  }
  const env = {
    ...process.env,
    THREADWEAVER_COLLECTOR: join(installedFrom("collector", version), "bin", "rotel-agent"),
  };
  const command = ["vitest", "run", "--reporter", "default", "test/otel/collector.test.ts"];
  return spawnSync("npx", command, { stdio: "inherit", env }).status ?? 1;
}
