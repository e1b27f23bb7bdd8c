/** A part of a report. What is in it is plain text: whoever writes it down escapes it. */
export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly kind: "text"; readonly text: string }
  | Table
  /** Names with what they stand for; `code` is text of a model or a user, shown as it is. */
  | { readonly kind: "list"; readonly items: readonly { readonly text: string; readonly code?: string | undefined }[] };

export interface Table {
  readonly kind: "table";
  readonly head: readonly string[];
  /** As many cells as the head has. */
  readonly rows: readonly (readonly string[])[];
}

/** What stands in a column: undefined where there is nothing to say. */
export type TableColumn<Row> = readonly [heading: string, cell: (row: Row) => string | undefined];

/** A table without the columns that say nothing of any row. */
export function tableOf<Row>(rows: readonly Row[], columns: readonly TableColumn<Row>[]): Table {
  const cells = columns.map(([heading, cell]) => ({ heading, values: rows.map(cell) }));
  const said = cells.filter(({ values }) => values.some((value) => value !== undefined));
  return {
    kind: "table",
    head: said.map(({ heading }) => heading),
    rows: rows.map((_, i) => said.map(({ values }) => values[i] ?? "–")),
  };
}

/** Whether a column holds numbers only, so that they stand in line. */
export function isOfNumbers({ rows }: Table, column: number): boolean {
  return rows.every((cells) => /^(?:< )?[−+]?\d|^–$/.test(cells[column] ?? ""));
}

export function textOf(...sentences: readonly (string | undefined)[]): Block {
  return { kind: "text", text: sentences.filter((sentence) => sentence !== undefined).join(" ") };
}

/** A list that is cut where it gets long, and says so. */
export function listOf(items: readonly { readonly text: string; readonly code?: string | undefined }[]): Block {
  const most = 20;
  if (items.length <= most) return { kind: "list", items };
  return {
    kind: "list",
    items: [...items.slice(0, most), { text: `and ${items.length - most} more, in the summary` }],
  };
}
