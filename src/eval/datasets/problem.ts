/** One problem of a dataset. */
export interface Problem {
  /** Unique in its dataset. */
  readonly id: string;
  readonly question: string;
  /** The reference, as it would stand in a box. Several answers that are all needed are one list. */
  readonly answer: string;
  /** How far a right answer may be from the reference, where the dataset says so for this problem. */
  readonly tolerance?: number;
  /** Every other column as the file has it, and the answer's column where it holds more than the answer. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A problem that cannot be graded, so it is left out and listed. */
export interface Skipped {
  readonly id: string;
  /** Where it is in the file, such as `line 7`. */
  readonly place: string;
  /** What stands there, shortened. */
  readonly answer: string;
  readonly why: string;
}
