/**
 * Runs the suite behind a proxy: `node scripts/servers/litellm.ts`. LiteLLM in front of the real vLLM. Both are installed
 * if they are not there, and listen on free loopback ports.
 */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { installed, installedFrom } from "./install.ts";
import { pythonProblem } from "./python.ts";
import { startScript, startServer } from "./start.ts";

const version = "1.108.7";

process.exitCode = await main();

async function main(): Promise<number> {
  const problem = pythonProblem();
  if (problem !== undefined) {
    console.log(`${problem}: what runs behind LiteLLM is skipped.`);
    return 0;
  }
  const folder = installedFrom("litellm", version);
  const key = randomBytes(16).toString("hex");
  await using vllm = await startServer("vllm", installed("vllm"), key);
  await using proxy = await startScript("litellm", "litellm", (port) => [folder, `${port}`, vllm.url, key], {
    readyAt: "/health/liveliness",
  });
  const env = { ...process.env, THREADWEAVER_LITELLM_URL: proxy.url, THREADWEAVER_VLLM_URL: vllm.url };
  const command = ["vitest", "run", "-c", "vitest.litellm.config.ts"];
  return spawnSync("npx", command, { stdio: "inherit", env: { ...env, THREADWEAVER_API_KEY: key } }).status ?? 1;
}
