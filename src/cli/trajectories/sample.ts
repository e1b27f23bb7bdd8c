import { loadDataset } from "../../eval/datasets/load.ts";
import { inputOf } from "../../eval/protocol/input.ts";
import { protocolOf } from "../../eval/protocol/presets.ts";
import { Asker } from "../../trajectories/ask/asker.ts";
import type { Outcome } from "../../trajectories/filter/outcome.ts";
import { promptVersions } from "../../trajectories/prompts/index.ts";
import type { ProblemSource } from "../../trajectories/sampling/options.ts";
import { sampleProblem, type SampleWork } from "../../trajectories/sampling/sample.ts";
import { Sampler } from "../../trajectories/sampling/sampler.ts";
import { requireTellable } from "../../trajectories/sampling/tellable.ts";
import { chooseEngine, withEngine } from "../engine.ts";
import { datasetOptions } from "../eval/settings.ts";
import { exitCodes } from "../exit-codes.ts";
import { loadDialectIf } from "../load-dialect.ts";
import { retryOptions } from "../run-options.ts";
import { counted } from "../view/describe.ts";
import { warn } from "../view/report.ts";
import type { World } from "../world.ts";
import { generateInto } from "./generation.ts";
import { filterOf, given, samplingOf, targetOf, type TrajectoryFlags } from "./settings.ts";

/** Beside the journal and the card. */
export const files = ["trajectories.jsonl", "rollouts.jsonl", "set-aside.jsonl"] as const;

/** Sampling that changes no odds. Where log-probabilities are kept, nothing may be left to a server. */
const neutral = { temperature: 1, topP: 1, topK: 0, minP: 0, repetitionPenalty: 1 };

/** `trajectories sample`: stage 1b with a format by prompt, stage 2 with the format that the model was trained on. */
export async function sample(flags: TrajectoryFlags, world: World): Promise<number> {
  const target = targetOf(flags);
  const dialect = (await loadDialectIf(flags.dialect)) ?? target;
  requireTellable(dialect, target);
  const dataset = await loadDataset(datasetOptions(flags));
  for (const { id, why } of dataset.skipped.slice(0, 20))
    warn(world, `${dataset.name}: the answer of ${id} cannot be graded, so it is left out: ${why}`);
  const { tries = 8, "per-problem": perProblem, "max-tokens": maxTokens, "max-thread-tokens": maxThreadTokens } = flags;
  if (flags["dry-run"]) {
    const runs = dataset.problems.length * tries;
    const bound = maxTokens === undefined ? "no bound: --max-tokens sets one" : `${runs * maxTokens} tokens at most`;
    const what = `${counted(dataset.problems.length, "problem")} of ${dataset.name}, ${counted(perProblem, "text")} each`;
    world.stdout.write(`${what}: at most ${counted(runs, "run")}, ${bound}.\n`);
    return exitCodes.ok;
  }
  const { seed, raw, "special-in-prompt": specialInPrompt, system, "template-option": templateOptions } = flags;
  const template = flags.template ?? (raw ? "{question}" : protocolOf("default").template);
  const form = raw ? ("raw" as const) : ("chat" as const);
  const sampling: Readonly<Record<string, number>> = { ...(flags.logprobs && neutral), ...samplingOf(flags) };
  const filter = filterOf(flags, dataset.policy);
  const settings = {
    dialect: dialect.name,
    form,
    template,
    sampling,
    seed,
    ...given<number | string>({ maxTokens, maxThreadTokens, system, specialInPrompt }),
  };
  const kind = dialect.instructions === undefined ? "self" : "prompted";
  return withEngine(world, chooseEngine(flags, world.env, dialect), async (engine) => {
    const sources = dataset.problems.map(({ id, question, answer }): ProblemSource => ({
      id,
      question,
      reference: answer,
      input: inputOf({ form, template, system }, question, engine),
    }));
    const byId = new Map(sources.map((source) => [source.id, source]));
    return generateInto<ProblemSource, SampleWork>(
      {
        kind,
        model: engine.model,
        settings,
        choices: { tries, perProblem, ...filter, ...(kind === "prompted" && { prompts: promptVersions }) },
        sources: { name: dataset.path ?? dataset.name, sha256: dataset.sha256, all: sources },
        files,
        make: (answers) => {
          const how = { retry: retryOptions(flags), signal: world.signal };
          const sampler = new Sampler(engine, dialect, answers, how);
          const asker = new Asker(engine, answers, { sampling, seed, ...how, templateOptions });
          const run = {
            ...sampling,
            maxTokens,
            maxThreadTokens,
            specialInPrompt,
            templateOptions,
            logprobs: flags.logprobs,
          };
          const allowSequential = flags["sequential-share"] > 0;
          const options = { run, seed, tries, perProblem, allowSequential, target, asker, ...filter };
          return async (source) => sampleProblem(source, sampler, options);
        },
        lines: (outcome) => linesOf(outcome, byId),
      },
      flags,
      world,
    );
  });
}

function* linesOf(
  { id, kept, setAside, work }: Outcome<SampleWork>,
  sources: ReadonlyMap<string, ProblemSource>,
): Generator<readonly [(typeof files)[number], object]> {
  const input = sources.get(id)?.input ?? {};
  for (const one of kept) {
    yield ["trajectories.jsonl", { ...one, ...input }];
    const run = work?.runs.find(({ sample: number }) => number === one.sample);
    if (run !== undefined) yield ["rollouts.jsonl", { id, sample: run.sample, ...run.result }];
  }
  for (const one of setAside) yield ["set-aside.jsonl", one];
}
