import { ThreadweaverError } from "../../errors.ts";
import { flatten } from "../../train/flat/flatten.ts";
import { flatTrieRow } from "../../train/flat/json.ts";
import type { Layout } from "../../train/flat/tree.ts";
import { trainingRows } from "../../train/rows/row.ts";
import { sftRow } from "../../train/rows/sft.ts";
import { trainingUnits } from "../../train/units.ts";
import { verifiersTrace } from "../../train/verifiers/trace.ts";
import type { Scores } from "./scores.ts";
import { isRefused, type Source, type Usable } from "./source.ts";

type ExportFormat = "rows" | "sft" | "verifiers" | "trie";

export interface ExportSetup {
  readonly format: ExportFormat;
  readonly layout: Layout;
  /** Whether the rows are for a loss with a ratio. */
  readonly ratio: boolean;
  readonly scores: Scores | undefined;
}

/** The objects that one trajectory becomes. */
function exported({ id, group, trajectory }: Usable, { format, layout, ratio, scores }: ExportSetup): object[] {
  const scored = scores?.byId.get(id);
  const { reward, advantage } = scored ?? {};
  const options = { rolloutId: id, groupId: group, reward, advantage, ratio };
  switch (format) {
    case "rows":
      return trainingRows(trajectory, options);
    case "sft":
      return trainingUnits(trajectory).map(sftRow);
    case "verifiers":
      return [verifiersTrace(trajectory, options)];
    case "trie": {
      const weightOf = advantage === undefined ? undefined : () => advantage;
      return [{ rollout_id: id, group_id: group, ...flatTrieRow(flatten(trajectory, { layout, weightOf })) }];
    }
  }
}

/**
 * The same of all trajectories, one after the other. @param onRefused what is done with one that cannot be used: it may
 * throw.
 */
export async function* exportedFrom(
  sources: AsyncIterable<Source>,
  setup: ExportSetup,
  onRefused: (error: ThreadweaverError) => void,
): AsyncGenerator<object> {
  for await (const source of sources) {
    const made = tryExport(source, setup);
    if (ThreadweaverError.isInstance(made)) onRefused(made);
    else yield* made;
  }
}

function tryExport(source: Source, setup: ExportSetup): object[] | ThreadweaverError {
  if (isRefused(source)) return refusal(source.where, source.why);
  try {
    return exported(source, setup);
  } catch (error) {
    if (!ThreadweaverError.isInstance(error)) throw error;
    return refusal(source.where, error.message);
  }
}

/** Why one trajectory cannot be used, with its place. */
export function refusal(where: string, why: string): ThreadweaverError {
  return new ThreadweaverError("invalid_option", why.startsWith(where) ? why : `${where}: ${why}`);
}
