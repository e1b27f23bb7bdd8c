/**
 * Runs the suite of several servers: `node scripts/servers/replicas.ts [router | data-parallel]`. Two vLLM with a router
 * before them, then one vLLM with two engines. The servers are installed if they are not there, and listen on free loopback ports.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { installed, installedFrom } from "./install.ts";
import { pythonProblem } from "./python.ts";
import { freePort, startScript } from "./start.ts";
import type { RunningServer } from "./start.ts";
import { here, servers } from "./servers.ts";

const routerVersion = "0.1.17";

process.exitCode = await main();

async function main(): Promise<number> {
  const problem = pythonProblem();
  if (problem !== undefined) {
    console.log(`${problem}: what runs on several servers is skipped.`);
    return 0;
  }
  const [only] = process.argv.slice(2);
  const failed = only === "data-parallel" ? 0 : await behindRouter();
  return failed + (only === "router" ? 0 : await withTwoEngines()) > 0 ? 1 : 0;
}

/** The router first: the other test kills one of its workers. */
async function behindRouter(): Promise<number> {
  const folder = installedFrom("router", routerVersion);
  await using one = await startReplica("vllm-1");
  await using two = await startReplica("vllm-2");
  const metrics = await freePort();
  await using router = await startScript("vllm-router", "router", (port) => [
    folder,
    `${port}`,
    `${metrics}`,
    one.url,
    two.url,
  ]);
  const env = {
    THREADWEAVER_REPLICAS: `${one.url} ${two.url}`,
    THREADWEAVER_REPLICA_GROUP: `${one.group}`,
    THREADWEAVER_VLLM_URL: router.url,
  };
  const failed = test("router", env);
  return test("failover", env) + failed;
}

async function withTwoEngines(): Promise<number> {
  await using both = await startReplica("vllm-dp", ["--data-parallel-size", "2"]);
  return test("data-parallel", { THREADWEAVER_REPLICAS: both.url, THREADWEAVER_VLLM_URL: both.url });
}

function startReplica(name: string, more: readonly string[] = []): Promise<RunningServer> {
  const { flags, env } = servers.vllm;
  const folder = installed("vllm");
  const model = join(here, "..", "..", "models", "hf");
  return startScript(name, "vllm", (port) => [folder, model, `${port}`, ...flags, ...more], { env });
}

function test(file: string, env: NodeJS.ProcessEnv): number {
  const command = ["vitest", "run", "-c", "vitest.replicas.config.ts", file];
  return spawnSync("npx", command, { stdio: "inherit", env: { ...process.env, ...env } }).status ?? 1;
}
