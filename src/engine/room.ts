import { ThreadweaverError } from "../errors.ts";
import type { Engine } from "./engine.ts";

/**
 * Returns how many tokens an engine has room for after a prompt: at least 1.
 *
 * @throws `context_exceeded` where there is no room, or where the prompt is longer than the engine accepts.
 */
export function roomFor(
  { name, model, contextTokens, maxPromptTokens }: Pick<Engine, "name" | "model" | "contextTokens" | "maxPromptTokens">,
  promptTokens: number,
): number {
  const longest = Math.min(contextTokens - 1, maxPromptTokens ?? Infinity);
  if (promptTokens <= longest) return contextTokens - promptTokens;
  throw new ThreadweaverError(
    "context_exceeded",
    `The prompt has ${promptTokens} tokens, and ${model} (${name}) takes ${longest} at most, since its context of ` +
      `${contextTokens} has to hold the answer too. Shorten the prompt, or run the model with a larger context.`,
  );
}
