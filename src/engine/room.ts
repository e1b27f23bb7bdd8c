import { ThreadweaverError } from "../errors.ts";
import type { Engine } from "./engine.ts";

/**
 * Returns how many tokens an engine has room for after a prompt: at least 1.
 *
 * @throws `context_exceeded` where there is no room.
 */
export function roomFor(
  { name, model, contextTokens }: Pick<Engine, "name" | "model" | "contextTokens">,
  promptTokens: number,
): number {
  if (promptTokens < contextTokens) return contextTokens - promptTokens;
  throw new ThreadweaverError(
    "context_exceeded",
    `The prompt has ${promptTokens} tokens, and ${model} (${name}) takes ${contextTokens - 1} at most, since its context of ` +
      `${contextTokens} has to hold the answer too. Shorten the prompt, or run the model with a larger context.`,
  );
}
