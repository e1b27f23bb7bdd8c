import type { LlamaGrammarEvaluationState, LlamaModel } from "node-llama-cpp";
import { ThreadweaverError } from "../errors.ts";
import { abortedError } from "../engine/abort.ts";
import type { CompletionEvent, CompletionRequest, Engine, EngineWarning } from "../engine/engine.ts";
import { createPieceDecoder } from "../engine/wire/piece-decoder.ts";
import { warningOfCost, type BatchCost } from "./batch-cost.ts";
import { Call } from "./call.ts";
import { grammarState } from "./grammar.ts";
import type { KvSequence } from "./kv-sequence.ts";
import { batchTokens } from "./load.ts";
import type { Gpu } from "./options.ts";
import { samplingDefaults } from "./sampling.ts";
import { Scheduler } from "./scheduler.ts";
import { createTokenizer } from "./tokenizer.ts";
import type { LlamaTokenizer } from "./tokenizer.ts";

/** The engine that `llamaEngine` returns. */
export interface LlamaEngine extends Engine, AsyncDisposable {
  /** Threads of the processor that evaluate. */
  readonly threads: number;
  /** The kind of GPU that evaluates; `false`: the processor alone. */
  readonly gpu: Exclude<Gpu, "auto">;
  /**
   * How long a step for four calls takes, relative to a step for one, as measured when the engine was loaded: from 1 (no
   * longer) to 4 (as long as four steps). From about 2.5 on, threads save steps and no time; `warnings` says so, unless steps are very short.
   * Undefined with fewer than four `sequences`.
   */
  readonly batchCost: number | undefined;
}

/** What an engine is made of. */
export interface LlamaParts {
  readonly model: LlamaModel;
  readonly sequences: readonly KvSequence[];
  readonly contextTokens: number;
  readonly threads: number;
  readonly batchCost: BatchCost | undefined;
  /** Releases all of it. */
  readonly dispose: () => Promise<void>;
}

export class LoadedEngine implements LlamaEngine {
  readonly name = "llama";
  readonly samplingDefaults = samplingDefaults;
  readonly model: string;
  readonly contextTokens: number;
  readonly parallelCalls: number;
  readonly threads: number;
  readonly gpu: LlamaEngine["gpu"];
  readonly batchCost: number | undefined;
  readonly warnings: readonly EngineWarning[];
  readonly tokenizer: LlamaTokenizer;
  readonly #model: LlamaModel;
  readonly #scheduler: Scheduler;
  readonly #dispose: () => Promise<void>;
  #closing: Promise<void> | undefined;

  constructor({ model, sequences, contextTokens, threads, batchCost, dispose }: LlamaParts) {
    this.model = model.filename ?? "unknown";
    this.contextTokens = contextTokens;
    this.parallelCalls = sequences.length;
    this.threads = threads;
    this.gpu = model.llama.gpu;
    this.batchCost = batchCost?.cost;
    this.warnings = [warningOfCost(this.model, batchCost)].filter((warning) => warning !== undefined);
    this.tokenizer = createTokenizer(model);
    this.#scheduler = new Scheduler(sequences, Math.max(batchTokens, sequences.length));
    this.#model = model;
    this.#dispose = dispose;
  }

  async *complete(request: CompletionRequest): AsyncGenerator<CompletionEvent, void, undefined> {
    if (this.#closing !== undefined) {
      throw new ThreadweaverError("closed", "The llama engine was closed. Create a new one.");
    }
    const { signal } = request;
    if (signal.aborted) throw abortedError(signal);
    const { constraint } = request;
    const grammar = constraint === undefined ? undefined : await grammarState(this.#model, constraint.gbnf);
    const call = this.#createCall(request, grammar);
    const abort = (): void => call.fail(abortedError(signal));
    signal.addEventListener("abort", abort, { once: true });
    try {
      this.#scheduler.submit(call);
      yield* call.events.read();
    } finally {
      signal.removeEventListener("abort", abort);
      call.abandon();
    }
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #createCall(request: CompletionRequest, grammar: LlamaGrammarEvaluationState | undefined): Call {
    const { decodeRun, isSilent } = this.tokenizer;
    return new Call(request, createPieceDecoder(decodeRun, isSilent), this, grammar);
  }

  async #close(): Promise<void> {
    await this.#scheduler.stop(new ThreadweaverError("aborted", "The llama engine was closed while this call ran."));
    await this.#dispose();
  }
}
