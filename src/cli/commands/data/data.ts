import { openTokenizer } from "../../engine.ts";
import { readSources } from "../../data/read-sources.ts";
import { readAnswers, scoresOf, type Scores } from "../../data/scores.ts";
import type { Source } from "../../data/source.ts";
import { loadDialectIf } from "../../load-dialect.ts";
import { suggestion, usageError } from "../../usage.ts";
import type { World } from "../../world.ts";
import { dataCheck } from "./check.ts";
import { dataExport } from "./export.ts";
import { dataShow } from "./show.ts";
import { dataStats } from "./stats.ts";
import { dataUnits } from "./units.ts";
import type { DataFlags, DataWork } from "./work.ts";

const actions: Readonly<Record<string, (work: DataWork) => Promise<number>>> = {
  units: dataUnits,
  export: dataExport,
  stats: dataStats,
  check: dataCheck,
  show: dataShow,
};

/** `threadweaver data`: training data out of traces, results and finished texts. */
export async function dataCommand(flags: DataFlags, [action, file]: readonly string[], world: World): Promise<number> {
  const run = action === undefined ? undefined : actions[action];
  if (run === undefined) throw notUnderstood(action);
  if (file === undefined) throw usageError(`data ${action} needs a file: a trace, results or finished texts.`, "data");
  const setup = { dialect: await loadDialectIf(flags.dialect), tokenizer: await openTokenizer(flags.tokenizer) };
  const sources = (): AsyncIterable<Source> => readSources(file, setup);
  const { answers } = flags;
  const scores = async (): Promise<Scores | undefined> =>
    answers === undefined ? undefined : scoresOf(sources(), await readAnswers(answers));
  return run({ flags, world, sources, scores });
}

function notUnderstood(action: string | undefined): Error {
  const names = Object.keys(actions);
  if (action === undefined) return usageError(`data needs to be told what to do: ${names.join(", ")}.`, "data");
  return usageError(`data has ${names.join(", ")}, but no ${action}.${suggestion(action, names)}`, "data");
}
