import type { LlamaModel } from "node-llama-cpp";
import { ThreadweaverError } from "../errors.ts";
import { abortedError } from "../engine/abort.ts";
import { parseOptions } from "../engine/parse-options.ts";
import { measureBatchCost } from "./batch-cost.ts";
import { LoadedEngine } from "./engine.ts";
import type { LlamaEngine } from "./engine.ts";
import { KvSequence } from "./kv-sequence.ts";
import { loadLlama } from "./library.ts";
import { createContext, findGguf, loadModel } from "./load.ts";
import { llamaEngineOptions } from "./options.ts";
import type { LlamaEngineOptions } from "./options.ts";
import { Progress } from "./progress.ts";

/**
 * Runs a GGUF model in this process, through the optional package `node-llama-cpp`.
 *
 * Calls that run at once are evaluated together, and no prefix is evaluated twice: the threads of a fork begin with
 * copies of their common prefix. With one seed, the tokens of a call depend only on the prompt and the sampling, as far
 * as llama.cpp's arithmetic does not depend on the batch. `topP` is applied before the temperature here, as llama.cpp
 * does. vLLM applies it after the temperature.
 *
 * @throws `missing_dependency` without node-llama-cpp; `invalid_option` for options that cannot be used; `file` when
 * there is no such GGUF file; `engine_unavailable` when llama.cpp or the model cannot be loaded; `aborted` after
 * `signal`.
 */
export async function llamaEngine(options: LlamaEngineOptions): Promise<LlamaEngine> {
  const checked = parseOptions("llamaEngine", llamaEngineOptions, options);
  const { signal } = checked;
  if (signal?.aborted === true) throw abortedError(signal);
  const opening = open(checked);
  return signal === undefined ? opening : unlessAborted(opening, signal);
}

/** The signal ends the waiting at once. llama.cpp stops where it can, and what it has loaded until then is released. */
function unlessAborted(opening: Promise<LlamaEngine>, signal: AbortSignal): Promise<LlamaEngine> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(abortedError(signal));
      opening.then(
        (engine) => engine.close(),
        () => {},
      );
    };
    signal.addEventListener("abort", onAbort, { once: true });
    const settle = (): void => signal.removeEventListener("abort", onAbort);
    opening.finally(settle).then(resolve, reject);
  });
}

async function open(options: LlamaEngineOptions): Promise<LlamaEngine> {
  const { signal, gpu = false } = options;
  const progress = new Progress(options);
  const path = await findGguf(options.model);
  const llama = await loadLlama(gpu);
  const held: Disposable[] = [];
  const dispose = (): Promise<void> => disposeAll(held);
  try {
    const model = hold(held, await loadModel(llama, path, { progress, signal }));
    const { context, sequences: count, ...made } = await createContext(model, options);
    hold(held, context);
    const sequences = Array.from({ length: count }, () => new KvSequence(context));
    const now = (): number => performance.now();
    const batchCost = await measureBatchCost(sequences, { now, signal }).catch(cannotEvaluate(model));
    progress.end();
    return new LoadedEngine({ ...made, model, sequences, batchCost, dispose });
  } catch (error) {
    await dispose();
    throw error;
  }
}

function cannotEvaluate({ filename }: LlamaModel) {
  return (cause: unknown): never => {
    if (ThreadweaverError.isInstance(cause)) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ThreadweaverError("engine_unavailable", `llama.cpp cannot evaluate ${filename}: ${why}`, { cause });
  };
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
