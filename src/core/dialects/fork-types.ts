import type { NamedFunction, TextSource } from "./function-types.ts";
import type { PlanForm } from "./prompted-types.ts";

/** Whether a sequence continues or ends. */
export type ContinueOrEnd = "continue" | "end";

/** When a sequence starts threads. */
export type DialectTrigger = NoTrigger | StartTrigger | MarkerTrigger | EndOfTextTrigger | InlineTrigger;

/** A sequence never forks. `sequential(dialect)` makes such a dialect of any other. */
export interface NoTrigger {
  readonly kind: "none";
}

/**
 * Main begins with a fork, and writes nothing before it; nothing that is written later starts threads. Goes with a plan
 * that is known at the start (`host`, `rounds`, `fixed`).
 */
export interface StartTrigger {
  readonly kind: "start";
}

/** A sequence stops at a marker, and its plan is read (ThreadWeaver, Parallel-R1, NPR). */
export interface MarkerTrigger {
  readonly kind: "marker";
  /** The marker that ends the plan, such as `</Outlines>`. It stays in the text. */
  readonly marker: string;
}

/** A sequence ends by itself, and its last line asks for threads (APR). */
export interface EndOfTextTrigger {
  readonly kind: "endOfText";
  /** What the last line must contain. */
  readonly lastLine: string;
  /** A marker that the model must not write itself. Where it does, the runtime replaces it and generation continues. */
  readonly guard?: TriggerGuard | undefined;
}

/** A marker, and what stands in its place. */
export interface TriggerGuard {
  /** What the model must not write. */
  readonly marker: string;
  /** What the runtime writes instead, as it is: a text without placeholders. */
  readonly put: string;
}

/**
 * A sequence spawns one thread at a time and continues at once; it waits only where it asks for a result (AsyncThink).
 */
export interface InlineTrigger {
  readonly kind: "inline";
  /**
   * The pattern of a spawn, which must capture `{id}`. `{text}` is what the thread is to do.
   * AsyncThink: `<FORK-{id:word}>{text}</FORK-{id}>`.
   */
  readonly spawn: string;
  /**
   * The pattern of a wait, which must capture the `{id}` of a thread that was spawned. AsyncThink: `<JOIN-{id:word}>`.
   *
   * @defaultValue none: the sequence never waits, and threads are cut when it ends
   */
  readonly wait?: string | undefined;
}

/** Where the threads of a fork are declared. */
export type DialectPlan = OutlinePlan | FixedPlan | InlinePlan | HostPlan | RoundsPlan;

/** The model writes a list of items, and each item is a thread (ThreadWeaver, NPR, APR). */
export interface OutlinePlan {
  readonly source: "outline";
  /**
   * The marker after which the items stand. Only what the sequence wrote since its last join is read, and there only
   * what comes after the last such marker. Empty: all of it is read.
   */
  readonly after: string;
  /**
   * The pattern of one item, which must capture `{id}`. Every capture is a placeholder of the templates.
   * ThreadWeaver: `<Outline>~{id:dotted}~:`.
   */
  readonly item: string;
  /**
   * The opening and the closing tag of an item. They bound an item's text where the pattern has no `{text}`, and a tag
   * that is missing or stray gives the warning `plan-tags`.
   *
   * @defaultValue none: an item's text ends with its line
   */
  readonly tags?: readonly [open: string, close: string] | undefined;
  /**
   * What the runtime writes after a plan without a readable item, once in a sequence: the sequence then goes on, and may
   * write its plan again.
   *
   * @defaultValue none
   */
  readonly repair?: string | undefined;
  /** What a sequence does after a plan without a readable item, or after a second one. */
  readonly onEmpty: ContinueOrEnd;
  /**
   * The exact form of a plan. Engines that can constrain what is generated are asked to; the others are not.
   *
   * @defaultValue none
   */
  readonly form?: PlanForm | undefined;
}

/** The same number of threads at every fork, and no text for them (Parallel-R1: two, DC-CoT: three). */
export interface FixedPlan {
  readonly source: "fixed";
  /** Threads of each fork, at most 1024. Their `{id}` and `{index}` count from 1. */
  readonly count: number;
}

/** Every spawn marker declares its own thread. Goes with an inline trigger, and only with one. */
export interface InlinePlan {
  readonly source: "inline";
}

/**
 * The program declares the threads when the run starts: a name, what comes after the prompt, own limits and sampling of
 * each. Goes with the trigger `start` and the context `given`.
 */
export interface HostPlan {
  readonly source: "host";
}

/**
 * Rounds of attempts: each is a fork, and the text of the run is that of the last one (PaCoRe). Goes with the trigger
 * `start`, the context `prompt` and a `display`.
 */
export interface RoundsPlan {
  readonly source: "rounds";
  /** Threads of each round, such as 4 and then 1. */
  readonly counts: readonly number[];
}

/** What a thread sees before its first token. */
export type DialectContext = PrefixContext | TextContext | ChatContext | GivenContext | PromptContext;

/** A thread continues what its parent wrote, after a header (ThreadWeaver, Parallel-R1, NPR). */
export interface PrefixContext {
  readonly kind: "prefix";
  readonly header: ThreadHeader;
}

/**
 * What stands between the plan and a thread's text. Placeholders: `{id}`, `{index}` and every capture of `plan.item`.
 * Put the text of the item here (`{text}`), and a model that was not trained on the format keeps to it.
 */
export interface ThreadHeader {
  /** Before the thread's text while it is generated. */
  readonly prompt: string;
  /** Before the first thread's text in the joined text. Equal to `prompt`, its tokens need not be read again. */
  readonly first: string;
  /** Before the text of every other thread in the joined text. */
  readonly rest: string;
}

/** A thread has a prompt of its own and sees nothing of its parent (APR). */
export interface TextContext {
  readonly kind: "text";
  /** The prompt: a template with `{id}`, `{index}` and the captures, or a function that sees the parent's text. */
  readonly text: TextSource;
}

/** A thread continues its parent's text after what the program gave for it, as tokens. Goes with the plan `host` only. */
export interface GivenContext {
  readonly kind: "given";
}

/**
 * A thread answers the prompt of the run itself; after the first round, one in whose place something else is asked. Goes
 * with the plan `rounds` only.
 */
export interface PromptContext {
  readonly kind: "prompt";
  /**
   * The function that makes the question of a later round. It takes the place of the last message of the user, or of the
   * prompt where that is no chat. `view.text` is the question, `view.threads` are the threads of the last round; the text
   * of one that was cut or that failed is empty.
   *
   * @defaultValue none: there is one round only
   */
  readonly later?: NamedFunction | undefined;
}

/** A thread has a chat of its own (AsyncThink). */
export interface ChatContext {
  readonly kind: "chat";
  /** The messages of the chat, at least one. */
  readonly messages: readonly ThreadMessage[];
  /**
   * The beginning of the assistant's turn: the thread continues after it. Same placeholders as a message's content.
   *
   * @defaultValue none
   */
  readonly prefill?: TextSource | undefined;
}

/** One message of a thread's chat. */
export interface ThreadMessage {
  /** Such as `system` or `user`. */
  readonly role: string;
  /** A template with `{id}`, `{index}` and the captures, or a function that sees the parent's text. */
  readonly content: TextSource;
  /**
   * Whether control strings in it become tokens, as in an example of an answer. Only of text that has no placeholders.
   * @defaultValue false: they stay text
   */
  readonly trusted?: boolean | undefined;
}
