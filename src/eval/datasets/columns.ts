/**
 * How an answer stands in its column: by itself (`plain`), in the last box of a solution (`box`), or after `####`
 * (`hashes`). A list, or a list in text, may be there too: its elements are one answer.
 */
export type AnswerForm = "plain" | "box" | "hashes";

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

/** The first that a row has all columns of. */
export function fitting(all: readonly Columns[], row: Readonly<Record<string, unknown>>): Columns | undefined {
  return all.find((columns) => namesIn(columns).every((name) => Object.hasOwn(row, name)));
}

/** The names of the columns, without those that are left out. */
export function namesIn({ id, question, answer, tolerance }: Columns): string[] {
  return [id, question, answer, tolerance].filter((name) => name !== undefined);
}
