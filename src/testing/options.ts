import type { IncomingHttpHeaders } from "node:http";

/**
 * `sglang-native`: an SGLang of before 0.5.17, whose completions tell no ids. `text`: completions without ids and
 * without a tokenizer. `chat`: nothing but chats.
 */
export type FakeKind = "vllm" | "sglang" | "sglang-native" | "llamacpp" | "text" | "chat";

/**
 * How an answer ends when what the model says is used up: by the end of sequence, or as servers break off. `abort` is a
 * finish reason; `end` a clean end without one; `drop` cuts the connection; `error` is an error event inside HTTP 200;
 * `silence` leaves the connection open. With an empty text they break off before the first part.
 */
export type FakeEnding = "eos" | "abort" | "end" | "drop" | "error" | "silence";

/** A call that the server will not take. */
export interface FakeRefusal {
  /** HTTP status, such as 429, 500 or 503. */
  status: number;
  /** @defaultValue what the server says when it is busy */
  message?: string | undefined;
  /** Seconds, for a header `Retry-After`. @defaultValue no header */
  retryAfter?: number | undefined;
  /** Whether the body is flat, `{"object":"error","message"}`, or has an `error` in it. @defaultValue as the server writes it */
  flat?: boolean | undefined;
  /** Whether a stream is refused inside HTTP 200, by an event. @defaultValue true on SGLang, else false */
  inStream?: boolean | undefined;
}

export interface FakeAnswer {
  /** What the model says, control strings included. */
  text: string;
  /** The same as token ids, for what text cannot say, such as half a character. @defaultValue those of `text` */
  ids?: readonly number[] | undefined;
  /** One for each token, for calls that ask for them. @defaultValue 0 for each */
  logprobs?: readonly number[] | undefined;
  /** For each token, others that could have come, for calls that ask for those. @defaultValue none */
  topLogprobs?: readonly (readonly { id: number; logprob: number }[])[] | undefined;
  /** @defaultValue "eos" */
  ending?: FakeEnding | undefined;
  /** The call is refused instead, so the text is not said. */
  refusal?: FakeRefusal | undefined;
}

/**
 * What the model says after a prompt. `call` counts the streamed calls from 0, `choice` the answers of one call, which are
 * several where it has several prompts or `n`. A promise holds the first token back until it is kept.
 */
export type FakeModel = (
  prompt: string,
  call: number,
  choice: number,
) => string | FakeAnswer | Promise<string | FakeAnswer>;

/** A completion or a chat that was asked for. */
export interface SeenCall {
  /** Ids of its first prompt, or of its rendered messages. */
  prompt: readonly number[];
  /** Of all its prompts. */
  prompts: readonly (readonly number[])[];
  /** As sent: a chat's messages are in it. */
  body: Readonly<Record<string, unknown>>;
  headers: IncomingHttpHeaders;
  /** Which of the replicas took it. */
  replica: number;
  /** Whether the client hung up before the answer was over. */
  hungUp: boolean;
  /** Whether it was ended by name. */
  aborted: boolean;
}

/** Defaults are those of the server that was measured: vLLM 0.32.0, SGLang 0.5.23; llama.cpp b10573 as its source reads. */
export interface FakeServerOptions {
  /** @defaultValue "vllm" */
  kind?: FakeKind | undefined;
  /** What it says to streamed calls. */
  model: FakeModel;
  /**
   * What it says to calls that are not streamed; `call` counts those. `createEngine` sends some of them before the first
   * run, which a script for runs need not expect. @defaultValue always "a"; on `chat` the model
   */
  unstreamed?: FakeModel | undefined;
  /** Control strings besides `<s>` and `</s>`; each is one token. @defaultValue the markers of threadweaver */
  controls?: readonly string[] | undefined;
  /** Ids besides `</s>` that end a sequence, as a model's `generation_config.json` names them. @defaultValue none */
  moreEos?: readonly number[] | undefined;
  /** @defaultValue that of the server that was measured */
  version?: string | undefined;
  /** Name of the model. @defaultValue "forkjoin-arith" */
  modelName?: string | undefined;
  /** @defaultValue 2048 */
  contextTokens?: number | undefined;
  /** Asked for with every request, on vLLM with those under `/v1` and `/inference`. */
  apiKey?: string | undefined;

  /** Whether chats go on with a last message of the assistant's. @defaultValue false on `chat`, else true */
  continuesChats?: boolean | undefined;
  /** Whether fields that it does not know are a reason to answer 400. @defaultValue "ignored" */
  unknownFields?: "ignored" | "refused" | undefined;
  /** Calls at once before the queue is full. @defaultValue no limit */
  maxCalls?: number | undefined;
  /** How calls are refused while the queue is full. @defaultValue HTTP 503; inside HTTP 200 for streams of SGLang's */
  overload?: Partial<FakeRefusal> | undefined;

  /** The field that tells what ended a call. On vLLM it is null for an end of sequence. @defaultValue that of the kind */
  stopField?: "stop_reason" | "matched_stop" | "none" | undefined;
  /**
   * What of the text waits while it may become a stop string: `all` as much as the longest one could take, to the end (vLLM);
   * `partial` what looks like the beginning of one (SGLang, llama.cpp). @defaultValue that of the kind
   */
  holdBack?: "all" | "partial" | "none" | undefined;
  /** Tokens that come after a stop string in the same step: vLLM tells their ids too. @defaultValue 0 */
  tokensPastStop?: number | undefined;
  /**
   * Whether a stream tells the ids of tokens that end inside a character. llama.cpp does not: a client that counts on them
   * sends a wrong prefix. @defaultValue false on llama.cpp, else true
   */
  tellsHalfCharacters?: boolean | undefined;
  /** Whether llama.cpp's stream has a part, without text, for the token that ends a sequence. @defaultValue true */
  tellsEnd?: boolean | undefined;
  /**
   * `asked`: by `stream_options`; `final`: always, in a part of its own; `continuous`: in every part too; `last-part`: on the part
   * that ends the answer. @defaultValue "asked" on vLLM and SGLang, "last-part" on llama.cpp, else "none"
   */
  usage?: "asked" | "none" | "final" | "continuous" | "last-part" | undefined;

  /** Tokens in one part of an answer: more than one on a loaded server. @defaultValue 1 */
  tokensPerChunk?: number | undefined;
  /** Tokens that are sent together after the first, unless the call asks for more. @defaultValue 1 */
  streamInterval?: number | undefined;
  /** When a stream's headers are sent. @defaultValue "at-once" on vLLM, "first-token" on SGLang and llama.cpp */
  headers?: "at-once" | "first-token" | undefined;
  /** Whether a stream ends with `[DONE]`. @defaultValue true, but on llama.cpp's own route, which has none */
  done?: boolean | undefined;
  /** Comment lines between the parts. @defaultValue false */
  comments?: boolean | undefined;
  /** @defaultValue "\n" */
  lineEnd?: "\n" | "\r\n" | undefined;
  /** Bytes written to the network at once; undefined: a whole part. */
  bytesPerWrite?: number | undefined;
  /** Milliseconds between two parts. @defaultValue 0 */
  chunkDelayMs?: number | undefined;
  /** Waits that many milliseconds, for tests with a clock of their own. @defaultValue a timer */
  sleep?: ((ms: number) => Promise<void>) | undefined;

  /**
   * `abort`: a call ends when its client hangs up. `run-on`: it runs to its end, unless it is ended by name, as on several
   * versions of SGLang from 0.5.14 to 0.5.18. @defaultValue "abort"
   */
  onDisconnect?: "abort" | "run-on" | undefined;

  /**
   * Length of the prefix cache's blocks; 528 and more on hybrid models. 0: no cache.
   * @defaultValue 16 on vLLM; on llama.cpp each slot remembers what it ran last; else 1
   */
  cacheBlock?: number | undefined;
  /** Whether answers tell what was cached. @defaultValue true */
  cacheReport?: boolean | undefined;
  /** When generated tokens can be hit. @defaultValue "at-once" on vLLM, else "call-over" */
  cacheOutput?: "at-once" | "call-over" | undefined;
  /** Slots of llama.cpp: calls beyond them wait. @defaultValue 4 */
  slots?: number | undefined;
  /**
   * Engines behind one address, each with a cache of its own. A call goes where its header `X-Session-ID` leads, or, without one, to
   * the next in turn. @defaultValue 1
   */
  replicas?: number | undefined;
}
