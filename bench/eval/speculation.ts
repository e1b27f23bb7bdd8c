/**
 * Forks and speculative decoding by n-grams, each with and without the other: the small model of this package on two vLLMs
 * side by side, of which one drafts. Greedy: with temperature 1, vLLM 0.32.0 with n-grams on a CPU answers noise.
 *
 *     npm run bench:speculation [-- --problems 20 --temperature 0 --out DIR --resume]
 */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { installed } from "../../scripts/servers/install.ts";
import { startServer, type RunningServer } from "../../scripts/servers/start.ts";

const apiKey = randomBytes(16).toString("hex");
const drafting = { method: "ngram", num_speculative_tokens: 4, prompt_lookup_min: 2, prompt_lookup_max: 4 };

await using plain = await start("plain");
await using ngram = await start("ngram", "--speculative-config", JSON.stringify(drafting));
const arms = ["sequential", "fork-join", "sequential@ngram", "fork-join@ngram"].join(",");
const out = join("reports", "eval", "speculation");
const flags = [
  "--out",
  out,
  "--samples",
  "1",
  "--temperature",
  "0",
  "--arms",
  arms,
  "--endpoint",
  `ngram=${ngram.url}/v1`,
  ...process.argv.slice(2),
];
const env = { ...process.env, THREADWEAVER_VLLM_URL: plain.url, THREADWEAVER_API_KEY: apiKey };
const sums = join(import.meta.dirname, "sums.ts");
process.exitCode = spawnSync(process.execPath, [sums, "vllm", ...flags], { stdio: "inherit", env }).status ?? 1;

function start(name: string, ...more: readonly string[]): Promise<RunningServer> {
  return startServer("vllm", installed("vllm"), apiKey, { more, log: `speculation-${name}` });
}
