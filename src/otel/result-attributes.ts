import type { Attributes } from "@opentelemetry/api";
import type { RunSummary } from "../run/result.ts";
import { attribute } from "./names.ts";

/** What a run came to, as attributes of its span. */
export function resultAttributes(result: RunSummary): Attributes {
  const { usage, tokens, ending, finishReason, complete, accelerationRatio, threads, retries } = result;
  return {
    [attribute.inputTokens]: usage.inputTokens,
    [attribute.outputTokens]: usage.outputTokens,
    [attribute.cachedTokens]: usage.cachedInputTokens,
    [attribute.finishReasons]: [finishReason],
    [attribute.ending]: ending.kind,
    [attribute.complete]: complete,
    [attribute.criticalPath]: tokens.criticalPath,
    [attribute.generated]: tokens.generated,
    [attribute.wasted]: tokens.wasted,
    [attribute.accelerationRatio]: accelerationRatio,
    [attribute.threads]: threads.length,
    [attribute.retries]: retries,
  };
}
