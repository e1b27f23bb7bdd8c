import { ThreadweaverError } from "../../errors.ts";
import { flatten } from "../../train/flat/flatten.ts";
import { flatTrieRow, type FlatTrieRow } from "../../train/flat/json.ts";
import { trajectoryOfResult } from "../../train/from-result.ts";
import type { TrainingRow } from "../../train/rows/row.ts";
import { nameOf, rolloutRows, type Trainable } from "../group.ts";
import { isRollout, type RolloutReader } from "./reader.ts";
import type { LedgerScores } from "./scores.ts";

/** The rows of all rollouts that were scored, one a call. @throws as `groupRows` does, with the line. */
export async function* ledgerRows(
  reader: RolloutReader,
  { byName }: LedgerScores,
): AsyncGenerator<TrainingRow, void, undefined> {
  const { weightVersion } = reader.header.settings;
  const setup = { weightVersion: typeof weightVersion === "string" ? weightVersion : undefined };
  for await (const { line, rollout } of scoredIn(reader, byName))
    yield* at(reader, line, () => rolloutRows(rollout, byName.get(nameOf(rollout)), setup));
}

/** A flattened trie with the names of its rollout and group. */
export type RolloutTrie = FlatTrieRow & { readonly rollout_id: string; readonly group_id: string };

/** The same rollouts as flattened tries, one each; the pairs of each are in the order of its rows. */
export async function* ledgerTries(
  reader: RolloutReader,
  { byName }: LedgerScores,
): AsyncGenerator<RolloutTrie, void, undefined> {
  for await (const { line, rollout } of scoredIn(reader, byName)) {
    const name = nameOf(rollout);
    const weightOf = (): number => byName.get(name)?.advantage ?? 0;
    const flat = at(reader, line, () => flatten(trajectoryOfResult(rollout.result), { weightOf }));
    yield { rollout_id: name, group_id: rollout.id, ...flatTrieRow(flat) };
  }
}

async function* scoredIn(
  reader: RolloutReader,
  byName: LedgerScores["byName"],
): AsyncGenerator<{ line: number; rollout: Trainable }> {
  for await (const { line, entry } of reader.lines()) {
    if (isRollout(entry) && byName.has(nameOf(entry))) yield { line, rollout: entry };
  }
}

function at<T>({ path }: RolloutReader, line: number, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!ThreadweaverError.isInstance(cause)) throw cause;
    throw new ThreadweaverError(cause.code, `${path}:${line}: ${cause.message}`, { cause });
  }
}
