import type { NamedFunction } from "./function-types.ts";

/** How the texts of the threads get back into their parent. */
export type DialectJoin = AppendJoin | ReplaceBlockJoin | FillJoin | DisplayJoin | TurnJoin;

/** Every thread's text follows the plan, in plan order, each after its header (ThreadWeaver, Parallel-R1, NPR). */
export interface AppendJoin {
  readonly shape: "append";
  /** What the runtime writes after the last thread, before the model continues. No placeholders. */
  readonly tail: string;
  /** What it writes there instead when the parent ends at this join. No placeholders. */
  readonly endTail: string;
}

/** The plan is removed, and a block of results takes its place (APR). */
export interface ReplaceBlockJoin {
  readonly shape: "replaceBlock";
  /** The marker that opens the plan. The last one since the last join is removed, with all that follows it. */
  readonly from: string;
  /** What the block begins with. No placeholders. */
  readonly open: string;
  /** What stands in the block for each thread, in plan order. */
  readonly each: ThreadResultTemplates;
  /** What the block ends with. No placeholders. */
  readonly close: string;
}

/** A thread's result is written after the marker that waits for it (AsyncThink). Goes with an inline trigger only. */
export interface FillJoin {
  readonly shape: "fill";
  /**
   * What is written after the wait marker. A wait for an unknown id gets `none`, with `{id}` as its only placeholder.
   */
  readonly each: ThreadResultTemplates;
}

/** Nothing is joined: the run ends when its threads have ended, and its text is a rendering of them. */
export interface DisplayJoin {
  readonly shape: "display";
  /**
   * The function that makes the text from `view.threads`.
   *
   * @defaultValue none: the text is what main wrote itself
   */
  readonly render?: NamedFunction | undefined;
}

/**
 * The program makes of the results what main sees after its prompt, such as a turn of the user, and main writes after
 * that. It is no part of main's text, which begins there. Goes with the trigger `start` only.
 */
export interface TurnJoin {
  readonly shape: "turn";
}

/** What a thread gives back. Placeholders: `{id}`, `{index}` and the captures of the plan's pattern. */
export interface ThreadResultTemplates {
  /** For a thread with a result. `{return}` is the result: what `returns` makes of the thread's text, or all of it. */
  readonly some: string;
  /** For a thread without one: `returns` gave undefined, or the thread was cut, failed or could not start. */
  readonly none: string;
}

/** What a sequence does after a join. */
export type DialectAfter = ContinueAfter | PhaseAfter;

/** It continues at once. */
export interface ContinueAfter {
  readonly kind: "continue";
}

/** It first writes a part that ends by a marker of its own, such as Parallel-R1's summary. Goes with `append` only. */
export interface PhaseAfter {
  readonly kind: "phase";
  /** Markers that end the part. They stay in the text. */
  readonly stop: readonly string[];
  /** What the runtime writes where the part ended without such a marker. No placeholders. */
  readonly close: string;
}
