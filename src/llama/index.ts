export { bundledModel } from "./bundled-model.ts";
export { llamaEngine } from "./engine.ts";
export type { LlamaEngineOptions } from "./options.ts";
