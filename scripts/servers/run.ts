/**
 * Runs the suite on a real server: `node scripts/servers/run.ts vllm|sglang|sglang-old|llama-server [vitest arguments]`,
 * or with `-- command` anything else. Installs the server if it is not there, starts it on a free loopback port in a process
 * group of its own, and ends that group. Address and key are in the command's environment.
 */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { installed } from "./install.ts";
import { compilerProblem } from "./compiler.ts";
import { pythonProblem } from "./python.ts";
import { startServer } from "./start.ts";
import { servers } from "./servers.ts";
import type { ServerName } from "./servers.ts";

const [name, ...rest] = process.argv.slice(2);
if (name !== "vllm" && name !== "sglang" && name !== "sglang-old" && name !== "llama-server") {
  console.error(
    "usage: node scripts/servers/run.ts vllm|sglang|sglang-old|llama-server [vitest arguments | -- command]",
  );
  process.exit(2);
}
process.exitCode = await main(name);

async function main(server: ServerName): Promise<number> {
  const given = process.env[servers[server].variable];
  if (given !== undefined && given !== "") return run(server, given, process.env["THREADWEAVER_API_KEY"]);
  const problem = servers[server].needs === "python" ? pythonProblem() : compilerProblem();
  if (problem !== undefined) {
    const counts = "0 passed, 0 failed, 1 skipped";
    mkdirSync("reports", { recursive: true });
    writeFileSync(countsOf(server), `${counts}\n`);
    console.log(`${problem}: what runs on ${server} is skipped.\n${counts}`);
    return 0;
  }
  const apiKey = randomBytes(16).toString("hex");
  await using running = await startServer(server, installed(server), apiKey);
  const { group, url } = running;
  const ours = { THREADWEAVER_SERVER_GROUP: `${group}`, THREADWEAVER_QUEUE_HOLDS: `${servers[server].queueHolds}` };
  return run(server, url, apiKey, ours);
}

function run(server: ServerName, url: string, apiKey: string | undefined, ours: NodeJS.ProcessEnv = {}): number {
  const env: NodeJS.ProcessEnv = { ...process.env, ...ours, THREADWEAVER_API_KEY: apiKey };
  // One suite for every server: it takes the one whose variable is set.
  for (const { variable } of Object.values(servers)) delete env[variable];
  env[servers[server].variable] = url;
  if (rest[0] === "--") return spawnSync(rest[1] ?? "true", rest.slice(2), { stdio: "inherit", env }).status ?? 1;
  const counts = countsOf(server);
  rmSync(counts, { force: true });
  const command = ["vitest", "run", "-c", "vitest.servers.config.ts", ...rest];
  const { status } = spawnSync("npx", command, { stdio: "inherit", env });
  console.log(existsSync(counts) ? readFileSync(counts, "utf8").trim() : "0 passed, 1 failed");
  return status ?? 1;
}

/** Where the suite writes how many of its tests passed. */
function countsOf(server: ServerName): string {
  return `reports/tests-${server}.txt`;
}
