import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Llama, LlamaContext, LlamaModel } from "node-llama-cpp";
import { ThreadweaverError } from "../errors.ts";
import type { LlamaEngineOptions } from "./options.ts";

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
 * @param complaints the errors that llama.cpp logs while it loads.
 * @throws `engine_unavailable` when llama.cpp refuses the file.
 */
export async function loadModel(llama: Llama, modelPath: string, complaints: readonly string[]): Promise<LlamaModel> {
  try {
    return await llama.loadModel({ modelPath });
  } catch (cause) {
    await setImmediate(); // what llama.cpp logs arrives a little later
    throw new ThreadweaverError(
      "engine_unavailable",
      `llama.cpp cannot load ${modelPath}: ${complaints[0] ?? messageOf(cause)}. The file may be incomplete, too large ` +
        "for the memory, or of an architecture that this version does not know.",
      { cause },
    );
  }
}

/**
 * Makes a model's context.
 *
 * @throws `invalid_option` for a context longer than the model was trained on, `engine_unavailable` when there is not
 * enough memory.
 */
export async function createContext(
  model: LlamaModel,
  options: Omit<LlamaEngineOptions, "model">,
): Promise<{ context: LlamaContext; contextTokens: number; sequences: number }> {
  const trained = model.trainContextSize;
  const {
    contextTokens = Math.min(trained, defaultContextTokens),
    sequences = defaultSequences,
    threads = 1,
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
      // llama.cpp's flash attention is written for graphics processors; here it halves the speed of a small model.
      flashAttention: false,
      failedCreationRemedy: false,
    });
    return { context, contextTokens, sequences };
  } catch (cause) {
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
