import type { ChatMessage, Piece } from "../core/trie/piece.ts";
import type { KnownSampling, SamplingParameters } from "../core/trie/sampling.ts";
import type { Tier } from "./tier.ts";

/**
 * Anything that can continue a sequence of tokens: the only thing the rest of the library knows of a model.
 *
 * What `complete` promises, for every call:
 *
 * - Everything that the model generated arrives as pieces, once and in order. Nothing is trimmed and nothing is added.
 * - A piece never ends inside a character. Tokens that do are held back until the character is whole; where it never
 *   becomes whole, because the call is over or broke off, they come as a last piece whose text has U+FFFD.
 * - The token that ended the call (one of the request's stop ids, or an end of sequence) is a piece of its own, the last.
 * - Where ids are told at all (tier `ids`), they are ids of the model's vocabulary. A piece has one log-probability for
 *   each of its ids, and one list of likely tokens, where these were asked for.
 * - A call that is over says so with exactly one `end` event, and nothing comes after it. A call that broke off throws a
 *   `ThreadweaverError` instead, after the pieces that had come by then.
 * - Once the request's signal has fired, the call ends with an `aborted` error within one turn of the event loop,
 *   whatever it was waiting for. What the signal's firing overtakes is dropped.
 *
 * A call ends of its own accord at its stop ids and at every end of sequence, but not every server can be told stop ids:
 * the caller watches for its own, and stops reading at one.
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
  /**
   * What it samples with where a request does not say. Undefined: that is not known here, since its server applies its
   * own defaults for the model.
   */
  readonly samplingDefaults?: KnownSampling | undefined;
  /** What users of this engine should know before they rely on it; every run repeats it. */
  readonly warnings?: readonly EngineWarning[] | undefined;
  readonly tokenizer: Tokenizer;
  /** Reading begins the call; leaving the loop ends it. */
  complete(request: CompletionRequest): AsyncIterable<CompletionEvent>;
  /** Frees what the engine holds. Calls still running end with an `aborted` error, later ones with `closed`. */
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
  /**
   * The most tokens that one part of the answer may hold, where single tokens are not needed as they come: fewer and
   * larger parts cost less. Undefined or 1: one at a time. An engine may send smaller parts. A loaded server may put what
   * it could not send before into one part, whatever it was asked.
   */
  coalesce?: number | undefined;
  /**
   * Whether parts of the answer that arrive together may come as one event: fewer events cost less, and nothing comes
   * later for it. @defaultValue false
   */
  together?: boolean | undefined;
  /** @defaultValue false */
  logprobs?: Logprobs | undefined;
  /** Of an engine behind HTTP: sent with this request, besides those of the engine and instead of equal ones. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Of an engine behind HTTP: fields of the request's body, instead of equal ones. */
  extraBody?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Log-probabilities (natural logarithms) of the generated tokens: `true` of each that was chosen, `{ top }` besides of
 * that many of the likeliest tokens at each place, at least 1. An engine that cannot tell them throws `invalid_option`
 * before it generates anything. Servers differ in whether they mean the model's own distribution or the sampled one:
 * see docs/engines.md.
 */
export type Logprobs = boolean | { readonly top: number };

/** What ends a call at the engine. The machine looks for markers itself; stops only save tokens. */
export interface Stops {
  /** End-of-sequence ids need not be listed: every engine stops at its own. */
  ids: readonly number[];
}

/** How one call draws its tokens. */
export interface Sampling extends SamplingParameters {
  seed?: number | undefined;
}

export type CompletionEvent =
  | { type: "pieces"; pieces: Piece[] }
  | {
      type: "end";
      /** `stop`: at the token that is the last piece. `length`: at `maxTokens`. `context`: the context is full. */
      reason: "stop" | "length" | "context";
      /** With `stop`: the end of sequence that ended it, if that was one. The vocabulary may not have known it. */
      eos?: number | undefined;
      /** Prompt tokens that the engine did not have to evaluate again; undefined where it does not say. */
      cachedTokens?: number | undefined;
      /** Tokens that were generated, by the engine's own count; undefined where it does not say. */
      completionTokens?: number | undefined;
      /** Of the weights that generated the last token, where the server tells. */
      weightVersion?: string | undefined;
    }
  | { type: "warning"; warning: EngineWarning };

/** Something that does not stop a run, but that its user has to know. */
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
  /** `parse`: control strings become their ids (what the runtime inserts). `text`: they stay text (what people typed). */
  controls: "parse" | "text";
  /** The runtime puts it where a model writes, which chats that take whole turns only must tell apart. @defaultValue false */
  inserted?: boolean | undefined;
}

/** A method's promise rejects with `aborted` as soon as this fires, whatever it was waiting for. */
export interface Abortable {
  signal?: AbortSignal | undefined;
}

export interface RenderChatOptions extends Abortable {
  /** What the program puts at the beginning of the assistant's turn: its control strings are meant. @defaultValue "" */
  prefill?: string | undefined;
}

/** Turns text into the model's token ids, and back. */
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
   * No begin-of-sequence is added.
   *
   * @throws `invalid_prompt` for a text whose control strings cannot be kept text, where that was asked for.
   */
  encode(text: string, options: EncodeOptions & Abortable): number[] | Promise<number[]>;
  /**
   * What `encode` would give, if it can be known here and now, from this process or a cache: no I/O, and no exception.
   * Undefined where it cannot be known.
   */
  encodeSync?(text: string, options: EncodeOptions): readonly number[] | undefined;
  /** Every token shown, control tokens included. */
  decode(ids: readonly number[], options?: Abortable): string | Promise<string>;
  /** The model's chat template around untrusted contents, begin-of-sequence included. */
  renderChat(messages: readonly ChatMessage[], options?: RenderChatOptions): number[] | Promise<number[]>;
}
