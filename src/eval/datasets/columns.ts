import { refuse } from "../statistics/refuse.ts";

/**
 * How an answer stands in its column: by itself (`plain`), in the last box of a solution (`box`), or after `####`
 * (`hashes`). A list, or a list in text, may be there too: its elements are one answer.
 */
export type AnswerForm = (typeof answerForms)[number];

const answerForms = ["plain", "box", "hashes"] as const;

/** Which columns of a file hold what. */
export interface Columns {
  /** Without one, problems are numbered from 1 in the order of the file. */
  readonly id?: string | undefined;
  readonly question: string;
  readonly answer: string;
  /** @defaultValue `"plain"` */
  readonly form?: AnswerForm | undefined;
  /** The distance that a problem forgives, where it has one. */
  readonly tolerance?: string | undefined;
}

/** @throws `invalid_option` for columns without a name, and a form that there is not. */
export function checkColumns(columns: Columns): void {
  const { question, answer, form } = columns;
  for (const [key, name] of Object.entries({ question, answer })) {
    if (typeof name !== "string" || name === "") {
      refuse(`columns.${key}`, name, "the name of a column", "Columns need at least a question and an answer.");
    }
  }
  if (form === undefined || answerForms.includes(form)) return;
  refuse(
    "columns.form",
    form,
    `one of ${answerForms.join(", ")}`,
    "Leave it out for answers that stand by themselves.",
  );
}

/** The first that a row has all columns of. */
export function fitting(all: readonly Columns[], row: Readonly<Record<string, unknown>>): Columns | undefined {
  return all.find((columns) => namesIn(columns).every((name) => Object.hasOwn(row, name)));
}

/** The names of the columns, without those that are left out. */
export function namesIn({ id, question, answer, tolerance }: Columns): string[] {
  return [id, question, answer, tolerance].filter((name) => name !== undefined);
}
