import type { Constraint } from "../core/dialects/plan-form.ts";
import type { ChatMessage, Piece } from "../core/trie/piece.ts";
import type { KnownSampling, SamplingParameters } from "../core/trie/sampling.ts";
import type { Tier } from "./tier.ts";

/**
 * Anything that can continue a sequence of tokens. It is all that the rest of the library knows about a model.
 *
 * `complete` promises, for every call:
 *
 * - Everything that the model generated arrives as pieces, once and in order. Nothing is trimmed and nothing is added.
 * - A piece never ends inside a character. Tokens inside a character are held back until it is complete. If it never
 *   is, because the call ends, they arrive as a last piece whose text has U+FFFD.
 * - The token that ended the call (a stop id of the request, or an end of sequence) is a piece of its own, the last
 *   one.
 * - On tier `ids`, pieces have ids of the model's vocabulary. Where log-probabilities or likely tokens were requested,
 *   a piece has one log-probability and one list of likely tokens for each of its ids.
 * - A call that is over emits exactly one `end` event, and nothing after it. A call that breaks off throws a
 *   `ThreadweaverError` instead, after the pieces that arrived before. If it can be made again, the error is
 *   `retryable`. What else is known then is one `broken` event before the error: tokens that are still held back, and
 *   what the engine counted. A caller that goes on gives the held tokens back as `held` of the next request.
 * - After the request's signal fires, the call ends with an `aborted` error within one turn of the event loop, whatever
 *   it was waiting for. Events that were not read by then are dropped.
 *
 * A call ends by itself at its stop ids and at every end of sequence. Not every server accepts stop ids, however, so
 * the caller also looks for its own stop ids and stops reading at one.
 */
export interface Engine {
  /** A name for messages: `llama`, or the server's address. */
  readonly name: string;
  readonly model: string;
  /**
   * Most tokens of one call, prompt and generated tokens together. Infinity: unknown. A prompt of one token less is taken,
   * so that a call can go on from any of its tokens.
   */
  readonly contextTokens: number;
  /** How exactly the engine can continue what was generated. Below `ids`, pieces have no ids. @defaultValue "ids" */
  readonly tier?: Tier | undefined;
  /** How many calls make progress at once; further calls wait inside the engine. Undefined: unknown. */
  readonly parallelCalls: number | undefined;
  /**
   * The values of sampling parameters that a request leaves out. Undefined: unknown, because the server applies its own
   * defaults for the model.
   */
  readonly samplingDefaults?: KnownSampling | undefined;
  /**
   * How long a step for four calls takes, relative to a step for one: 1 for no longer, 4 for as long as four steps.
   * Undefined: not measured.
   */
  readonly batchCost?: number | undefined;
  /** What users should know before they rely on this engine. Every run repeats these warnings. */
  readonly warnings?: readonly EngineWarning[] | undefined;
  readonly tokenizer: Tokenizer;
  /** Starts a call when its first event is read. Leaving the loop ends the call. */
  complete(request: CompletionRequest): AsyncIterable<CompletionEvent>;
  /**
   * Releases everything that the engine holds. Running calls end with an `aborted` error, later calls fail with
   * `closed`.
   */
  close(): Promise<void>;
}

/** One call of an engine. */
export interface CompletionRequest {
  /** Token ids, with the begin of sequence. */
  prompt: readonly number[];
  stop: Stops;
  /**
   * Tokens that an earlier attempt generated and that are no pieces yet. They are the last tokens of `prompt`, and the
   * call emits them first: as pieces of their own, or together with the rest of their character. @defaultValue none
   */
  held?: Piece | undefined;
  /**
   * Most tokens to generate; at least 1. It may be more than the context has room for: the call then ends with
   * `context`.
   */
  maxTokens: number;
  sampling: Sampling;
  signal: AbortSignal;
  /** A name for the call, unique among the running calls of the engine. */
  id?: string | undefined;
  /**
   * The id of the call whose context this one extends. That context may be in the engine's cache once that call is
   * over.
   */
  extends?: string | undefined;
  /**
   * How many tokens at the beginning of `prompt` other calls have too that are made at the same time. A server that shares
   * only what it has computed is given one of them first. @defaultValue not known
   */
  shared?: number | undefined;
  /** A name that all calls of a run share. Replicas use it to keep those calls together. */
  session?: string | undefined;
  /**
   * Most tokens that one part of the answer may hold. Larger parts cost less, where single tokens are not needed as
   * they arrive. The engine may send smaller parts. A loaded server may put tokens that it could not send earlier into
   * one part, whatever this limit. @defaultValue 1
   */
  coalesce?: number | undefined;
  /**
   * Whether parts of the answer that arrive together may be one event. Fewer events cost less, and nothing is delayed.
   *
   * @defaultValue false
   */
  together?: boolean | undefined;
  /** Which log-probabilities to return. @defaultValue false */
  logprobs?: Logprobs | undefined;
  /**
   * What the whole answer should look like, as a regular expression and as a grammar in GBNF. An engine that can constrain
   * what is generated does so; the others ignore it. @defaultValue none
   */
  constraint?: Constraint | undefined;
  /** Values for the model's chat template, for engines that send messages and have the server render them. */
  templateOptions?: Readonly<Record<string, unknown>> | undefined;
  /** HTTP headers of this request, for engines behind HTTP. They replace equal headers of the engine. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Fields of this request's body, for engines behind HTTP. They replace equal fields. */
  extraBody?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Log-probabilities (natural logarithms) of the generated tokens. `true` returns those of the chosen tokens. `{ top }`
 * also returns that many of the likeliest tokens at each place; at least 1. An engine that cannot return them throws
 * `invalid_option` before it generates anything. Servers differ in whether they mean the model's own distribution or
 * the one that is sampled from: see docs/engines.md.
 */
export type Logprobs = boolean | { readonly top: number };

/** What ends a call at the engine. The machine looks for markers itself, so stops only save tokens. */
export interface Stops {
  /** End-of-sequence ids need not be listed: every engine stops at its own. */
  ids: readonly number[];
  /**
   * Texts at which the caller stops reading. An engine may end the call there, if it still gives every token up to and with
   * the one that completes the text. @defaultValue none
   */
  strings?: readonly string[] | undefined;
}

/** How one call samples its tokens. */
export interface Sampling extends SamplingParameters {
  /** Seed of the random numbers. Undefined: the engine chooses one. */
  seed?: number | undefined;
}

/** What a call emits: pieces, thinking and warnings as they come, and one `end`, or `broken` and an error. */
export type CompletionEvent =
  | { type: "pieces"; pieces: Piece[] }
  /** Thinking that the server keeps apart from the text. It is no part of the context of later calls. */
  | { type: "reasoning"; text: string }
  | {
      /** The call breaks off: an error follows. Engines that know nothing of this kind emit only the error. */
      type: "broken";
      /**
       * Tokens that were generated and are no pieces yet, with their ids: those of a character whose rest did not
       * arrive, or tokens that could not be decoded any more. They may end with the token that ends the call. Its text
       * is the server's, as far as that is known; that of an incomplete character is U+FFFD.
       */
      held?: Piece | undefined;
      /** As at `end`, for what arrived. */
      cachedTokens?: number | undefined;
      completionTokens?: number | undefined;
      weightVersion?: string | undefined;
    }
  | {
      type: "end";
      /**
       * `stop`: at the token that is the last piece. `length`: at `maxTokens`. `context`: the context is full.
       * `filtered`: a filter of the server's kept the rest.
       */
      reason: "stop" | "length" | "context" | "filtered";
      /**
       * With `stop`: the end of sequence that ended the call, if one did. The vocabulary may not have known it before.
       */
      eos?: number | undefined;
      /** With `stop`: the string of `stop.strings` that ended the call, if one did. */
      string?: string | undefined;
      /** Prompt tokens that the engine did not evaluate again. Undefined: unknown. */
      cachedTokens?: number | undefined;
      /** Generated tokens, as the engine counts them. Undefined: unknown. */
      completionTokens?: number | undefined;
      /** Version of the weights that generated the last token, where the server returns it. */
      weightVersion?: string | undefined;
    }
  | { type: "warning"; warning: EngineWarning };

/** A problem that does not stop a run, but that its user has to know about. */
export interface EngineWarning {
  readonly code:
    | "marker-unknown"
    | "ids-withheld"
    | "tokens-missing"
    | "text-mode"
    | "no-stop-reason"
    | "finish-unknown"
    | "content-unread"
    | "cache-lost"
    | "address-lost"
    | "server-version"
    | "model-unlisted"
    | "prompt-templated"
    | "field-refused"
    | "server-flags"
    | "batch-cost";
  readonly message: string;
}

/** How a text is encoded. */
export interface EncodeOptions {
  /**
   * `parse`: control strings become their ids, for text that the program inserts. `text`: they stay text, for text that
   * people typed.
   */
  controls: "parse" | "text";
  /**
   * Whether the runtime inserts this text where a model writes. Chats that take only whole turns must know this.
   *
   * @defaultValue false
   */
  inserted?: boolean | undefined;
}

/**
 * Options of methods that can be aborted. When the signal fires, the promise rejects with `aborted` at once, whatever
 * it was waiting for.
 */
export interface Abortable {
  signal?: AbortSignal | undefined;
}

/** How messages are rendered. */
export interface RenderChatOptions extends Abortable {
  /**
   * The beginning of the assistant's turn, written by the program. Its control strings become tokens. @defaultValue ""
   */
  prefill?: string | undefined;
  /** Values for the model's chat template, such as `{ enable_thinking: false }` or `{ tools: [...] }`. @defaultValue none */
  templateOptions?: Readonly<Record<string, unknown>> | undefined;
}

/** Turns text into the model's token ids, and back. */
export interface Tokenizer {
  /** Begin of sequence. The library puts it once before every root. Undefined where the model's own rule adds none. */
  readonly bos: number | undefined;
  /**
   * Ids that end a generation. There may be more: a call that ends at another one says so (`eos` of its end). The list
   * may grow while the engine runs, so read it, do not copy it.
   */
  readonly eos: readonly number[];
  /** Every string that this vocabulary reads as one control or marker token, such as `<Thread>` or `<s>`. */
  readonly controls: readonly string[];
  /** Number of token ids. Undefined where a server does not reveal it. */
  readonly vocabularySize: number | undefined;
  /**
   * Encodes a text. No begin of sequence is added.
   *
   * @throws `invalid_prompt` with `controls: "text"`, for a text whose control strings cannot be kept as text.
   */
  encode(text: string, options: EncodeOptions & Abortable): number[] | Promise<number[]>;
  /**
   * What `encode` would return, if it is known without waiting, from this process or from a cache. It does no I/O and
   * never throws. Undefined where it is not known.
   */
  encodeSync?(text: string, options: EncodeOptions): readonly number[] | undefined;
  /** Decodes ids. Control tokens are shown as text. */
  decode(ids: readonly number[], options?: Abortable): string | Promise<string>;
  /**
   * Renders messages with the model's chat template, begin of sequence included. Control strings in messages stay text,
   * unless the message is trusted.
   */
  renderChat(messages: readonly ChatMessage[], options?: RenderChatOptions): number[] | Promise<number[]>;
  /** Whether the model has a chat template, so that messages can be rendered. Without this method it is not known. */
  hasChatTemplate?(options?: Abortable): boolean | Promise<boolean>;
}
