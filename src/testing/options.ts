import type { IncomingHttpHeaders } from "node:http";

/**
 * Which server is imitated. `sglang-native`: SGLang before 0.5.17, whose completions do not return token ids. `text`:
 * completions without ids and without a tokenizer. `chat`: chats only.
 */
export type FakeKind = "vllm" | "sglang" | "sglang-native" | "llamacpp" | "text" | "chat";

/**
 * How an answer ends after all that the model says. `eos`: by the end of sequence. The others are ways in which servers
 * break off. `abort`: a finish reason. `end`: the stream ends without a finish reason. `drop`: the connection is cut.
 * `error`: an error event inside HTTP 200. `silence`: the connection stays open. If the text is empty, the answer
 * breaks off before its first part.
 */
export type FakeEnding = "eos" | "abort" | "end" | "drop" | "error" | "silence";

/** How the server refuses a call. */
export interface FakeRefusal {
  /** HTTP status, such as 429, 500 or 503. */
  status: number;
  /** The server's message. @defaultValue the one that it sends when it is busy */
  message?: string | undefined;
  /** Seconds in the header `Retry-After`. @defaultValue no header */
  retryAfter?: number | undefined;
  /**
   * Whether the body is flat, `{"object":"error","message"}`, or has a field `error`. @defaultValue as the server
   * writes it
   */
  flat?: boolean | undefined;
  /** Whether a stream is refused by an event inside HTTP 200. @defaultValue true on SGLang, else false */
  inStream?: boolean | undefined;
}

/** What the model says in one answer, and how the answer ends. */
export interface FakeAnswer {
  /** What the model says, with control strings. */
  text: string;
  /**
   * The same as token ids, for what a text cannot express, such as half a character. @defaultValue the ids of `text`
   */
  ids?: readonly number[] | undefined;
  /** Log-probabilities, one for each token, for calls that request them. @defaultValue 0 for each */
  logprobs?: readonly number[] | undefined;
  /** The likely tokens at each place, for calls that request them. @defaultValue none */
  topLogprobs?: readonly (readonly { id: number; logprob: number }[])[] | undefined;
  /** How the answer ends. @defaultValue "eos" */
  ending?: FakeEnding | undefined;
  /** If set, the call is refused and the text is not sent. @defaultValue none */
  refusal?: FakeRefusal | undefined;
  /**
   * Changes the data of each event of a stream before it is written, for answers that are not as they should be: broken
   * JSON, token ids that are missing or wrong, no finish reason. Undefined leaves the event out. `nth` counts the events
   * of the answer from 0; `[DONE]` is one of them. @defaultValue events are written as the server writes them
   */
  rewrite?: ((data: string, nth: number) => string | undefined) | undefined;
}

/**
 * Returns what the model says after a prompt. `call` counts the calls from 0, without probes. `choice` counts the answers of
 * one call, which has several if it has several prompts or `n`. A promise delays the first token until it resolves.
 */
export type FakeModel = (
  prompt: string,
  call: number,
  choice: number,
) => string | FakeAnswer | Promise<string | FakeAnswer>;

/** A completion or a chat that was requested. */
export interface SeenCall {
  /** Token ids of its first prompt, or of its rendered messages. */
  prompt: readonly number[];
  /** Token ids of all its prompts. */
  prompts: readonly (readonly number[])[];
  /** The body as it was sent. A chat's messages are in it. */
  body: Readonly<Record<string, unknown>>;
  headers: IncomingHttpHeaders;
  /** Which replica took it, from 0. */
  replica: number;
  /** Whether the client hung up before the answer was over. */
  hungUp: boolean;
  /** Whether it was ended by name. */
  aborted: boolean;
}

/**
 * Options of a fake server. The defaults are those of the real servers: vLLM 0.32.0 and SGLang 0.5.23 as measured,
 * llama.cpp b10573 as in its source.
 */
export interface FakeServerOptions {
  /** Which server is imitated. @defaultValue "vllm" */
  kind?: FakeKind | undefined;
  /** What the model says in calls. */
  model: FakeModel;
  /**
   * What the model says in probes: calls that are not streamed, that force a token, or that ask for one token, either
   * after one letter or greedily with the seed 1. `call` counts those. `createEngine` makes some of them before the first
   * run, so a script for runs need not expect them.
   *
   * @defaultValue always "a"
   */
  probed?: FakeModel | undefined;
  /**
   * Control strings besides `<s>` and `</s>`. Each is one token. @defaultValue the markers of the dialect threadweaver
   */
  controls?: readonly string[] | undefined;
  /** Ids besides `</s>` that end a sequence, as in a model's `generation_config.json`. @defaultValue none */
  moreEos?: readonly number[] | undefined;
  /** Version that the server reports. @defaultValue that of the real server */
  version?: string | undefined;
  /** Name of the model. @defaultValue "forkjoin-arith" */
  modelName?: string | undefined;
  /** Context length, in tokens. @defaultValue 2048 */
  contextTokens?: number | undefined;
  /** A key that every request must have; on vLLM only requests under `/v1` and `/inference`. @defaultValue none */
  apiKey?: string | undefined;

  /** Whether chats continue a last message of the assistant. @defaultValue false on `chat`, else true */
  continuesChats?: boolean | undefined;
  /** Whether requests with unknown fields are refused with HTTP 400. @defaultValue "ignored" */
  unknownFields?: "ignored" | "refused" | undefined;
  /**
   * Whether SGLang keeps an answer to a form. `none`: calls that ask for it are refused, in streams inside HTTP 200. `any`:
   * they are taken, and the model's text is what the script says. @defaultValue "any"
   */
  grammarBackend?: "any" | "none" | undefined;
  /** How many calls may run at once before the queue is full. @defaultValue no limit */
  maxCalls?: number | undefined;
  /** How calls are refused while the queue is full. @defaultValue HTTP 503; inside HTTP 200 for streams of SGLang */
  overload?: Partial<FakeRefusal> | undefined;

  /**
   * The field that holds what ended a call. vLLM sets it to null for an end of sequence. @defaultValue that of the kind
   */
  stopField?: "stop_reason" | "matched_stop" | "none" | undefined;
  /**
   * Which text is held back while it may become a stop string. `all`: as much as the longest stop string could take, up
   * to the end (vLLM). `partial`: what looks like the beginning of one (SGLang, llama.cpp). @defaultValue that of the
   * kind
   */
  holdBack?: "all" | "partial" | "none" | undefined;
  /** How many tokens come after a stop string in the same step. vLLM returns their ids too. @defaultValue 0 */
  tokensPastStop?: number | undefined;
  /**
   * Whether a stream returns the ids of tokens that end inside a character. llama.cpp does not, so a client that relies
   * on them sends a wrong prefix. @defaultValue false on llama.cpp, else true
   */
  tellsHalfCharacters?: boolean | undefined;
  /** Whether the stream of llama.cpp has a part without text for the token that ends a sequence. @defaultValue true */
  tellsEnd?: boolean | undefined;
  /**
   * When token counts are sent. `asked`: when `stream_options` requests them. `final`: always, in a part of their own.
   * `continuous`: also in every part. `last-part`: in the part that ends the answer. @defaultValue "asked" on vLLM and
   * SGLang, "last-part" on llama.cpp, else "none"
   */
  usage?: "asked" | "none" | "final" | "continuous" | "last-part" | undefined;

  /** Tokens in one part of an answer. A loaded server sends more than one. @defaultValue 1 */
  tokensPerChunk?: number | undefined;
  /** Tokens that are sent together after the first one, unless the call requests more. @defaultValue 1 */
  streamInterval?: number | undefined;
  /** When a stream's headers are sent. @defaultValue "at-once" on vLLM, "first-token" on SGLang and llama.cpp */
  headers?: "at-once" | "first-token" | undefined;
  /** Whether a stream ends with `[DONE]`. @defaultValue true, except on llama.cpp's own route, which has none */
  done?: boolean | undefined;
  /** Whether there are comment lines between the parts. @defaultValue false */
  comments?: boolean | undefined;
  /** The line ends of events. @defaultValue "\n" */
  lineEnd?: "\n" | "\r\n" | undefined;
  /** Bytes written to the network at once. @defaultValue a whole part */
  bytesPerWrite?: number | undefined;
  /** Time between two parts, in milliseconds. @defaultValue 0 */
  chunkDelayMs?: number | undefined;
  /** Waits that many milliseconds, for tests that control the time. @defaultValue a timer */
  sleep?: ((ms: number) => Promise<void>) | undefined;

  /**
   * What happens when a client hangs up. `abort`: the call ends. `run-on`: it runs to its end, unless it is ended by
   * name, as on several versions of SGLang from 0.5.14 to 0.5.18. @defaultValue "abort"
   */
  onDisconnect?: "abort" | "run-on" | undefined;

  /**
   * Length of the prefix cache's blocks, in tokens; 528 and more on hybrid models. 0: no cache.
   *
   * @defaultValue 16 on vLLM; on llama.cpp each slot remembers what it ran last; else 1
   */
  cacheBlock?: number | undefined;
  /** Whether answers report cached prompt tokens. @defaultValue true */
  cacheReport?: boolean | undefined;
  /** When generated tokens are in the cache. @defaultValue "at-once" on vLLM, else "call-over" */
  cacheOutput?: "at-once" | "call-over" | undefined;
  /** Number of slots of llama.cpp. Further calls wait. @defaultValue 4 */
  slots?: number | undefined;
  /**
   * Number of engines behind one address, each with a cache of its own. The header `X-Session-ID` chooses the engine of
   * a call; without it, the engines take turns. @defaultValue 1
   */
  replicas?: number | undefined;
}
