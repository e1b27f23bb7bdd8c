/**
 * Writes what the tests in Python are run on: `node scripts/train/cases.ts FOLDER COUNT`. Random runs of every dialect, as
 * rows, flattened in both layouts, and as traces of verifiers, with odds and advantages that are drawn, too.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { columns, writeParquet } from "../../src/cli/data/parquet.ts";
import { deserializeTrie, serializeTrie } from "../../src/core/trie/serialize.ts";
import { trajectoryOfState } from "../../src/train/from-state.ts";
import { flatten } from "../../src/train/flat/flatten.ts";
import { flatTrieRow } from "../../src/train/flat/json.ts";
import { trainingRows, type TrainingRow } from "../../src/train/rows/row.ts";
import type { Trajectory } from "../../src/train/trajectory.ts";
import { verifiersTrace } from "../../src/train/verifiers/trace.ts";
import { chanceFrom, type Chance } from "../../test/core/drive.ts";
import { cast, runScripted } from "../../test/core/scenarios.ts";

/** Most tokens of one case in rows: a row is a pass through a model. */
const mostTokens = 2500;

const [folder = "reports", count = "2"] = process.argv.slice(2);
const cases: object[] = [];
const rows: TrainingRow[] = [];
for (const [name, dialect, flavour] of cast) {
  let made = 0;
  for (let seed = 0; made < Number(count); seed += 1) {
    if (seed > 5000) throw new Error(`no run of ${name} is fit for a case`);
    const { state } = runScripted(dialect, flavour, { seed, order: seed });
    const chance = chanceFrom(seed);
    const trajectory = scored(trajectoryOfState(state, "trace"), chance);
    const options = { rolloutId: `${name} ${seed}`, groupId: name, reward: 1, advantage: (1 + chance(9)) / 10 };
    const own = trainingRows(trajectory, options);
    const tokens = own.reduce((sum, { prompt_ids, response_ids }) => sum + prompt_ids.length + response_ids.length, 0);
    if (state.sequences.length < 3 || tokens > mostTokens) continue;
    made += 1;
    rows.push(...own);
    const weightOf = (): number => options.advantage;
    cases.push({
      name: options.rolloutId,
      dialect: name,
      rows: own,
      trie: flatTrieRow(flatten(trajectory, { weightOf })),
      spliced: flatTrieRow(flatten(trajectory, { layout: "spliced", weightOf })),
      verifiers: verifiersTrace(trajectory, options),
    });
  }
}
writeFileSync(join(folder, "cases.json"), JSON.stringify(cases));
writeFileSync(join(folder, "rows.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
await writeParquet(join(folder, "rows.parquet"), columns.rows, rowsOneByOne());

async function* rowsOneByOne(): AsyncGenerator<TrainingRow> {
  yield* rows;
}

/** Small ids, as random models have few, with a log-probability each, and sampling that is known. */
function scored(given: Trajectory, chance: Chance): Trajectory {
  const { version, segments } = serializeTrie(given.trie);
  const small = (id: number): number => (id < 0x20_000 ? id % 128 : 128 + (id % 128));
  const changed = segments.map((segment) => {
    const ids = segment.ids?.map((id) => (id === null ? null : typeof id === "number" ? small(id) : id.map(small)));
    const isSampled = segment.maker.by === "model";
    const logprobs = ids?.map((id) => [id].flat().map(() => -chance(5000) / 1000));
    const origins = segment.origins?.map((origin) => ({
      ...origin,
      ...(origin.promptIds && { promptIds: origin.promptIds.map(small) }),
    }));
    return { ...segment, ...(ids && { ids }), ...(isSampled && logprobs && { logprobs }), ...(origins && { origins }) };
  });
  return { ...given, samplingBy: "run", trie: deserializeTrie({ version, segments: changed }) };
}
