import { isTruncated, type Sample } from "../ledger/sample.ts";

/** What a problem asks, and what is right. */
export interface Asked {
  readonly question: string;
  readonly answer: string;
}

/** What Inspect knows the grader by. */
export const scorer = "threadweaver";

/** A sample in Inspect's words. All that it has no word for is metadata. */
export function inspectSample(
  sample: Sample,
  { question, answer: target }: Asked,
  model: string,
  limit: number | undefined,
): object {
  const { problem, ms, startedAt, score, answer, found, decided, truncated: _, tokens, text, ...rest } = sample;
  const truncated = isTruncated(sample);
  const message = { role: "assistant", content: text ?? answer ?? "", source: "generate", model };
  const output = tokens.generated + tokens.wasted;
  const usage = {
    input_tokens: tokens.sent,
    output_tokens: output,
    total_tokens: tokens.sent + output,
    ...(tokens.cached === null ? {} : { input_tokens_cache_read: tokens.cached }),
  };
  return {
    id: problem,
    epoch: sample.sample + 1,
    input: question,
    target,
    messages: [{ role: "user", content: question, source: "input" }, message],
    output: { model, choices: [{ message, stop_reason: truncated ? "max_tokens" : "stop" }], usage, time: ms / 1000 },
    scores: {
      [scorer]: {
        value: score === 1 ? "C" : "I",
        ...(answer === null ? {} : { answer }),
        explanation: answer === null ? `no answer: ${found}` : `found by ${found}, decided by ${decided ?? "nothing"}`,
      },
    },
    metadata: { ...rest, tokens },
    model_usage: { [model]: usage },
    started_at: new Date(startedAt).toISOString(),
    completed_at: new Date(startedAt + ms).toISOString(),
    total_time: ms / 1000,
    working_time: ms / 1000,
    ...(truncated && limit !== undefined ? { limit: { type: "token", limit } } : {}),
  };
}
