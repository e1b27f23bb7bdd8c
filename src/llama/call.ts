import { ThreadweaverError } from "../errors.ts";
import type { CompletionEvent, CompletionRequest } from "../engine/engine.ts";
import type { PieceDecoder } from "../engine/wire/piece-decoder.ts";
import { EventQueue } from "./event-queue.ts";
import { samplingOptions } from "./sampling.ts";
import type { SequenceEvaluateOptions } from "node-llama-cpp";

export interface CallLimits {
  contextTokens: number;
  vocabularySize: number;
  /** Ids that end every call: end of sequence, end of turn. */
  eos: readonly number[];
}

/** One completion: its tokens so far, when it is over, and the events its reader gets. */
export class Call {
  /** The prompt and what was generated. */
  readonly tokens: number[];
  readonly promptLength: number;
  readonly events: EventQueue = new EventQueue();
  /** Prompt tokens that were taken over from a sequence; set when the call gets one. */
  cachedTokens = 0;
  /** Over, whether it ended, failed or was given up: needs no more tokens. */
  done = false;
  readonly #request: CompletionRequest;
  readonly #decoder: PieceDecoder;
  readonly #stops: ReadonlySet<number>;
  readonly #seen: Set<number>;
  readonly #seed: number;
  readonly #room: number;

  /** @throws `invalid_prompt`, `invalid_option` or `context_exceeded`: requests that can never run. */
  constructor(request: CompletionRequest, decoder: PieceDecoder, limits: CallLimits) {
    checkRequest(request, limits);
    this.tokens = [...request.prompt];
    this.promptLength = request.prompt.length;
    this.#request = request;
    this.#decoder = decoder;
    this.#stops = new Set([...request.stop.ids, ...limits.eos]);
    this.#seen = new Set(request.prompt);
    this.#seed = request.sampling.seed ?? Math.floor(Math.random() * 2 ** 32);
    this.#room = limits.contextTokens - request.prompt.length;
  }

  /** How the token after all of `tokens` is to be chosen. */
  nextSampling(): SequenceEvaluateOptions {
    return samplingOptions(this.#request.sampling, this.#seed, this.#generated, this.#seen);
  }

  /** Takes the next token, which may be the last. */
  accept(id: number): void {
    if (this.done) return;
    this.tokens.push(id);
    this.#seen.add(id);
    this.events.push(this.#decoder.push(id));
    const reason = this.#endingAt(id);
    if (reason === undefined) return;
    this.events.push(this.#decoder.flush());
    this.done = true;
    this.events.end({ type: "end", reason, cachedTokens: this.cachedTokens });
  }

  fail(error: ThreadweaverError): void {
    this.done = true;
    this.events.fail(error);
  }

  /** Nobody reads on. */
  abandon(): void {
    this.done = true;
  }

  get #generated(): number {
    return this.tokens.length - this.promptLength;
  }

  #endingAt(id: number): (CompletionEvent & { type: "end" })["reason"] | undefined {
    if (this.#stops.has(id)) return "stop";
    if (this.#generated >= this.#request.maxTokens) return "length";
    return this.#generated >= this.#room ? "context" : undefined;
  }
}

function checkRequest({ prompt, maxTokens }: CompletionRequest, { contextTokens, vocabularySize }: CallLimits): void {
  if (prompt.length === 0) throw new ThreadweaverError("invalid_prompt", "The prompt has no tokens.");
  const alien = prompt.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabularySize);
  if (alien !== undefined) {
    throw new ThreadweaverError(
      "invalid_prompt",
      `The prompt holds ${alien}, which is no token id of this model: ids go from 0 to ${vocabularySize - 1}.`,
    );
  }
  if (!(maxTokens >= 1)) throw new ThreadweaverError("invalid_option", `maxTokens is ${maxTokens}; it is at least 1.`);
  if (prompt.length >= contextTokens) {
    throw new ThreadweaverError(
      "context_exceeded",
      `The prompt has ${prompt.length} tokens, which leaves no room for one more in the context of ${contextTokens}.`,
    );
  }
}
