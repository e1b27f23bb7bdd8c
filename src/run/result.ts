import type { RunEnding } from "../core/machine/ending.ts";
import type { WarningCode } from "../core/machine/protocol.ts";
import type { TokenCounts } from "../core/measures/tokens.ts";
import type { SerializedTrie } from "../core/trie/serialize.ts";
import type { Position, Role } from "../core/trie/trie.ts";
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
  /** `ending` in the words of chat APIs: `stop`: it was done. `length`: it ran out of something. */
  finishReason: FinishReason;
  /** The seed that all calls' seeds derive from: the one that was given, else the one that was drawn. */
  seed: number;
  /**
   * Who decided how tokens were drawn. `run`: your options, or the engine's documented defaults. `server`: something that
   * matters was left to the server, which applied its own default for the model; then the odds of a token are not known.
   */
  samplingBy: "run" | "server";
  /** As it was given. */
  metadata?: Readonly<Record<string, unknown>> | undefined;
  /** What was used, in the words of chat APIs: sums over all calls. `tokens` has the run's own counts. */
  usage: Usage;
  tokens: TokenCounts;
  /** Every thread of the run, in the order in which they were started. */
  threads: ThreadResult[];
  /** 1 - criticalPath / generated: the share of the generated tokens that did not have to be waited for. 0 without forks. */
  accelerationRatio: number;
  /** Milliseconds from the call of `run` to the end. */
  wallMs: number;
  warnings: RunWarning[];
  /**
   * Where `tree` was asked for, and where a run failed: all that was prompted, generated and inserted, with ids,
   * log-probabilities and owners. `generatedBy(tree, "0/1.2")` of `threadweaver/core` are the tokens of one thread.
   */
  tree?: RunTree | undefined;
}

/** The trie of a run as plain JSON, and where main ended in it. */
export type RunTree = SerializedTrie & { head: Position };

/** A result with its tree. */
export type ResultWithTree = RunResult & { tree: RunTree };

/** What a run used, in the words of the SDKs that people know. */
export interface Usage {
  /** Tokens of the prompts of all calls together: each thread's call is billed for its own context. */
  inputTokens: number;
  /** Generated tokens, waste included: all that an engine generated. */
  outputTokens: number;
  totalTokens: number;
  /** Of the input tokens, those that the engine had in its cache; undefined where it does not say. */
  cachedInputTokens: number | undefined;
}

/** Why a run ended, in the words of chat APIs. */
export type FinishReason = "stop" | "length" | "abort" | "error";

/** A result without its tree, as events carry it. */
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
  /** Its calls, in order; `call` is the number by which events and `tree` name one. */
  calls: { call: number; role: Role; tokens: number; promptTokens: number; cachedTokens?: number | undefined }[];
}
