/**
 * The embedded engine, which runs a GGUF model in this process. Needs the package `node-llama-cpp`.
 *
 * @packageDocumentation
 */
export { bundledModel } from "./bundled-model.ts";
export type { LlamaEngine } from "./engine.ts";
export { llamaEngine } from "./open.ts";
export type { Gpu, LlamaEngineOptions } from "./options.ts";
