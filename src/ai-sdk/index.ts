/**
 * A language model for the AI SDK (`ai` 7): `generateText` and `streamText` run a model with its threads side by side, and
 * each thread is a reasoning part of its own (docs/ai-sdk.md). It needs the package `@ai-sdk/provider`, which `ai` brings.
 *
 * @packageDocumentation
 */
export { createLanguageModel, type LanguageModelOptions } from "./language-model.ts";
export type { PartMetadata, RunMetadata } from "./metadata.ts";
export type { ThreadweaverProviderOptions } from "./provider-options.ts";
export type { ThreadInfo } from "../run/thread-info.ts";
