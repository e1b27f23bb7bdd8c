import {
  AISDKError,
  APICallError,
  InvalidArgumentError,
  InvalidPromptError,
  type LanguageModelV4Prompt,
} from "@ai-sdk/provider";
import type { Engine } from "../engine/engine.ts";
import { ThreadweaverError } from "../errors.ts";

/**
 * An error as the SDK has it, with ours as its cause. None is retryable for the SDK: the run has tried again what can be
 * tried again. What was aborted stays as it is, since the SDK knows it by its name.
 */
export function errorFor(error: unknown, engine: Engine, prompt: LanguageModelV4Prompt): unknown {
  if (AISDKError.isInstance(error) || !ThreadweaverError.isInstance(error)) return error;
  const { code, message, status, requestId, waitedFor } = error;
  const known = { message, cause: error };
  switch (code) {
    case "aborted":
      return error;
    case "invalid_prompt":
    case "context_exceeded":
      return new InvalidPromptError({ ...known, prompt });
    case "invalid_option":
    case "invalid_dialect":
      return new InvalidArgumentError({
        ...known,
        argument: /^Invalid options for run: (\w+)/.exec(message)?.[1] ?? "options",
      });
    case "engine_unavailable":
    case "engine_refused":
    case "engine_failed":
    case "timeout":
      // The caller's own time was up.
      if (code === "timeout" && waitedFor === undefined) return error;
      return new APICallError({
        ...known,
        url: engine.name,
        requestBodyValues: { model: engine.model },
        isRetryable: false,
        ...(status !== undefined && { statusCode: status }),
        ...(requestId !== undefined && { responseHeaders: { "x-request-id": requestId } }),
      });
    default:
      return new AISDKError({ ...known, name: `AI_Threadweaver_${code}` });
  }
}
