import type { Call, Choice } from "./call.ts";
import { float, keyed } from "./json.ts";

interface Candidate {
  id: number;
  logprob: number;
}

/** The token that was chosen, and the others that were likely, the likeliest first. */
function candidatesAt({ generated }: Choice, at: number): { said: Candidate; ranked: Candidate[] } {
  const said = { id: generated.ids[at] ?? 0, logprob: generated.logprobs[at] ?? 0 };
  const others = generated.topLogprobs[at]?.filter(({ id }) => id !== said.id) ?? [];
  return { said, ranked: [said, ...others].toSorted((a, b) => b.logprob - a.logprob) };
}

/** Log-probabilities as OpenAI's completions write them. */
export function logprobsOf({ settings, asked }: Call, choice: Choice, from: number, to: number): unknown {
  if (!asked.wantsLogprobs) return null;
  const isSglang = settings.family === "sglang";
  // A byte that is not a character has no text.
  const shown = (id: number): string =>
    asked.tokensAsIds ? `token_id:${id}` : settings.tokenizer.decode([id]).replaceAll("\uFFFD", "");
  const texts = choice.generated.ids.slice(0, to).map(shown);
  const tokens = texts.slice(from);
  const lengthTo = (end: number): number => texts.slice(0, end).reduce((sum, text) => sum + text.length, 0);
  const candidates = tokens.map((_, at) => candidatesAt(choice, from + at));
  return {
    text_offset: tokens.map((_, at) => (isSglang ? -1 : lengthTo(from + at))),
    token_logprobs: candidates.map(({ said }) => float(said.logprob)),
    tokens,
    top_logprobs: candidates.map(({ said, ranked }) => {
      const likely = ranked.slice(0, asked.topLogprobs);
      // vLLM puts the chosen token before the requested number of likely ones.
      const reported = isSglang ? likely : [said, ...likely.filter(({ id }) => id !== said.id)];
      return keyed(reported.map(({ id, logprob }) => [shown(id), float(logprob)]));
    }),
  };
}

/** Log-probabilities as SGLang's own route writes them: of all tokens so far. */
export function nativeLogprobsOf({ asked }: Call, choice: Choice, to: number): Record<string, unknown> {
  if (!asked.wantsLogprobs) return {};
  const candidates = Array.from({ length: to }, (_, at) => candidatesAt(choice, at));
  const written = ({ id, logprob }: Candidate): unknown => [float(logprob), id, null];
  const top = {
    input_top_logprobs: [],
    output_top_logprobs: candidates.map(({ ranked }) => ranked.slice(0, asked.topLogprobs).map(written)),
  };
  return {
    input_token_logprobs: [],
    output_token_logprobs: candidates.map(({ said }) => written(said)),
    output_token_logprobs_length: to,
    ...(asked.topLogprobs > 0 ? top : {}),
  };
}

/** Log-probabilities as llama.cpp's own route writes them, for the tokens whose ids a part returns. */
export function completionProbabilities(
  { settings, asked }: Call,
  choice: Choice,
  reported: readonly number[],
): unknown[] {
  const written = ({ id, logprob }: Candidate): Record<string, unknown> => {
    const bytes = [...settings.tokenizer.bytes([id])];
    return { id, token: settings.tokenizer.decode([id]).replaceAll("\uFFFD", ""), bytes, logprob: float(logprob) };
  };
  return reported.map((at) => {
    const { said, ranked } = candidatesAt(choice, at);
    return { ...written(said), top_logprobs: ranked.slice(0, asked.topLogprobs).map(written) };
  });
}
