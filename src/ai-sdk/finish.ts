import type { LanguageModelV4FinishReason, LanguageModelV4StreamPart, LanguageModelV4Usage } from "@ai-sdk/provider";
import type { FinishReason } from "../core/machine/ending.ts";
import type { RunResult } from "../run/result.ts";
import { metadataOf, underOurName } from "./metadata.ts";

export type Finish = Extract<LanguageModelV4StreamPart, { type: "finish" }>;

const reasons: Readonly<Record<FinishReason, LanguageModelV4FinishReason["unified"]>> = {
  stop: "stop",
  length: "length",
  "content-filter": "content-filter",
  // A policy or a limit of the dialect's cut main.
  abort: "other",
  error: "error",
};

/** What the SDK is told last: of a run that failed, with what it had made. */
export function finishOf(result: RunResult): Finish {
  const { ending, finishReason } = result;
  const raw = "limit" in ending ? `${ending.kind}: ${ending.limit}` : ending.kind;
  return {
    type: "finish",
    finishReason: { unified: reasons[finishReason], raw },
    usage: usageOf(result),
    providerMetadata: underOurName(metadataOf(result)),
  };
}

/** What the run used, over all of its calls. It does not say how many of main's tokens are thinking. */
function usageOf({ usage, tokens }: RunResult): LanguageModelV4Usage {
  const { inputTokens, cachedInputTokens, outputTokens } = usage;
  const { cached, ...counts } = tokens;
  return {
    inputTokens: {
      total: inputTokens,
      noCache: cachedInputTokens === undefined ? undefined : inputTokens - cachedInputTokens,
      cacheRead: cachedInputTokens,
      cacheWrite: undefined,
    },
    outputTokens: { total: outputTokens, text: undefined, reasoning: undefined },
    raw: { ...counts, ...(cached !== undefined && { cached }) },
  };
}
