import type { SamplingParameters } from "../trie/sampling.ts";
import type { ContinueOrEnd } from "./fork-types.ts";

/** How a thread runs. */
export interface DialectThread {
  /**
   * Markers that end a thread, such as `</Thread>`. They stay in its text. An end of sequence always ends a thread too.
   * With a `fixed` plan, `{index}` is the thread's place in it: DC-CoT's `</worker_{index}>` ends worker 2 at
   * `</worker_2>`, and `</worker_1>` is text there.
   */
  readonly stop: readonly string[];
  /**
   * What begins a text that is not this thread's to write: another thread's part, or the text after the join. A thread ends
   * before it, and it is dropped. Models that were only told about a format often go on like this. Placeholders, as in
   * `\n{id}. {text}`, are those of the other threads of the same fork.
   *
   * @defaultValue none
   */
  readonly endBefore?: readonly string[] | undefined;
  /**
   * What the runtime writes at the end of a thread that did not write a stop marker, so that the text stays well
   * formed. An end of sequence is removed first. No placeholders.
   */
  readonly close: string;
  /**
   * Tokens that a thread still writes after its stop marker; 0 for none. NPR: 1, because the model writes the line feed
   * after `</step>` itself.
   */
  readonly tailTokens: number;
  /**
   * Sampling parameters of threads, which win over the run's. Parallel-R1 sets a temperature, because the prompts of
   * its threads are equal.
   *
   * @defaultValue those of the run
   */
  readonly sampling?: Readonly<SamplingParameters> | undefined;
  /** Levels of threads below the main text. 1: threads do not fork. NPR: 5. */
  readonly maxDepth: number;
}

/**
 * What a thread's ending does to its parent, unless it ended by a stop marker. `continue`: the parent continues after
 * the join. `end`: the threads are joined, and the parent ends. ThreadWeaver ends at `eos` and `length`, as its
 * authors' loop does; the other bundled dialects always continue. A thread that is lost or cut is reported in the
 * result either way.
 */
export interface DialectThreadEnd {
  /** The thread wrote an end of sequence instead of a stop marker. */
  readonly eos: ContinueOrEnd;
  /** It ran out of tokens, time or context. */
  readonly length: ContinueOrEnd;
  /** It was cut from outside. */
  readonly cut: ContinueOrEnd;
  /** Its request failed. */
  readonly failed: ContinueOrEnd;
  /** It could not start. */
  readonly refused: ContinueOrEnd;
}
