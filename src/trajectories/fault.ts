/** Lines of a source, counted from 1, both included. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

/** What is wrong, and where. The message is a sentence that can be put into a second question. */
export interface Fault<Code extends string = string> {
  readonly code: Code;
  readonly message: string;
  /** The lines of the source that it is about. */
  readonly lines?: LineRange | undefined;
  /** The place of an item in the list that was given (a step, an edit, an outline), from 1. */
  readonly item?: number | undefined;
  /** Where in the text that was checked, in UTF-16 code units. */
  readonly at?: number | undefined;
}

/** Either what was asked for, or all that is wrong. */
export type Checked<T, Code extends string> =
  | { readonly value: T; readonly faults: readonly [] }
  | { readonly value: undefined; readonly faults: readonly Fault<Code>[] };

/** Gives the value if nothing is wrong with it. */
export function checked<T, Code extends string>(value: T, faults: readonly Fault<Code>[]): Checked<T, Code> {
  return faults.length === 0 ? { value, faults: [] } : { value: undefined, faults };
}

export function refused<Code extends string>(...faults: readonly Fault<Code>[]): Checked<never, Code> {
  return { value: undefined, faults };
}

export function named({ first, last }: LineRange): string {
  return first === last ? `line ${first}` : `lines ${first} to ${last}`;
}

export function excerpt(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
}
