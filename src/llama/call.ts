import type { LlamaGrammarEvaluationState } from "node-llama-cpp";
import type { Piece } from "../core/trie/piece.ts";
import type { CompletionEvent, CompletionRequest, Engine } from "../engine/engine.ts";
import { checkRequest } from "../engine/request-check.ts";
import { roomFor } from "../engine/room.ts";
import type { PieceDecoder } from "../engine/wire/piece-decoder.ts";
import { TokenDetails } from "../engine/wire/token-details.ts";
import { ThreadweaverError } from "../errors.ts";
import { EventQueue } from "./event-queue.ts";
import type { SampledToken, Sample } from "./kv-sequence.ts";
import { samplingOptions } from "./sampling.ts";

/** What a call needs to know about its engine. */
export interface CallEngine extends Pick<Engine, "name" | "model" | "contextTokens"> {
  readonly tokenizer: {
    readonly vocabularySize: number;
    /** Ids that end every call: end of sequence, end of turn. */
    readonly eos: readonly number[];
  };
}

/** One completion: its tokens so far, whether it is over, and the events for its reader. */
export class Call {
  /** The prompt and what was generated. */
  readonly tokens: number[];
  readonly promptLength: number;
  readonly events: EventQueue = new EventQueue();
  /** Prompt tokens that the call's sequence already held. Set when the call gets a sequence. */
  cachedTokens = 0;
  /** Whether the call is over, because it ended, failed or was abandoned. It then needs no more tokens. */
  done = false;
  readonly #request: CompletionRequest;
  readonly #decoder: PieceDecoder;
  readonly #details: TokenDetails;
  /** How many likely tokens are requested at each place. Undefined: no log-probabilities at all. */
  readonly #top: number | undefined;
  readonly #stops: ReadonlySet<number>;
  readonly #seen: Set<number>;
  readonly #seed: number;
  readonly #room: number;
  readonly #grammar: LlamaGrammarEvaluationState | undefined;

  /** @throws `invalid_prompt`, `invalid_option` or `context_exceeded` for requests that can never run. */
  constructor(
    request: CompletionRequest,
    decoder: PieceDecoder,
    engine: CallEngine,
    grammar?: LlamaGrammarEvaluationState,
  ) {
    checkRequest(request);
    checkIds(request.prompt, engine.tokenizer.vocabularySize);
    const { logprobs = false } = request;
    this.#room = roomFor(engine, request.prompt.length);
    this.tokens = [...request.prompt];
    this.promptLength = request.prompt.length;
    this.#request = request;
    this.#decoder = decoder;
    this.#grammar = grammar;
    this.#details = new TokenDetails(logprobs !== false);
    this.#top = typeof logprobs === "object" ? logprobs.top : logprobs ? 0 : undefined;
    this.#stops = new Set([...request.stop.ids, ...engine.tokenizer.eos]);
    this.#seen = new Set(request.prompt);
    this.#seed = request.sampling.seed ?? Math.floor(Math.random() * 2 ** 32);
    if (request.held !== undefined) this.#takeHeld(request.held);
  }

  /** How to choose the token after all of `tokens`. */
  nextSample(): Sample {
    const options = samplingOptions(this.#request.sampling, this.#seed, this.#generated, this.#seen);
    const grammar = this.#grammar;
    return {
      options: grammar === undefined ? options : { ...options, grammarEvaluationState: grammar },
      top: this.#top,
    };
  }

  /** Takes the next token, which may be the last. */
  accept({ id, logprob, topLogprobs }: SampledToken): void {
    if (this.done) return;
    this.tokens.push(id);
    this.#seen.add(id);
    this.#details.add([id], logprob === undefined ? undefined : [logprob], topLogprobs && [topLogprobs]);
    const reason = this.#endingAt(id);
    // The token that ended the call is a piece of its own, even if it could complete a character.
    if (reason === "stop") this.#flush();
    this.events.push(this.#details.attach(this.#decoder.push(id)));
    if (reason === undefined) return;
    this.#flush();
    this.done = true;
    this.events.end({ type: "end", reason, cachedTokens: this.cachedTokens, completionTokens: this.#generated });
  }

  /**
   * Ends the call with an error. The reader first gets the pieces that came before it, and what is known of the tokens
   * that are no pieces, unless it has aborted the call itself.
   */
  fail(error: ThreadweaverError): void {
    const [held] = this.done || error.code === "aborted" ? [] : this.#details.attach(this.#decoder.flush());
    this.done = true;
    this.events.fail(error, held === undefined ? undefined : { type: "broken", held });
  }

  /** Ends the call, because its reader has left. */
  abandon(): void {
    this.done = true;
  }

  get #generated(): number {
    return this.tokens.length - this.promptLength;
  }

  /** Begins with what an earlier call generated last, and made no pieces of. */
  #takeHeld({ ids = [], logprobs, topLogprobs }: Piece): void {
    this.#details.add(ids, logprobs, topLogprobs);
    for (const id of ids) this.events.push(this.#details.attach(this.#decoder.push(id)));
  }

  #flush(): void {
    this.events.push(this.#details.attach(this.#decoder.flush()));
  }

  #endingAt(id: number): (CompletionEvent & { type: "end" })["reason"] | undefined {
    if (this.#stops.has(id)) return "stop";
    if (this.#generated >= this.#request.maxTokens) return "length";
    return this.#generated >= this.#room ? "context" : undefined;
  }
}

function checkIds(prompt: readonly number[], vocabularySize: number): void {
  const alien = prompt.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabularySize);
  if (alien === undefined) return;
  throw new ThreadweaverError(
    "invalid_prompt",
    `The prompt holds ${alien}, which is not a token id of this model: ids go from 0 to ${vocabularySize - 1}.`,
  );
}
