import type { SomeLimits } from "../limits/limits.ts";
import type { DialectContext, DialectPlan, DialectTrigger, ContinueOrEnd } from "./fork-types.ts";
import type { DialectFunctions, NamedFunction } from "./function-types.ts";
import type { DialectAfter, DialectJoin } from "./join-types.ts";
import type { DialectInstructions } from "./prompted-types.ts";
import type { DialectThread, DialectThreadEnd } from "./thread-types.ts";

/**
 * A format for parallel reasoning, as data: which markers a model writes, how a thread is prompted, what stops it, how
 * its text is joined and what follows. One machine runs every dialect, and it never looks at a dialect's name.
 *
 * Make one with `defineDialect`, which checks it. `docs/dialects.md` explains every field, with three worked dialects.
 */
export interface Dialect extends DialectData {
  /**
   * The functions that this dialect names as `{ fn: "name" }`. They must be pure: the same view gives the same result.
   * A dialect that is read from JSON can name the built-in ones: `countdownNode`, `goalPath`, `returned`.
   */
  readonly functions?: DialectFunctions | undefined;
}

/** A dialect without its functions: plain JSON data. */
export interface DialectData {
  /** Identifies the format in results, events and on the command line. Lower case letters, digits and hyphens. */
  readonly name: string;
  /** Counts the changes of this definition, from 1. */
  readonly version: number;
  /** One sentence for people: what the format is, and which paper it comes from. */
  readonly summary: string;
  /**
   * What a thread is. Descriptive: no call depends on it.
   *
   * - `subtasks`: a thread solves a part of the problem, so each one is needed (ThreadWeaver, NPR, APR, AsyncThink).
   * - `attempts`: a thread tries the whole problem, so one can be missing (Parallel-R1).
   */
  readonly threadKind: "subtasks" | "attempts";
  /** How closely the requests match those of the authors' own decoding loop. */
  readonly exact: DialectExactness;
  /**
   * The least that an engine must be able to do for this dialect.
   *
   * - `text`: continue any text. Every dialect with a `text` context needs this.
   * - `chat-continue`: continue inside the last turn of a chat.
   * - `chat-only`: answer a chat with a whole turn. Results of threads then come to the model as a user's turn.
   *
   * @defaultValue "text"
   */
  readonly needs: "text" | "chat-continue" | "chat-only";
  /**
   * How a model learns this format, where no prompt can teach it. A run then warns its user when the model turns out not
   * to have learned it. No call depends on this.
   *
   * - `tokens`: by training, with every tag of `markers` added to its vocabulary as one token (ThreadWeaver, Multiverse, NPR).
   * - `text`: by training on tags that are ordinary text (Parallel-R1, DC-CoT, APR).
   *
   * @defaultValue none: it can be prompted
   */
  readonly trained?: "tokens" | "text" | undefined;
  /**
   * What tells a model about the format that was not trained on it. It is put before the messages of a run; a run that is
   * given a text or ids is sent as it is.
   *
   * @defaultValue none
   */
  readonly instructions?: DialectInstructions | undefined;
  /**
   * Where this definition deviates from the authors' loop, one sentence each. Descriptive.
   *
   * @defaultValue []
   */
  readonly differences: readonly string[];
  /**
   * Every tag of the format. Where a tag is one token of the model's vocabulary it is sent and found by that token's
   * id, and a user who types the tag in a message does not get the token. Tags named by other fields need not be
   * repeated.
   */
  readonly markers: readonly string[];
  /**
   * The marker that ends the model's reasoning, such as `</think>`. A result has the text before it as `reasoning` and
   * the text after it as `content`.
   *
   * @defaultValue none: all text is `content`
   */
  readonly thinkingEnd?: string | undefined;
  /** When a sequence starts threads. */
  readonly trigger: DialectTrigger;
  /** Where the threads of a fork are declared: in an outline, in advance, or in the spawn marker itself. */
  readonly plan: DialectPlan;
  /** What happens to a sequence whose fork is over a limit: it continues without threads, or it ends. */
  readonly onForkRefused: ContinueOrEnd;
  /** What a thread sees before its first token. */
  readonly context: DialectContext;
  /** How a thread runs: its stop markers, its sampling, and whether it may fork. */
  readonly thread: DialectThread;
  /** What a thread that did not end by one of its stop markers does to its parent. */
  readonly onThreadEnd: DialectThreadEnd;
  /** How the texts of the threads get back into their parent. */
  readonly join: DialectJoin;
  /** What a sequence does after a join. */
  readonly after: DialectAfter;
  /**
   * The function that takes a thread's result out of its text, for `{return}` in `join.each`. It gets the thread's text
   * as `view.text`; undefined means that there is no result.
   *
   * @defaultValue none: the result is the thread's whole text
   */
  readonly returns?: NamedFunction | undefined;
  /**
   * Whether one line feed at the end of a generation is dropped before anything looks at the text. The loop of APR's
   * authors does so.
   *
   * @defaultValue false
   */
  readonly dropFinalLineFeed: boolean;
  /**
   * Limits of this format, such as NPR's five threads in a fork. A run's own limits win over these, and these win over
   * the defaults (64 threads, 32 forks, 16 levels, 256 calls).
   *
   * @defaultValue none of its own
   */
  readonly limits: SomeLimits;
}

/** How closely the requests of a dialect match those of the authors' own decoding loop. Shown to users. */
export interface DialectExactness {
  /**
   * - `exact`: every request has the same content as the authors' (ThreadWeaver, Parallel-R1, DC-CoT, APR).
   * - `untilJoin`: the same up to the first join; after it a stock engine cannot do what theirs does (Multiverse, NPR).
   * - `provisional`: the authors published no code to compare with (AsyncThink).
   */
  readonly kind: "exact" | "untilJoin" | "provisional";
  /**
   * - `kept`: generated tokens are sent again by their ids.
   * - `reencoded`: the text is encoded anew for every request, as in APR, whose authors send text.
   */
  readonly tokens: "kept" | "reencoded";
  /** The reason, in a few words. */
  readonly why: string;
}

type FieldWithDefault = "needs" | "differences" | "dropFinalLineFeed" | "limits";

type WithDefaults<T> = { readonly [K in keyof T]?: T[K] | undefined };

/**
 * A dialect without functions, as it may be written: the fields with a default can be left out (`needs`, `differences`,
 * `dropFinalLineFeed`, `limits`).
 */
export type DialectDataInput = Omit<DialectData, FieldWithDefault> & WithDefaults<Pick<DialectData, FieldWithDefault>>;

/**
 * What `defineDialect` takes: the data, where fields with a default can be left out, and the functions that it names.
 */
export type DialectInput = DialectDataInput & Pick<Dialect, "functions">;
