import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { threadweaver } from "../../core/dialects/bundled/index.ts";
import { RolloutReader } from "../../rollout/ledger/reader.ts";
import { ledgerRows, ledgerTries } from "../../rollout/ledger/rows.ts";
import { scoreLedger, type RolloutSummary } from "../../rollout/ledger/scores.ts";
import { wholeFile, writeLines } from "../data/output-file.ts";
import { defaultDialect } from "../default-dialect.ts";
import { chooseEngine, withEngine } from "../engine.ts";
import { exitCodes } from "../exit-codes.ts";
import { loadDialectIf } from "../load-dialect.ts";
import { reportError } from "../report-error.ts";
import type { RolloutFlags } from "../rollout/options.ts";
import { readProblems } from "../rollout/problems.ts";
import { sampleMissing } from "../rollout/sample.ts";
import { usageError } from "../usage.ts";
import type { World } from "../world.ts";

/** `threadweaver rollout`: groups of judged samples, and training rows of them. */
export async function rolloutCommand(flags: RolloutFlags, world: World): Promise<number> {
  const { input, out, resume, overwrite } = flags;
  if (input === undefined) throw usageError("Give --input: the file of problems with their answers.", "rollout");
  if (out === undefined) throw usageError("Give --out: the folder for rollouts and rows.", "rollout");
  if (resume && overwrite) throw usageError("--resume and --overwrite exclude each other.", "rollout");
  const problems = await readProblems(input, flags.grading, world);
  const named = await loadDialectIf(flags.dialect);
  return withEngine(world, chooseEngine(flags, world.env, named ?? threadweaver), async (engine) => {
    const isChat = engine.tier?.startsWith("chat") === true;
    const dialect = named ?? (await defaultDialect(engine, { isChat }, world));
    mkdirSync(out, { recursive: true });
    const path = join(out, "rollouts.jsonl");
    const { early, failed } = await sampleMissing({ flags, path, problems, dialect, engine }, world);
    const summary = await writeRows(flags, path, out);
    world.stdout.write(flags.json ? `${JSON.stringify(summary)}\n` : linesOf(summary));
    if (early !== undefined || failed > 0)
      world.stderr.write("The same command with --resume samples what is missing.\n");
    if (world.signal.aborted) return exitCodes.interrupted;
    if (early !== undefined) return reportError(world, early.error);
    return failed === 0 ? exitCodes.ok : exitCodes.failed;
  });
}

/** Writes what trainers read, whole or not at all. It follows from the ledger, so it may be replaced. */
async function writeRows(flags: RolloutFlags, path: string, out: string): Promise<RolloutSummary> {
  const reader = await RolloutReader.open(path);
  const scores = await scoreLedger(reader, { atLeast: flags["at-least"], dropEqual: flags["drop-equal"] });
  const write = (name: string, values: AsyncIterable<object>): Promise<void> =>
    wholeFile(join(out, name), { overwrite: true }, (partial) => writeLines(partial, values));
  await write("rows.jsonl", ledgerRows(reader, scores));
  // Those of other rows would be trained on in place of these.
  if (!flags.tries) rmSync(join(out, "tries.jsonl"), { force: true });
  else await write("tries.jsonl", ledgerTries(reader, scores));
  return scores.summary;
}

function linesOf({ rollouts, right, groups, incomplete, equal, ...used }: RolloutSummary): string {
  const tokens = `${used.totalTokens.toFixed(1)}, ${used.pathTokens.toFixed(1)} of them on the critical path`;
  const rows = [
    ["rollouts", `${rollouts}, ${(right * 100).toFixed(1)} % right`],
    ["groups", `${groups}, ${incomplete} incomplete, ${equal} with equal rewards`],
    ["trained on", `${used.used} rollouts, mean reward ${used.reward.toFixed(4)}`],
    ["tokens of a rollout", tokens],
  ];
  return rows.map(([what = "", value = ""]) => `${what.padEnd(21)}${value}\n`).join("");
}
