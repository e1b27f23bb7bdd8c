import type { Call, Choice, Step } from "../call.ts";

/** How one route of one kind of server writes its answers: keys in order, with nulls where the server has them. */
export interface Wire {
  /** The events before the first part of an answer. */
  opening?(call: Call, choice: Choice): readonly unknown[];
  /** The events for some tokens. None: the tokens are not sent. */
  part(step: Step): readonly unknown[];
  /** The events at the end of a stream. `last`: the answer that ended last. */
  closing(call: Call, last: Choice): readonly unknown[];
  /** The body of an answer that is not streamed. */
  whole(call: Call): unknown;
  /** Whether a stream ends with `[DONE]`. */
  done: boolean;
}

/** When answers were made, in seconds since 1970. It is always the same time, so that tests can compare. */
export const created = 1_795_423_162;
