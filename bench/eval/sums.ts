/**
 * Evaluates the small model of this package on a real server, by every arm: sums of two to four products, three samples each.
 *
 *     npm run bench:eval                                         (vLLM, then SGLang)
 *     node scripts/servers/run.ts vllm -- node bench/eval/sums.ts vllm --out DIR [--problems 20] [--endpoint NAME=URL] [--resume]
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { serverNamed } from "../engines/servers.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: "string" },
    problems: { type: "string", default: "20" },
    samples: { type: "string", default: "3" },
    temperature: { type: "string", default: "1" },
    arms: {
      type: "string",
      default: "sequential,one-pass,fork-join,threads-in-turn,budget,attempts-3:quorum:2",
    },
    endpoint: { type: "string" },
    resume: { type: "boolean", default: false },
  },
});
const [kind = "vllm"] = positionals;
const { root } = serverNamed(kind);
const out = values.out ?? join("reports", "eval", kind);

interface Sum {
  terms: [number, number][];
  prompt: string;
}
const known = JSON.parse(
  readFileSync(new URL("../../test/fixtures/reference-transcripts.json", import.meta.url), "utf8"),
) as Sum[];
mkdirSync(out, { recursive: true });
const path = join(out, "sums.jsonl");
const rows = known.map(({ terms }, n) => {
  const question = terms.map(([a, b]) => `${a}*${b}`).join("+");
  return { id: `${n}`, question, answer: `${terms.reduce((sum, [a, b]) => sum + a * b, 0)}`, terms: terms.length };
});
writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));

const flags = `--dataset sums --columns id=id,question=question,answer=answer --shuffle 1 --raw
  --token-limit 4096 --dialect threadweaver ${values.resume ? "--resume" : "--overwrite"}`.split(/\s+/);
const { arms, problems, samples, temperature } = values;
const given = { path, out, arms, limit: problems, samples, temperature, engine: `${root}/v1` };
for (const [flag, value] of Object.entries(given)) flags.push(`--${flag}`, value);
flags.push("--template", "Q: {question}\n");
if (values.endpoint !== undefined) flags.push("--endpoint", values.endpoint);
const main = new URL("../../src/cli/main.ts", import.meta.url).pathname;
process.exitCode = spawnSync(process.execPath, [main, "eval", ...flags], { stdio: "inherit" }).status ?? 1;
