import type { ChatMessage, Piece } from "../core/trie/piece.ts";
import type { Tier } from "./tier.ts";

/**
 * Anything that can continue a sequence of tokens. The only thing the rest of the library knows of a model.
 *
 * Contract: pieces arrive once and in order; a piece never ends inside a character; the token that stopped the call
 * (a stop id, the end of sequence) is part of the pieces; a call that is over says so with exactly one `end` event, and
 * one that broke off throws a `ThreadweaverError` instead. Nothing is trimmed and nothing is added.
 */
export interface Engine {
  /** What the user would call it: `llama`, or the server's address. */
  readonly name: string;
  readonly model: string;
  /** Prompt and generated tokens together, at most. */
  readonly contextTokens: number;
  /** Longest prompt that it takes; undefined where that is one token less than the context. */
  readonly maxPromptTokens?: number | undefined;
  /** How exactly it goes on from what was generated; below `ids`, pieces come without ids. @defaultValue "ids" */
  readonly tier?: Tier | undefined;
  /** Calls that make progress at once; further calls wait inside the engine. Undefined: the engine does not say. */
  readonly parallelCalls: number | undefined;
  /** What was found out about the engine that a run should be told of. */
  readonly warnings?: readonly EngineWarning[] | undefined;
  readonly tokenizer: Tokenizer;
  complete(request: CompletionRequest): AsyncIterable<CompletionEvent>;
  /** Frees what the engine holds. Calls still running end with an `aborted` error. */
  close(): Promise<void>;
}

export interface CompletionRequest {
  /** Token ids, begin-of-sequence included. */
  prompt: readonly number[];
  stop: Stops;
  /** At least 1. The engine may be given more than fits; it then ends with `context`. */
  maxTokens: number;
  sampling: Sampling;
  signal: AbortSignal;
  /** Names the call among those of its engine; unique while it runs. */
  id?: string | undefined;
  /** The call whose context this one extends: what it computed may be in the engine's cache once it is over. */
  extends?: string | undefined;
  /** The same for all calls of a run: replicas keep them together. */
  session?: string | undefined;
  /** Nobody waits for single tokens: the engine may send several at once. */
  unheard?: boolean | undefined;
  /** Ask for the log-probability of each generated token. */
  logprobs?: boolean | undefined;
}

/** What ends a call at the engine. The machine looks for markers itself; stops only save tokens. */
export interface Stops {
  /** End-of-sequence ids need not be listed: every engine stops at its own. */
  ids: readonly number[];
}

export interface Sampling {
  /** 0 is greedy. */
  temperature: number;
  /** 1 is off. */
  topP: number;
  /** 1 is off. */
  repetitionPenalty?: number | undefined;
  seed?: number | undefined;
}

export type CompletionEvent =
  | { type: "pieces"; pieces: Piece[] }
  | {
      type: "end";
      /** `stop`: a stop id or an end of sequence, which is the last piece. `length`: `maxTokens`. `context`: no room. */
      reason: "stop" | "length" | "context";
      /** With `stop`: the end of sequence that ended it, if that was one. The vocabulary may not have known it. */
      eos?: number | undefined;
      /** Prompt tokens that the engine did not have to evaluate again; undefined where it does not say. */
      cachedTokens?: number | undefined;
      /** Of the weights that generated the last token, where the server tells. */
      weightVersion?: string | undefined;
    }
  | { type: "warning"; warning: EngineWarning };

/** Something that does not stop a run but that nobody should have to find out alone. */
export interface EngineWarning {
  readonly code:
    | "marker-unknown"
    | "ids-withheld"
    | "text-mode"
    | "no-stop-reason"
    | "cache-lost"
    | "server-version"
    | "server-flags";
  readonly message: string;
}

export interface EncodeOptions {
  controls: "parse" | "text";
  inserted?: boolean | undefined;
}

export interface Tokenizer {
  /** Put once before every root by us; undefined where the model's own rule adds none. */
  readonly bos: number | undefined;
  /** May grow while the engine runs, where a server is found to have more than it said. Read it, do not copy it. */
  readonly eos: readonly number[];
  /** Every string that this vocabulary reads as one control or marker token, such as `<Thread>` or `<s>`. */
  readonly controls: readonly string[];
  /** Undefined where a server does not reveal it. */
  readonly vocabularySize: number | undefined;
  /**
   * No begin-of-sequence is added. `controls: "parse"` turns control strings into their ids (what the runtime inserts);
   * `"text"` keeps them ordinary text (what people typed). `inserted`: the runtime put it where a model writes, which
   * chats that take whole turns only must be told apart.
   */
  encode(text: string, options: EncodeOptions): number[] | Promise<number[]>;
  /** Every token shown, control tokens included. */
  decode(ids: readonly number[]): string | Promise<string>;
  /**
   * The model's chat template around untrusted contents, begin-of-sequence included. `prefill` is what the program puts
   * at the beginning of the assistant's turn: its control strings are meant.
   */
  renderChat(messages: readonly ChatMessage[], prefill?: string): number[] | Promise<number[]>;
}
