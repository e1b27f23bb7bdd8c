import type { Call, Choice, Step } from "../call.ts";

/** How one interface of one kind of server writes its answers: keys in order, nulls where the server has them. */
export interface Wire {
  /** Comes before the first part of an answer. */
  opening?(call: Call, choice: Choice): readonly unknown[];
  /** Some tokens. None: they are not told. */
  part(step: Step): readonly unknown[];
  /** Comes at the end of a stream. `last`: the answer that ended last. */
  closing(call: Call, last: Choice): readonly unknown[];
  /** Of an answer that is not streamed. */
  whole(call: Call): unknown;
  /** Whether a stream ends with `[DONE]`. */
  done: boolean;
}

/** When answers were made, in seconds since 1970: always then, so that tests can compare. */
export const created = 1_795_423_162;
