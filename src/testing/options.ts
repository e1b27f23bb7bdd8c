import type { IncomingHttpHeaders } from "node:http";

/**
 * `sglang-native`: an SGLang of before 0.5.17, whose completions tell no ids. `text`: completions without ids and
 * without a tokenizer. `chat`: nothing but chats.
 */
export type FakeKind = "vllm" | "sglang" | "sglang-native" | "llamacpp" | "text" | "chat";

/**
 * How an answer ends when what the model says is used up: by the end of sequence, or as servers break off. `abort` is a
 * finish reason; `end` a clean end without one; `drop` cuts the connection; `error` is an error event inside HTTP 200;
 * `silence` leaves the connection open.
 */
export type FakeEnding = "eos" | "abort" | "end" | "drop" | "error" | "silence";

export interface FakeAnswer {
  /** What the model says, control strings included. */
  text: string;
  /** @defaultValue "eos" */
  ending?: FakeEnding | undefined;
}

/** A streamed completion that was asked for. */
export interface SeenCall {
  prompt: readonly number[];
  body: Readonly<Record<string, unknown>>;
  headers: IncomingHttpHeaders;
  /** Whether the client hung up before the answer was over. */
  hungUp: boolean;
  /** Whether it was ended by name. */
  aborted: boolean;
}

export interface FakeServerOptions {
  /** @defaultValue "vllm" */
  kind?: FakeKind | undefined;
  /** Goes on from a prompt. `call` counts the streamed completions from 0. */
  model: (prompt: string, call: number) => string | FakeAnswer;
  /** Control strings besides `<s>` and `</s>`; each is one token. @defaultValue the markers of threadweaver */
  controls?: readonly string[] | undefined;
  /** @defaultValue that of the server that was measured */
  version?: string | undefined;
  /** @defaultValue 2048 */
  contextTokens?: number | undefined;
  /** Asked for with every request. */
  apiKey?: string | undefined;
  /** Length of the prefix cache's blocks; 528 and more on hybrid models. 0: no cache. @defaultValue 16 on vLLM, else 1 */
  cacheBlock?: number | undefined;
  /** Whether answers tell what was cached. @defaultValue true */
  cacheReport?: boolean | undefined;
  /** Tokens in one part of an answer: more than one on a loaded server. @defaultValue 1 */
  tokensPerChunk?: number | undefined;
  /** Bytes written to the network at once; undefined: a whole part. */
  bytesPerWrite?: number | undefined;
  /** Milliseconds between two parts. @defaultValue 0 */
  chunkDelayMs?: number | undefined;
  /** Calls at once before the queue is full. @defaultValue no limit */
  maxCalls?: number | undefined;
  /** Comment lines between the parts. @defaultValue false */
  comments?: boolean | undefined;
}
