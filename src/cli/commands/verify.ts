import { loadDataset } from "../../eval/datasets/load.ts";
import { evaluate } from "../../eval/evaluate.ts";
import type { Sample, SampleFailure } from "../../eval/ledger/sample.ts";
import { planEvaluation, type Evaluation } from "../../eval/plan.ts";
import { protocolOf } from "../../eval/protocol/presets.ts";
import { summarize } from "../../eval/summary/summarize.ts";
import type { Summary } from "../../eval/summary/summary.ts";
import { adviseOn } from "../../eval/verify/advice.ts";
import { createClock } from "../../run/clock.ts";
import { withEndpoints } from "../eval/endpoints.ts";
import { samplesIn } from "../eval/costs.ts";
import { makeSamples, progressOf } from "../eval/make.ts";
import { readSummary, writeReports } from "../eval/reports.ts";
import { exitCodes } from "../exit-codes.ts";
import type { commands } from "../flags/commands.ts";
import type { Values } from "../flags/flag.ts";
import { packageVersion } from "../version.ts";
import { verifyTable } from "../view/verify-table.ts";
import type { World } from "../world.ts";

type VerifyFlags = Values<(typeof commands)["verify"]["flags"]>;

/** `threadweaver verify`: whether fork-join pays on the user's model and server. */
export async function verifyCommand(flags: VerifyFlags, world: World): Promise<number> {
  const { problems: limit, seed, samples, temperature, "token-limit": tokens, out, json, concurrency } = flags;
  const dataset = await loadDataset({ name: "bundled", limit, seed });
  const protocol = {
    ...protocolOf("default"),
    name: "verify",
    samples,
    sampling: temperature === undefined ? {} : { temperature },
    limit: { tokens, of: "critical-path" as const },
  };
  return withEndpoints(flags, { isChat: true, command: "verify" }, world, async (endpoints) => {
    // A format that the model is told about in its prompt has two baselines.
    const isTold = endpoints.some(({ dialect }) => dialect.instructions !== undefined);
    const arms = ["sequential", ...(isTold ? ["one-pass"] : []), "fork-join"];
    const version = packageVersion();
    const evaluation = planEvaluation({ dataset, protocol, arms, endpoints, seed, concurrency, version });
    const summary = await summaryOf(evaluation, { out, stopAfter: flags["stop-after"] }, world);
    const advice = adviseOn(summary);
    if (json) world.stdout.write(`${JSON.stringify({ advice, summary })}\n`);
    else world.stdout.write(`${verifyTable(summary)}\n${advice.text}\n`);
    return exitCodes.ok;
  });
}

interface Keeping {
  readonly out: string | undefined;
  readonly stopAfter: number;
}

async function summaryOf(evaluation: Evaluation, { out, stopAfter }: Keeping, world: World): Promise<Summary> {
  if (out === undefined) return inMemory(evaluation, stopAfter, world);
  const how = { out, text: true, traces: false, stopAfter, resume: true };
  const { early } = await makeSamples(evaluation, how, world);
  if (early !== undefined) throw early.error;
  const summary = await readSummary(out, undefined, world);
  await writeReports(out, summary);
  return summary;
}

async function inMemory(evaluation: Evaluation, stopAfter: number, world: World): Promise<Summary> {
  const samples: (Sample | SampleFailure)[] = [];
  const progress = progressOf(world, samplesIn(evaluation.header), evaluation.header.concurrency);
  const clock = createClock(() => world.now());
  const onSample = (sample: Sample | SampleFailure): void => {
    samples.push(sample);
    progress.over(sample);
  };
  await evaluate(evaluation, { text: false, stopAfter, signal: world.signal, clock, onSample }).finally(() =>
    progress.end(),
  );
  return summarize(evaluation.header, samples);
}
