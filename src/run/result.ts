import type { RunEnding } from "../core/machine/ending.ts";
import type { WarningCode } from "../core/machine/protocol.ts";
import type { TokenCounts } from "../core/measures/tokens.ts";
import type { SerializedTrie } from "../core/trie/serialize.ts";
import type { Position } from "../core/trie/trie.ts";
import type { EngineWarning } from "../engine/engine.ts";
import type { ThreadInfo } from "./thread-info.ts";

/** What a run gives: the CLI's JSON is this object. */
export interface RunResult {
  /**
   * Everything after the prompt, every marker shown, whether the model or the runtime wrote it; never begin-,
   * end-of-sequence or padding tokens (their ids are in `tree`). Of a display join: its rendering.
   */
  text: string;
  /** What stands before the dialect's end-of-thinking marker; empty where the text holds none. */
  reasoning: string;
  /** What stands after it: the answer, white space included. All of `text` where there is no such marker. */
  content: string;
  /** Why the run ended. `eos`: the model was done. Where a thread's ending ended the run, `threadId` names it. */
  ending: RunEnding;
  /**
   * Whether nothing is missing: the model was done, and no thread was lost, cut or ran out of tokens. Look at this before
   * you rely on `content`; `incomplete` says what happened.
   */
  complete: boolean;
  /** What did not come to its own end: threads, and main (`0`) itself. */
  incomplete: { threadId: string; ending: RunEnding }[];
  /** The seed that all calls' seeds derive from: the one that was given, else the one that was drawn. */
  seed: number;
  tokens: TokenCounts;
  /** Every thread of the run, in the order in which they were started. */
  threads: ThreadResult[];
  /** 1 - criticalPath / generated: the share of the generated tokens that did not have to be waited for. 0 without forks. */
  accelerationRatio: number;
  /** Milliseconds from the call of `run` to the end. */
  wallMs: number;
  warnings: RunWarning[];
  /**
   * The trie of all that was prompted, generated and inserted, with ids and owners, and where main ended in it:
   * `path(deserializeTrie(tree), tree.head)` are the pieces of prompt and text.
   */
  tree: SerializedTrie & { head: Position };
}

/** A result without its trie, as events carry it. */
export type RunSummary = Omit<RunResult, "tree">;

/** What was not as it should be, and did not stop the run. `threadId`: the sequence; empty for the engine or the run. */
export interface RunWarning {
  code: WarningCode | EngineWarning["code"] | "recorder-failed" | "listener-failed";
  message: string;
  threadId: string;
}

export interface ThreadResult extends ThreadInfo {
  ending: RunEnding;
  /** Tokens that it generated itself. */
  tokens: number;
  /** Milliseconds from its fork to its end. */
  ms: number;
  /** What it wrote, what was joined into it and how it was closed; its header not. */
  text: string;
}
