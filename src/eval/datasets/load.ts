import { ThreadweaverError } from "../../errors.ts";
import type { PolicyName } from "../../grade/index.ts";
import { fitting, namesIn, type Columns } from "./columns.ts";
import { entryOf, type Entry, type Reading } from "./entry.ts";
import type { Problem, Skipped } from "./problem.ts";
import type { Row } from "./rows/row.ts";
import { select, type Selection } from "./select.ts";
import { badOption, sourceOf, type Source } from "./source.ts";

export interface DatasetOptions extends Selection {
  /** A name of `datasets`, or `bundled`: 60 problems of this package. With `columns`, any name for reports. */
  readonly name: string;
  /** A file of JSON lines (`.jsonl`, `.ndjson`), JSON or parquet. For all but `bundled`: nothing is downloaded. */
  readonly path?: string | undefined;
  /** Which columns hold what, where the name does not say it. */
  readonly columns?: Columns | undefined;
}

/** Problems, and where they are from. */
export interface Dataset {
  readonly name: string;
  /** Undefined for `bundled`. */
  readonly path: string | undefined;
  /** Of the file; of `bundled`, of its problems as JSON lines. In hexadecimal digits. */
  readonly sha256: string;
  /** Whether this is a file that was looked at when the dataset was described. Another one may be as good. */
  readonly known: boolean;
  /** Those that were taken. */
  readonly columns: Columns;
  /** How answers are compared: that of the name, else `default`. */
  readonly policy: PolicyName;
  /** How many the file has, before any was left out. */
  readonly rows: number;
  readonly problems: readonly Problem[];
  /** Problems that were selected and cannot be graded, so they are not among `problems`. */
  readonly skipped: readonly Skipped[];
}

/**
 * Reads a dataset.
 *
 * @throws `invalid_option` for a name that there is not, columns that the file does not have, or a selection that leaves
 * nothing; `file` where the file cannot be read, has no rows, or has an id twice. Each says where, and what is there.
 */
export async function loadDataset(options: DatasetOptions): Promise<Dataset> {
  const source = sourceOf(options);
  const entries: Entry[] = [];
  let reading: Reading | undefined;
  for await (const row of source.rows()) {
    reading ??= { path: source.place, policy: source.policy, columns: columnsOf(source, row, options) };
    entries.push(entryOf(row, entries.length + 1, reading));
  }
  if (reading === undefined)
    throw new ThreadweaverError("file", `${source.place} has no rows. Give a file with problems.`);
  refuseDuplicates(entries, source.place);
  const made = select(entries, options).map((entry) => entry.made);
  const sha256 = await source.sha256();
  return {
    name: options.name,
    path: options.path,
    sha256,
    known: source.known === "all" || source.known.includes(sha256),
    columns: reading.columns,
    policy: source.policy,
    rows: entries.length,
    problems: made.flatMap((one) => ("why" in one ? [] : [one])),
    skipped: made.flatMap((one) => ("why" in one ? [one] : [])),
  };
}

function columnsOf({ place, columns }: Source, row: Row, { name, columns: own }: DatasetOptions): Columns {
  const found = fitting(columns, row.columns);
  if (found !== undefined) return found;
  const expected = columns.map((one) => namesIn(one).join(", ")).join("; or ");
  const whose = own === undefined ? `of any release of ${name}` : "that were given";
  throw badOption(
    `${place} does not have the columns ${whose}. Found: ${Object.keys(row.columns).join(", ")}. ` +
      `Expected: ${expected}. Say in \`columns\` which of those found hold the question and the answer.`,
  );
}

function refuseDuplicates(entries: readonly Entry[], place: string): void {
  const places = new Map<string, string>();
  for (const { id, row } of entries) {
    const first = places.get(id);
    if (first !== undefined) {
      throw new ThreadweaverError(
        "file",
        `${place} has the id ${JSON.stringify(id)} twice: ${first} and ${row.place}. ` +
          "Make ids unique, or give `columns` without `id` to number the rows.",
      );
    }
    places.set(id, row.place);
  }
}
