import type { Call, Choice } from "./call.ts";
import { float } from "./json.ts";

/** Log-probabilities as OpenAI's completions write them, with no other candidates than what was said. */
export function logprobsOf({ settings, asked }: Call, { generated }: Choice, from: number, to: number): unknown {
  if (!asked.wantsLogprobs) return null;
  // A byte that is no character has no text.
  const texts = generated.ids.slice(0, to).map((id) => settings.tokenizer.decode([id]).replaceAll("\uFFFD", ""));
  const tokens = texts.slice(from);
  const values = generated.ids.slice(from, to).map((_, at) => float(generated.logprobs[from + at] ?? 0));
  const lengthTo = (end: number): number => texts.slice(0, end).reduce((sum, text) => sum + text.length, 0);
  return {
    text_offset: tokens.map((_, at) => (settings.family === "sglang" ? -1 : lengthTo(from + at))),
    token_logprobs: values,
    tokens,
    top_logprobs: tokens.map((token, at) => ({ [token]: values[at] })),
  };
}

/** As SGLang's own interface writes them: of all tokens so far. */
export function nativeLogprobsOf({ asked }: Call, { generated }: Choice, to: number): Record<string, unknown> {
  if (!asked.wantsLogprobs) return {};
  const values = generated.ids.slice(0, to).map((id, at) => [float(generated.logprobs[at] ?? 0), id, null]);
  return { input_token_logprobs: [], output_token_logprobs: values, output_token_logprobs_length: values.length };
}
