/** How a model that was not trained on a format is told about it. */
export interface DialectInstructions {
  /**
   * What to do, in words. It becomes the system message of a chat; a system message that the chat has already comes after
   * it, in the same message.
   */
  readonly system: string;
  /** Worked turns, which come before the chat. Small models learn more from these than from words. */
  readonly examples: readonly DialectExample[];
}

/** One worked turn. Control strings in the answer are read as tokens, since the dialect's author wrote it. */
export interface DialectExample {
  readonly user: string;
  readonly assistant: string;
}

/**
 * The exact form of a plan, for engines that can keep a model to one. The first text of the main sequence is then a plan
 * of this form, or a text that begins with another character than `begin`.
 */
export interface PlanForm {
  /** What stands before the first item. */
  readonly begin: string;
  /** One item: `{id}` counts from 1, `{text}` is one line or less. */
  readonly item: string;
  /** What stands after the last item; its end is the trigger's marker. */
  readonly end: string;
  /** Least and most items. */
  readonly items: readonly [least: number, most: number];
  /** Most characters of an item's text. */
  readonly maxText: number;
}
