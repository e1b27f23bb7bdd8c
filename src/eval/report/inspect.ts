import { createHash } from "node:crypto";
import type { Sample, SampleFailure } from "../ledger/sample.ts";
import { refuse } from "../statistics/refuse.ts";
import type { ArmSummary, Summary } from "../summary/summary.ts";
import { inspectSample, scorer, type Asked } from "./inspect-sample.ts";

/** What a ledger does not have and a log shows. */
export interface InspectOptions {
  /** The question and the right answer of a problem. @defaultValue its name, and nothing */
  readonly problemOf?: ((problem: string) => Asked | undefined) | undefined;
}

/**
 * One arm of an evaluation as a log of Inspect (`inspect_ai`), which `inspect view` opens: the text of a `.json` file in version 2
 * of its format, piece by piece, so a ledger of any size passes through. Failures have no place in it; `results` counts them.
 *
 * @param samples the ledger that the summary was made of; other arms are passed over
 * @throws `invalid_option` where the summary has no such arm.
 * @experimental
 */
export async function* inspectLog(
  summary: Summary,
  arm: string,
  samples: Iterable<Sample | SampleFailure> | AsyncIterable<Sample | SampleFailure>,
  { problemOf = () => undefined }: InspectOptions = {},
): AsyncGenerator<string, void, undefined> {
  const info = armOf(summary, arm);
  const { header } = summary;
  const model = modelOf(summary, info);
  // Readers of a log's head stop where the samples begin.
  yield `${asJson(headOf(summary, info, model)).slice(0, -1)},"samples":[`;
  let separator = "\n";
  for await (const line of samples) {
    if (line.type !== "sample" || line.arm !== arm) continue;
    const asked = problemOf(line.problem) ?? { question: line.problem, answer: "" };
    yield separator + asJson(inspectSample(line, asked, model, header.protocol.limit?.tokens));
    separator = ",\n";
  }
  yield "\n]}\n";
}

/**
 * The name of the file for such a log: `TIME_TASK_ID.json`. `inspect view` lists files of such names only.
 *
 * @throws `invalid_option` where the summary has no such arm.
 * @experimental
 */
export function inspectLogName(summary: Summary, arm: string): string {
  const info = armOf(summary, arm);
  const plain = (text: string): string => text.replaceAll(/[^\w.]|_/g, "-");
  const { created } = summary.header;
  return `${created.replaceAll(":", "-")}_${plain(taskOf(summary, info))}_${idOf(summary, info)}.json`;
}

function armOf(summary: Summary, arm: string): ArmSummary {
  const info = summary.arms.find(({ name }) => name === arm);
  if (info !== undefined) return info;
  const names = summary.arms.map(({ name }) => name).join(", ");
  return refuse("arm", arm, `one of the summary's: ${names}`, "Give one of them.");
}

function taskOf({ header }: Summary, { name }: ArmSummary): string {
  return `${header.dataset.name}-${name}`;
}

/** Without the signs that part a file's name. */
function idOf({ header }: Summary, { name }: ArmSummary): string {
  const digest = createHash("sha256").update(asJson([header, name]));
  return digest.digest("hex").slice(0, 22);
}

function headOf(summary: Summary, arm: ArmSummary, model: string): object {
  const { dataset, protocol, ...header } = summary.header;
  const { temperature, topP, topK } = protocol.sampling;
  const id = idOf(summary, arm);
  return {
    version: 2,
    status: arm.samples === arm.planned ? "success" : "cancelled",
    eval: {
      eval_id: id,
      run_id: id,
      created: header.created,
      task: taskOf(summary, arm),
      task_id: id,
      task_version: 0,
      solver: arm.name,
      dataset: { name: dataset.name, samples: dataset.problems },
      model,
      model_generate_config: {
        ...(temperature === undefined ? {} : { temperature }),
        ...(topP === undefined ? {} : { top_p: topP }),
        ...(topK === undefined ? {} : { top_k: topK }),
        ...(protocol.limit === undefined ? {} : { max_tokens: protocol.limit.tokens }),
      },
      config: { epochs: protocol.samples, epochs_reducer: ["mean"] },
      packages: { threadweaver: header.threadweaver },
      metadata: { header: summary.header },
      scorers: [{ name: scorer, metrics: [{ name: "accuracy" }, { name: "stderr" }] }],
    },
    plan: { name: "plan", steps: [{ solver: arm.name, params: {} }] },
    results: resultsOf(arm),
    stats: {
      started_at: header.created,
      completed_at: arm.endedAt === undefined ? header.created : new Date(arm.endedAt).toISOString(),
      model_usage: { [model]: usageOf(arm) },
    },
  };
}

function resultsOf({ accuracy, samples, planned, failures, truncated, cutThreads }: ArmSummary): object {
  const metrics = [
    ["accuracy", accuracy?.value],
    ["stderr", accuracy?.standardError.population],
  ] as const;
  const known = metrics.flatMap(([name, value]) => (value === undefined ? [] : [[name, { name, value }] as const]));
  return {
    total_samples: planned,
    completed_samples: samples,
    scores: [{ name: scorer, scorer, reducer: "mean", scored_samples: samples, metrics: Object.fromEntries(known) }],
    metadata: { failures, truncated: truncated.count, cutThreads: cutThreads.count },
  };
}

function usageOf({ tokens, samples }: ArmSummary): object {
  const total = (mean = 0): number => Math.round(mean * samples);
  const [input, output] = [total(tokens?.sent), total(tokens?.generated) + total(tokens?.wasted)];
  return { input_tokens: input, output_tokens: output, total_tokens: input + output };
}

function modelOf({ header }: Summary, { endpoint }: ArmSummary): string {
  return header.endpoints.find(({ name }) => name === endpoint)?.model ?? endpoint;
}

/** Half of a character is valid in JavaScript and in no UTF-8 file, so readers refuse it. */
function asJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === "string") return inner.toWellFormed();
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).map(([name, field]) => [name.toWellFormed(), field]));
  });
}
