import type { LlamaModel } from "node-llama-cpp";
import { ThreadweaverError } from "../errors.ts";
import { abortedError } from "../engine/abort.ts";
import type { CompletionEvent, CompletionRequest, Engine } from "../engine/engine.ts";
import { parseOptions } from "../engine/parse-options.ts";
import { createPieceDecoder } from "../engine/wire/piece-decoder.ts";
import { Call } from "./call.ts";
import { disposeLlama, loadLlama } from "./library.ts";
import { batchTokens, createContext, findGguf, loadModel } from "./load.ts";
import { llamaEngineOptions } from "./options.ts";
import type { LlamaEngineOptions } from "./options.ts";
import { samplingDefaults } from "./sampling.ts";
import { Scheduler } from "./scheduler.ts";
import { KvSequence } from "./kv-sequence.ts";
import { createTokenizer } from "./tokenizer.ts";
import type { LlamaTokenizer } from "./tokenizer.ts";

/**
 * Runs a GGUF model in this process, through the optional package `node-llama-cpp`, on the CPU.
 *
 * Calls that run at once are evaluated together, and no prefix is evaluated twice: the threads of a fork begin with
 * copies of their common prefix. With one seed, the tokens of a call depend only on the prompt and the sampling, as far
 * as llama.cpp's arithmetic does not depend on the batch. `topP` is applied before the temperature here, as llama.cpp
 * does. vLLM applies it after the temperature.
 *
 * @throws `missing_dependency` without node-llama-cpp; `invalid_option` for options that cannot be used; `file` when
 * there is no such GGUF file; `engine_unavailable` when llama.cpp or the model cannot be loaded.
 */
export async function llamaEngine(options: LlamaEngineOptions): Promise<Engine & AsyncDisposable> {
  const { model: given, ...rest } = parseOptions("llamaEngine", llamaEngineOptions, options);
  const path = await findGguf(given);
  const held: Disposable[] = [];
  try {
    const complaints: string[] = [];
    const onError = (message: string): void => void (complaints.length < 8 && complaints.push(message));
    const llama = await loadLlama(rest.threads ?? 1, onError);
    hold(held, { dispose: () => disposeLlama(llama) });
    const model = hold(held, await loadModel(llama, path, complaints));
    const { context, contextTokens, sequences } = await createContext(model, rest);
    hold(held, context);
    const kvSequences = Array.from({ length: sequences }, () => new KvSequence(context));
    return new LlamaEngine(model, contextTokens, kvSequences, () => disposeAll(held));
  } catch (error) {
    await disposeAll(held);
    throw error;
  }
}

interface Disposable {
  dispose(): Promise<void>;
}

function hold<T extends Disposable>(held: Disposable[], resource: T): T {
  held.push(resource);
  return resource;
}

/** Disposes in reverse order, since later resources depend on earlier ones. */
async function disposeAll(held: Disposable[]): Promise<void> {
  for (const resource of held.splice(0).toReversed()) await resource.dispose();
}

class LlamaEngine implements Engine, AsyncDisposable {
  readonly name = "llama";
  readonly samplingDefaults = samplingDefaults;
  readonly model: string;
  readonly contextTokens: number;
  readonly parallelCalls: number;
  readonly tokenizer: LlamaTokenizer;
  readonly #scheduler: Scheduler;
  readonly #dispose: () => Promise<void>;
  #closing: Promise<void> | undefined;

  constructor(
    model: LlamaModel,
    contextTokens: number,
    sequences: readonly KvSequence[],
    dispose: () => Promise<void>,
  ) {
    this.model = model.filename ?? "unknown";
    this.contextTokens = contextTokens;
    this.parallelCalls = sequences.length;
    this.tokenizer = createTokenizer(model);
    this.#scheduler = new Scheduler(sequences, Math.max(batchTokens, sequences.length));
    this.#dispose = dispose;
  }

  async *complete(request: CompletionRequest): AsyncGenerator<CompletionEvent, void, undefined> {
    if (this.#closing !== undefined) {
      throw new ThreadweaverError("closed", "The llama engine was closed. Create a new one.");
    }
    const { signal } = request;
    if (signal.aborted) throw abortedError(signal);
    const call = this.#createCall(request);
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

  #createCall(request: CompletionRequest): Call {
    const { decodeRun, isSilent } = this.tokenizer;
    return new Call(request, createPieceDecoder(decodeRun, isSilent), this);
  }

  async #close(): Promise<void> {
    await this.#scheduler.stop(new ThreadweaverError("aborted", "The llama engine was closed while this call ran."));
    await this.#dispose();
  }
}
