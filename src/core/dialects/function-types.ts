/**
 * A function of a dialect, for what a template cannot express: a thread's prompt, its result, or a rendering. It must
 * be pure. Undefined means that there is no result, or that the thread cannot start.
 */
export type DialectFunction = (view: View) => string | undefined;

/** The functions of a dialect by the names under which its fields refer to them. */
export type DialectFunctions = Readonly<Record<string, DialectFunction>>;

/** A reference to one of the dialect's functions. */
export interface NamedFunction {
  /** A key of `functions`. */
  readonly fn: string;
}

/** A template with placeholders such as `{id}`, or a function that makes the text. */
export type TextSource = string | NamedFunction;

/** What a dialect's function can see. Fields that do not apply are empty. */
export interface View {
  /**
   * For `returns`: what the thread generated. For `join.render`: the text of main. For `context.later`: the question that
   * the run was asked.
   */
  readonly text: string;
  /** For `context`: prompt and text of the sequence that forks, up to the fork. */
  readonly history: string;
  /** What the plan's pattern captured for this thread, and `index`, its place in the plan, from 1. */
  readonly captures: Readonly<Record<string, string>>;
  /** For `join.render`: the threads of the fork, in plan order. For `context.later`: those of the last round. */
  readonly threads: readonly { readonly captures: Readonly<Record<string, string>>; readonly text: string }[];
}
