import { createHash } from "node:crypto";
import { ThreadweaverError } from "../../errors.ts";
import type { PolicyName } from "../../grade/index.ts";
import { bundledRows } from "./bundled/index.ts";
import { checkColumns, type Columns } from "./columns.ts";
import { datasets, namedDataset, type NamedDataset } from "./named.ts";
import { sha256Of } from "./rows/bytes.ts";
import { readRows } from "./rows/read.ts";
import type { Row } from "./rows/row.ts";

interface Wanted {
  readonly name: string;
  readonly path?: string | undefined;
  readonly columns?: Columns | undefined;
}

/** Where rows come from, and what is known of them. */
export interface Source {
  /** For messages. */
  readonly place: string;
  readonly columns: readonly Columns[];
  readonly policy: PolicyName;
  readonly known: readonly string[] | "all";
  rows(): AsyncIterable<Row> | Iterable<Row>;
  sha256(): Promise<string> | string;
}

/** @throws `invalid_option` for a name that there is not, or a path or columns that it needs or cannot have. */
export function sourceOf({ name, path, columns }: Wanted): Source {
  if (name === "bundled") {
    if (path !== undefined || columns !== undefined) {
      throw badOption(
        "The dataset bundled has its problems with it: leave out `path` and `columns`, or give another name.",
      );
    }
    return bundled;
  }
  if (columns !== undefined) checkColumns(columns);
  const named: NamedDataset | undefined = namedDataset(name);
  if (named === undefined && columns === undefined) {
    const names = ["bundled", ...Object.keys(datasets)].join(", ");
    throw badOption(
      `There is no dataset ${JSON.stringify(name)}. There are ${names}. For a file of your own, give its \`columns\`.`,
    );
  }
  if (path === undefined) {
    const from = named === undefined ? "" : ` It is published as ${named.releases.join(", ")}.`;
    throw badOption(`The dataset ${name} needs \`path\`, its file: the package has no texts of benchmarks.${from}`);
  }
  return {
    place: path,
    columns: columns === undefined ? (named?.columns ?? []) : [columns],
    policy: named?.policy ?? "default",
    known: named?.files ?? [],
    rows: () => readRows(path),
    sha256: () => sha256Of(path),
  };
}

const bundled: Source = {
  place: "bundled",
  columns: [{ id: "id", question: "question", answer: "answer" }],
  policy: "default",
  known: "all",
  rows: () => bundledRows.map((columns, index) => ({ place: `row ${index + 1}`, columns: { ...columns } })),
  sha256: () => {
    const lines = bundledRows.map((row) => `${JSON.stringify(row)}\n`);
    return createHash("sha256").update(lines.join("")).digest("hex");
  },
};

export function badOption(message: string): ThreadweaverError {
  return new ThreadweaverError("invalid_option", message);
}
