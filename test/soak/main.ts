/** The chaos soak: `npm run soak -- --help`. Exit code 1: a run, or what they all left, was not as it must be. */
import { mkdirSync, writeFileSync } from "node:fs";
import { readOptions, usage, type SoakOptions } from "./options.ts";
import type { Played } from "./play.ts";
import { soak } from "./soak.ts";
import { tableOf } from "./table.ts";

const args = process.argv.slice(2);
if (args.includes("--help")) console.log(usage);
else process.exitCode = await main(args);

async function main(given: readonly string[]): Promise<number> {
  let options: SoakOptions;
  try {
    options = readOptions(given);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  const { seed, only } = options;
  console.log(`seed ${seed}`);
  let failed = 0;
  let played = 0;
  const onPlayed = (one: Played): void => {
    if ((played += 1) % 1000 === 0) console.log(`${played} runs`);
    if (one.problems.length > 0) failed += 1;
    if (one.problems.length > 0 && failed <= 20) console.log(failureOf(one));
    if (only !== undefined)
      console.log(JSON.stringify({ ...one.scenario, way: one.way, struck: one.struck }, undefined, 2));
  };
  const report = await soak({ ...options, onPlayed });
  console.log(`\n${tableOf(report)}`);
  for (const problem of report.problems) console.log(`✖ ${problem}`);
  const bad = failed + report.problems.length;
  console.log(`\nseed ${seed}: ${report.played.length - failed} of ${report.played.length} runs as they must be`);
  // For those who count tests a soak is one of them.
  mkdirSync("reports", { recursive: true });
  writeFileSync("reports/tests-soak.txt", bad === 0 ? "1 passed, 0 failed\n" : "0 passed, 1 failed\n");
  return bad === 0 ? 0 : 1;
}

function failureOf({ scenario, problems, struck, way }: Played): string {
  const { seed, index, flavour } = scenario;
  const what = `run ${index} on ${flavour} ended as "${way}"; it was struck by: ${struck.join(", ") || "nothing"}`;
  const again = `  again, alone: npm run soak -- --seed ${seed} --only ${index}`;
  return [`✖ ${what}`, ...problems.map((problem) => `  ${problem}`), again].join("\n");
}
