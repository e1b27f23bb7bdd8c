import { open } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Llama, LlamaContext, LlamaModel } from "node-llama-cpp";
import { abortedError } from "../engine/abort.ts";
import { ThreadweaverError } from "../errors.ts";
import { inTurn } from "./log.ts";
import type { LlamaEngineOptions } from "./options.ts";
import type { Progress } from "./progress.ts";

/** Most tokens that one batch evaluates. The rest of a longer prompt waits for the next turn. */
export const batchTokens = 512;

const defaultContextTokens = 4096;
const defaultSequences = 8;

/**
 * Checks that a file begins as every GGUF file does. Returns its absolute path. @throws `file` when there is no such
 * file.
 */
export async function findGguf(relative: string): Promise<string> {
  const path = resolve(relative);
  const magic = Buffer.alloc(4);
  try {
    const file = await open(path);
    await file.read(magic).finally(() => file.close());
  } catch (cause) {
    throw new ThreadweaverError("file", `Cannot read the model file ${path}: ${messageOf(cause)}`, { cause });
  }
  if (magic.toString("latin1") !== "GGUF") {
    throw new ThreadweaverError("file", `${path} is not a GGUF file. Give the path of a model in that format.`);
  }
  return path;
}

/**
 * Loads a model.
 *
 * @throws `engine_unavailable` when llama.cpp refuses the file, `aborted` after the signal.
 */
export function loadModel(
  llama: Llama,
  modelPath: string,
  { progress, signal }: { progress: Progress; signal: AbortSignal | undefined },
): Promise<LlamaModel> {
  return inTurn(async (complaints) => {
    try {
      return await llama.loadModel({
        modelPath,
        onLoadProgress: (fraction) => progress.tell(fraction),
        ...(signal && { loadSignal: signal }),
      });
    } catch (cause) {
      if (signal?.aborted === true) throw abortedError(signal);
      await setImmediate(); // what llama.cpp logs arrives a little later
      throw new ThreadweaverError(
        "engine_unavailable",
        `llama.cpp cannot load ${modelPath}: ${complaints[0] ?? messageOf(cause)}. The file may be incomplete, too large ` +
          "for the memory, or of an architecture that this version does not know.",
        { cause },
      );
    }
  });
}

/**
 * Threads for arithmetic: one for each core, and not for each of its hardware threads. One core is left to Node, since
 * threads of llama.cpp that wait for each other spin.
 *
 * @param mathCores cores that are useful for arithmetic, as llama.cpp counts them.
 * @param available what this process may use at once: processor affinity and the limits of a container count.
 */
export function defaultThreads(mathCores: number, available: number = availableParallelism()): number {
  return Math.max(1, Math.min(mathCores, available - 1));
}

/**
 * Makes a model's context.
 *
 * @throws `invalid_option` for a context longer than the model was trained on, `engine_unavailable` when there is not
 * enough memory, `aborted` after the signal.
 */
export async function createContext(
  model: LlamaModel,
  options: Omit<LlamaEngineOptions, "model">,
): Promise<{ context: LlamaContext; contextTokens: number; sequences: number; threads: number }> {
  const { trainContextSize: trained, llama } = model;
  const {
    contextTokens = Math.min(trained, defaultContextTokens),
    sequences = defaultSequences,
    threads = defaultThreads(llama.cpuMathCores),
    signal,
  } = options;
  if (contextTokens > trained) {
    throw new ThreadweaverError(
      "invalid_option",
      `contextTokens is ${contextTokens}, but ${model.filename} was trained on ${trained} tokens.`,
    );
  }
  try {
    const context = await model.createContext({
      sequences,
      contextSize: contextTokens,
      batchSize: batchTokens,
      threads,
      // llama.cpp's flash attention is written for graphics processors; elsewhere it halves the speed of a small model.
      flashAttention: llama.gpu === false ? false : "auto",
      failedCreationRemedy: false,
      ...(signal && { createSignal: signal }),
    });
    return { context, contextTokens, sequences, threads };
  } catch (cause) {
    if (signal?.aborted === true) throw abortedError(signal);
    throw new ThreadweaverError(
      "engine_unavailable",
      `Not enough memory for ${sequences} sequences of ${contextTokens} tokens of ${model.filename}: ${messageOf(cause)}. ` +
        "Lower contextTokens or sequences.",
      { cause },
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
