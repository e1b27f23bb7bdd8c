/**
 * The embedded engine, which runs a GGUF model in this process. Needs the package `node-llama-cpp`.
 *
 * @packageDocumentation
 */
export { bundledModel } from "./bundled-model.ts";
export { llamaEngine } from "./engine.ts";
export type { LlamaEngineOptions } from "./options.ts";
