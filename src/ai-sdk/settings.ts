import type { LanguageModelV4CallOptions, SharedV4Warning } from "@ai-sdk/provider";
import type { RunOptions } from "../run/options.ts";

/** The SDK's settings of one call, as options of a run. */
export function settingsOf(call: LanguageModelV4CallOptions): RunOptions {
  const settings = {
    maxTokens: call.maxOutputTokens,
    temperature: call.temperature,
    topP: call.topP,
    topK: call.topK,
    seed: call.seed,
    stop: call.stopSequences,
    signal: call.abortSignal,
    headers: call.headers && definedOf(call.headers),
  };
  return definedOf(settings);
}

/** Without what is undefined, which would take the place of something. */
function definedOf<V>(values: Readonly<Record<string, V | undefined>>): Record<string, V> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, V] => entry[1] !== undefined));
}

/** What a call asks for that there is not: it goes on without that. */
export function unsupportedIn(call: LanguageModelV4CallOptions): SharedV4Warning[] {
  const { tools = [], toolChoice, responseFormat, reasoning = "provider-default" } = call;
  const warnings: SharedV4Warning[] = [];
  const warn = (feature: string, details: string): void =>
    void warnings.push({ type: "unsupported", feature, details });
  if (call.presencePenalty !== undefined) warn("presencePenalty", "Use repetitionPenalty of the provider options.");
  if (call.frequencyPenalty !== undefined) warn("frequencyPenalty", "Use repetitionPenalty of the provider options.");
  if (tools.length > 0) warn("tools", "The model is not told about them: a run has threads, and no tool calls.");
  if (tools.length > 0 && toolChoice !== undefined && toolChoice.type !== "auto")
    warn("toolChoice", "There are no tools.");
  if (responseFormat?.type === "json")
    warn("responseFormat", "Ask for JSON in the prompt: nothing makes the model keep to it.");
  if (reasoning !== "provider-default") {
    warn("reasoning", "How much a model thinks is up to its template: see templateOptions of the provider options.");
  }
  return warnings;
}
