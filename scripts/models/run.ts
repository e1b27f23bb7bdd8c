/**
 * Runs the tests of real instruct models: `node scripts/models/run.ts [NAME …]`, by default the smallest. Fetches them
 * into the cache, and builds llama.cpp's server if it is not there (ten minutes, once), whose rendering is compared.
 */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { installed } from "../servers/install.ts";
import { servers } from "../servers/servers.ts";
import { modelFile } from "./model-file.ts";
import { startScript } from "../servers/start.ts";

const [, , ...given] = process.argv;
for (const name of given.length > 0 ? given : ["smollm2-135m"]) {
  const status = await test(name);
  if (status !== 0) process.exitCode = status;
}

async function test(name: string): Promise<number> {
  const file = modelFile(name);
  const binary = installed("llama-server");
  const apiKey = randomBytes(16).toString("hex");
  const argumentsFor = (port: number) => [binary, file, `${port}`, "--api-key", apiKey];
  await using server = await startScript(`llama-server-${name}`, servers["llama-server"].folder, argumentsFor);
  const own = {
    THREADWEAVER_MODEL: file,
    THREADWEAVER_LLAMA_SERVER_URL: server.url,
    THREADWEAVER_API_KEY: apiKey,
  };
  const command = ["vitest", "run", "-c", "vitest.models.config.ts"];
  return spawnSync("npx", command, { stdio: "inherit", env: { ...process.env, ...own } }).status ?? 1;
}
