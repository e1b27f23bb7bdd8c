import type { RunEnding } from "../machine/ending.ts";

/**
 * Decides about threads that run side by side: which go on, which are cut, and which do not begin yet. It is a pure
 * function of what is known of them, so the same run decides the same again.
 *
 * @example
 * ```ts
 * // Cuts what is twice as long as the shortest that has ended.
 * const twiceTheShortest: JoinPolicy = {
 *   name: "twiceTheShortest",
 *   needs: { tokens: true },
 *   decide({ siblings }) {
 *     const shortest = Math.min(...siblings.filter(({ isDone }) => isDone).map(({ tokens }) => tokens));
 *     return { cut: siblings.filter(({ ending, tokens }) => ending === undefined && tokens > 2 * shortest) };
 *   },
 * };
 * ```
 */
export interface JoinPolicy {
  /** What it cuts ends with `{ kind: "cut", by: name }`. */
  readonly name: string;
  /**
   * Whether it may cut threads that each do a part of the work, so that a part is missing then. Others are for attempts at
   * one question only. @defaultValue false
   */
  readonly subtasks?: boolean | undefined;
  /** What it must be told besides how its siblings ended. @defaultValue nothing */
  readonly needs?: PolicyNeeds | undefined;
  /**
   * The options that it was made with, for the record of a run: `policyFrom({ name, options })` makes it again. @defaultValue
   * none: a run with it is resumed with the policy itself
   */
  readonly options?: Readonly<Record<string, number | undefined>> | undefined;
  /**
   * Asked when siblings start, when one of them sends its first request or ends, at the time of `askAt`, and after each
   * part of tokens if it `needs` them. Undefined: nothing new, what it said before still holds.
   */
  readonly decide: (view: PolicyView) => Decision | undefined;
  /** Why it can decide nothing about this number of attempts, as the end of a sentence; undefined: it can. */
  readonly contradicts?: ((count: number) => string | undefined) | undefined;
  /** Whether the answer of an attempt that has one counts in the vote. @defaultValue true unless the attempt was cut */
  readonly votes?: ((sibling: Sibling, siblings: readonly Sibling[]) => boolean) | undefined;
}

export interface PolicyNeeds {
  /** `answer` of a sibling that has ended. */
  readonly answers?: boolean | undefined;
  /** To be asked after each part of tokens. */
  readonly tokens?: boolean | undefined;
  /** `confidence` of siblings: which window, of the log-probabilities of how many of the likeliest tokens. */
  readonly confidence?: { readonly window: number; readonly topLogprobs: number } | undefined;
}

/** What a policy knows when it is asked. */
export interface PolicyView {
  /** The threads of a fork, in the order of the plan. With an inline trigger: those of one sequence that are not joined. */
  readonly siblings: readonly Sibling[];
  /** Milliseconds since the first of them started. */
  readonly ms: number;
  /** The one that ended, or that tokens came for. Undefined where something else is the reason to ask. */
  readonly changed: Sibling | undefined;
  /** Whether two answers are equal. */
  readonly equal: (a: string, b: string) => boolean;
}

/** What is known of one of them. It is read when it is asked for. */
export interface Sibling {
  /** From 0, in the order of the plan. */
  readonly index: number;
  /** Such as `0/1.2`. */
  readonly threadId: string;
  /** Its id in the plan. */
  readonly name: string;
  /** How it ended; undefined while it has not. */
  readonly ending: RunEnding | undefined;
  /** Whether its first request has gone out. */
  readonly hasBegun: boolean;
  /** Whether it ended by itself: it was not cut, did not fail, and did not run out of anything. */
  readonly isDone: boolean;
  /** Tokens that it generated itself. */
  readonly tokens: number;
  /** Generated tokens on the longest chain from the fork to where it stands, through threads of its own. */
  readonly criticalTokens: number;
  /** Milliseconds from its first request to its end, or until now. 0 before the first one. */
  readonly ms: number;
  /** What it has written. */
  readonly text: string;
  /** What was found in the text of one that ended and that was neither cut nor failed. */
  readonly answer: string | undefined;
  /** How sure the model was. Undefined unless the policy `needs` it. */
  readonly confidence: Confidence | undefined;
}

/** How sure a model was of what it wrote (DeepConf, arXiv 2508.15260): higher is more certain. */
export interface Confidence {
  /** The lowest mean over a whole window so far. Undefined before the first whole window. */
  readonly lowest: number | undefined;
  /** The lowest mean over a window; the mean of all tokens where they are fewer than a window, and 0 without any. */
  readonly score: number;
}

/** What is to be done. Siblings that are over, and those that have begun and are to be held, are left as they are. */
export interface Decision {
  /** These are cut now. */
  readonly cut?: readonly Sibling[] | undefined;
  /** These do not begin yet. Without this, they do. */
  readonly hold?: readonly Sibling[] | undefined;
  /** Ask again when so many milliseconds have passed since the first of them started. */
  readonly askAt?: number | undefined;
}

/** The siblings that still run or wait. */
export function running(siblings: readonly Sibling[]): Sibling[] {
  return siblings.filter(({ ending }) => ending === undefined);
}
