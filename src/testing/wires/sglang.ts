import type { Call, Choice } from "../call.ts";
import { logprobsOf } from "../logprobs.ts";
import { countsAt, countsOf, openaiCounts, stopFieldOf, usageMode } from "../usage.ts";
import { created } from "./wire.ts";
import type { Wire } from "./wire.ts";

/** SGLang 0.5.23, as measured. */
export const sglang: Wire = {
  part({ call, choice, from, to, isLast, text, ids }) {
    const mode = usageMode(call);
    const counts = mode === "continuous" || (mode === "last-part" && isLast);
    const shown = {
      index: choice.index,
      text,
      logprobs: logprobsOf(call, choice, from, to),
      finish_reason: isLast ? choice.generated.finish : null,
      ...stopFieldOf(call, choice, isLast),
      ...(call.asked.wantsIds ? { token_ids: ids } : {}),
      ...(call.asked.wantsIds && from === 0 ? { prompt_token_ids: choice.prompt } : {}),
    };
    return [
      {
        ...head(call, choice.id, "text_completion"),
        choices: [shown],
        usage: counts
          ? {
              ...openaiCounts(countsAt(choice, to)),
              prompt_tokens_details: null,
              reasoning_tokens: 0,
              completion_tokens_details: null,
            }
          : null,
      },
    ];
  },
  closing(call, last) {
    const mode = usageMode(call);
    if (mode === "none" || mode === "last-part") return [];
    const { prompt_tokens_details: details, ...counts } = usageOf(call);
    const cached = details === null ? {} : { prompt_tokens_details: details };
    const { reasoning_tokens: reasoning, ...rest } = counts;
    return [
      {
        ...head(call, last.id, "text_completion"),
        choices: [],
        usage: { ...rest, ...cached, reasoning_tokens: reasoning },
      },
    ];
  },
  whole(call) {
    return {
      ...head(call, call.id, "text_completion"),
      choices: call.choices.map((choice) => ({
        index: choice.index,
        text: choice.visible.text(choice.generated.ids.length),
        logprobs: logprobsOf(call, choice, 0, choice.generated.ids.length),
        finish_reason: choice.generated.finish ?? null,
        ...stopFieldOf(call, choice, true),
        ...(call.asked.wantsIds ? { token_ids: choice.generated.ids, prompt_token_ids: choice.prompt } : {}),
      })),
      usage: { ...usageOf(call), completion_tokens_details: null },
      metadata: metadataOf(call),
    };
  },
  done: true,
};

/** Versions before 0.5.17 do not know the field that requests ids. */
export function withoutIds(wire: Wire): Wire {
  const deaf = (call: Call): Call => ({ ...call, asked: { ...call.asked, wantsIds: false } });
  return {
    ...wire,
    part: (step) => wire.part({ ...step, call: deaf(step.call) }),
    whole: (call) => wire.whole(deaf(call)),
  };
}

/** SGLang answers for any model name. */
export function head({ asked }: Call, id: string, object: string): Record<string, unknown> {
  return { id, object, created, model: asked.model ?? "default" };
}

export function usageOf(call: Call): Record<string, unknown> {
  const counts = countsOf(call);
  return {
    ...openaiCounts(counts),
    prompt_tokens_details: call.settings.cacheReport ? { cached_tokens: counts.cached } : null,
    reasoning_tokens: 0,
  };
}

export function metadataOf({ choices }: Call): unknown {
  return { weight_version: "default", weight_versions: weightVersions(choices[0]) };
}

export function weightVersions(choice: Choice | undefined): unknown {
  return [{ version: "default", start: 0, end: choice?.generated.ids.length ?? 0 }];
}
