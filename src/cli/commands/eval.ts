import { compareSummaries } from "../../eval/compare/compare.ts";
import { comparisonMarkdown } from "../../eval/compare/markdown.ts";
import { loadDataset, type Dataset } from "../../eval/datasets/load.ts";
import { planEvaluation } from "../../eval/plan.ts";
import { baselineOf } from "../../eval/summary/summarize.ts";
import { costLines } from "../eval/costs.ts";
import { samplesThere } from "../eval/there.ts";
import { withEndpoints } from "../eval/endpoints.ts";
import { makeSamples } from "../eval/make.ts";
import { readProblems } from "../eval/problems.ts";
import { readSummary, writeInspectLogs, writeReports } from "../eval/reports.ts";
import { datasetOptions, protocolFrom } from "../eval/settings.ts";
import { exitCodes } from "../exit-codes.ts";
import type { commands } from "../flags/commands.ts";
import type { Values } from "../flags/flag.ts";
import { reportError } from "../report-error.ts";
import { usageError } from "../usage.ts";
import { packageVersion } from "../version.ts";
import { warn } from "../view/report.ts";
import type { World } from "../world.ts";

type EvalFlags = Values<(typeof commands)["eval"]["flags"]>;

/** `threadweaver eval`: makes samples, reports on them, or compares two evaluations. */
export async function evalCommand(flags: EvalFlags, positionals: readonly string[], world: World): Promise<number> {
  const [what, ...folders] = positionals;
  switch (what) {
    case undefined:
      return makeCommand(flags, world);
    case "report":
      return reportCommand(flags, folders, world);
    case "compare":
      return compareCommand(flags, folders, world);
    default:
      throw usageError(`eval takes report DIR, compare DIR DIR, or no word, not ${JSON.stringify(what)}.`, "eval");
  }
}

async function makeCommand(flags: EvalFlags, world: World): Promise<number> {
  const { out, resume, overwrite, arms, seed, concurrency } = flags;
  if (out === undefined && !flags["dry-run"])
    throw usageError("Give --out: the folder for the ledger and the reports.", "eval");
  if (resume && overwrite) throw usageError("--resume and --overwrite exclude each other.", "eval");
  const dataset = await loadDataset(datasetOptions(flags));
  sayWhatIsSkipped(dataset, world);
  const protocol = protocolFrom(flags);
  const isChat = protocol.form === "chat";
  return withEndpoints(flags, { isChat, command: "eval" }, world, async (endpoints) => {
    const version = packageVersion();
    const evaluation = planEvaluation({ dataset, protocol, arms, endpoints, seed, concurrency, version });
    // The reports would find a wrong one, when everything has been run.
    baselineOf(evaluation.header, flags.baseline);
    if (flags["dry-run"]) {
      const there = await samplesThere(evaluation.header, { out, resume, overwrite }, world);
      world.stdout.write(costLines(evaluation.header, there));
      return exitCodes.ok;
    }
    const folder = out ?? "";
    const { "no-text": noText, traces, "stop-after": stopAfter } = flags;
    const how = { out: folder, text: !noText, traces, stopAfter, resume, overwrite };
    const { early, failed } = await makeSamples(evaluation, how, world);
    // Said before the reports, which may fail too.
    const earlyCode = early === undefined || world.signal.aborted ? undefined : reportError(world, early.error);
    await report(flags, folder, world);
    if (early !== undefined || failed > 0)
      world.stderr.write("The same command with --resume makes what is missing.\n");
    if (world.signal.aborted) return exitCodes.interrupted;
    return earlyCode ?? (failed === 0 ? exitCodes.ok : exitCodes.failed);
  });
}

async function reportCommand(flags: EvalFlags, [folder, ...others]: readonly string[], world: World): Promise<number> {
  if (folder === undefined || others.length > 0) throw usageError("eval report takes one folder.", "eval");
  await report(flags, folder, world);
  return exitCodes.ok;
}

async function compareCommand(flags: EvalFlags, folders: readonly string[], world: World): Promise<number> {
  const [a, b, ...others] = folders;
  if (a === undefined || b === undefined || others.length > 0)
    throw usageError("eval compare takes two folders: that of the baseline, and the other one.", "eval");
  const { baseline } = flags;
  const comparison = compareSummaries(await readSummary(a, baseline, world), await readSummary(b, baseline, world));
  world.stdout.write(flags.json ? `${JSON.stringify(comparison)}\n` : comparisonMarkdown(comparison));
  return exitCodes.ok;
}

async function report({ baseline, json, inspect }: EvalFlags, folder: string, world: World): Promise<void> {
  const summary = await readSummary(folder, baseline, world);
  const problems = inspect ? await readProblems(folder, summary.header) : undefined;
  const text = await writeReports(folder, summary);
  if (problems !== undefined) await writeInspectLogs(folder, summary, problems);
  world.stdout.write(json ? `${JSON.stringify(summary)}\n` : text);
}

function sayWhatIsSkipped({ skipped, name }: Dataset, world: World): void {
  for (const { id, place, why, answer } of skipped.slice(0, 20))
    warn(world, `${name}, ${place}: the answer of ${id} cannot be graded, so it is left out: ${why} (${answer})`);
  if (skipped.length > 20) warn(world, `${name}: ${skipped.length - 20} more problems are left out`);
}
