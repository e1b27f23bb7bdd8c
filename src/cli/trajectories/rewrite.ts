import { sha256Of } from "../../eval/datasets/rows/bytes.ts";
import { Asker } from "../../trajectories/ask/asker.ts";
import type { Outcome } from "../../trajectories/filter/outcome.ts";
import { promptVersions } from "../../trajectories/prompts/index.ts";
import type { TraceSource } from "../../trajectories/rewriting/options.ts";
import { rewriteTrace } from "../../trajectories/rewriting/rewrite.ts";
import type { RewriteWork } from "../../trajectories/rewriting/work.ts";
import { readTrace } from "../../trajectories/trace/read.ts";
import { chooseEngine, withEngine } from "../engine.ts";
import { exitCodes } from "../exit-codes.ts";
import { retryOptions } from "../run-options.ts";
import { usageError } from "../usage.ts";
import { counted } from "../view/describe.ts";
import type { World } from "../world.ts";
import { generateInto } from "./generation.ts";
import { filterOf, samplingOf, targetOf, type TrajectoryFlags } from "./settings.ts";
import { readTraces } from "./traces.ts";

/** Beside the journal and the card. */
export const files = [
  "sources.jsonl",
  "steps.jsonl",
  "needs.jsonl",
  "blocks.jsonl",
  "ledger.jsonl",
  "alignment.jsonl",
  "trajectories.jsonl",
  "set-aside.jsonl",
] as const;

/** `trajectories rewrite`: stage 1. */
export async function rewrite(path: string | undefined, flags: TrajectoryFlags, world: World): Promise<number> {
  if (path === undefined) throw usageError("trajectories rewrite needs a file with sequential traces.", "trajectories");
  const dialect = targetOf(flags);
  const sources = await readTraces(path, flags);
  if (flags["dry-run"]) {
    world.stdout.write(plan(sources, flags));
    return exitCodes.ok;
  }
  const { tries = 3, "max-tokens": maxTokens = 8192, seed, "template-option": templateOptions } = flags;
  const sampling = samplingOf(flags);
  const settings = { prompts: [...promptVersions], sampling, seed, maxTokens };
  const filter = filterOf(flags);
  const byId = new Map(sources.map((source) => [source.id, source]));
  const sums: Sums = { lines: 0, changed: 0, dropped: 0, entries: 0 };
  return withEngine(world, chooseEngine(flags, world.env, dialect), async (engine) =>
    generateInto<TraceSource, RewriteWork>(
      {
        kind: "rewrite",
        model: engine.model,
        settings,
        choices: { tries, ...filter },
        sources: { name: path, sha256: await sha256Of(path), all: sources },
        files,
        make: (answers) => {
          const retry = retryOptions(flags);
          const asker = new Asker(engine, answers, {
            sampling,
            maxTokens,
            seed,
            retry,
            templateOptions,
            signal: world.signal,
          });
          const allowSequential = flags["sequential-share"] > 0;
          return async (source) => rewriteTrace(source, asker, { dialect, tries, ...filter, allowSequential });
        },
        lines: (outcome) => {
          const { fates, ledger = [] } = outcome.work ?? {};
          if (fates !== undefined && outcome.kept.length > 0) {
            sums.lines += fates.unchanged + fates.changed + fates.dropped;
            sums.changed += fates.changed;
            sums.dropped += fates.dropped;
            sums.entries += ledger.length;
          }
          return linesOf(outcome, byId);
        },
        more: () => (sums.lines === 0 ? [] : [fatesIn(sums)]),
      },
      flags,
      world,
    ),
  );
}

/** What became of the lines of the sources whose texts are kept. */
interface Sums {
  lines: number;
  changed: number;
  dropped: number;
  entries: number;
}

function fatesIn({ lines, changed, dropped, entries }: Sums): string {
  const what = `Of ${counted(lines, "line")} of the sources, ${changed} were changed and ${dropped} dropped, by ${counted(entries, "change")} of \`ledger.jsonl\`.`;
  return `${what} Every other line stands in the texts as it was: each text was aligned with its source, character for character.`;
}

function* linesOf(
  { id, kept, setAside, work = {} }: Outcome<RewriteWork>,
  sources: ReadonlyMap<string, TraceSource>,
): Generator<readonly [(typeof files)[number], object]> {
  const { steps, needs, paths, blocks, ledger = [], alignment } = work;
  const source = sources.get(id);
  if (source !== undefined) yield ["sources.jsonl", source];
  if (steps !== undefined) yield ["steps.jsonl", { id, steps }];
  if (needs !== undefined) yield ["needs.jsonl", { id, needs, paths }];
  if (blocks !== undefined) yield ["blocks.jsonl", { id, blocks }];
  for (const entry of ledger) yield ["ledger.jsonl", { id, ...entry }];
  if (alignment !== undefined) yield ["alignment.jsonl", { id, lines: alignment }];
  for (const one of kept) {
    yield ["trajectories.jsonl", { ...one, messages: [{ role: "user", content: one.question }] }];
  }
  for (const one of setAside) yield ["set-aside.jsonl", one];
}

/** What there is to do, without a model. */
function plan(sources: readonly TraceSource[], flags: TrajectoryFlags): string {
  const dialect = targetOf(flags);
  const read = sources.map(({ trace }) => readTrace(trace, { dialect, answer: flags.answer }));
  const usable = sources.filter((_, i) => read[i]?.value !== undefined);
  const codes = read.flatMap(({ faults }) => faults[0]?.code ?? []);
  const why = [...new Set(codes)].map((code) => `${codes.filter((one) => one === code).length} ${code}`);
  const characters = usable.reduce((sum, { question, trace }) => sum + question.length + trace.length, 0);
  // The trace is in the question for steps, in that for needs, and up to twice in those for a block.
  const [least, most] = [Math.ceil(characters / 2), Math.ceil(characters)].map((n) => n.toLocaleString("en"));
  const aside = why.length === 0 ? "" : ` The others are set aside: ${why.join(", ")}.`;
  return (
    `${counted(sources.length, "trace")}, of which ${usable.length} can be read.${aside}\n` +
    `At least 2 questions a trace, and 2 a block${flags.to === "threadweaver" ? "" : " (3 with a summary)"}; at most ${flags.tries ?? 3} times as many.\n` +
    `About ${least} to ${most} tokens of prompts if every first answer fits, at four characters a token.\n`
  );
}
