import { float } from "../json.ts";

/** What samplers are asked for, as llama.cpp repeats it in answers, with its defaults. */
export function llamaParams(body: Record<string, unknown>, { isAnswer }: { isAnswer: boolean }): unknown {
  const given = (field: string, otherwise: unknown): unknown => body[field] ?? otherwise;
  const most = given("n_predict", given("max_tokens", -1));
  return {
    seed: given("seed", 4_294_967_295),
    temperature: single(given("temperature", 0.8)),
    dynatemp_range: float(0),
    dynatemp_exponent: float(1),
    top_k: given("top_k", 40),
    top_p: single(given("top_p", 0.95)),
    min_p: single(given("min_p", 0.05)),
    top_n_sigma: float(-1),
    xtc_probability: float(0),
    xtc_threshold: single(0.1),
    typical_p: float(1),
    repeat_last_n: 64,
    repeat_penalty: single(given("repeat_penalty", 1)),
    presence_penalty: float(0),
    frequency_penalty: float(0),
    dry_multiplier: float(0),
    dry_base: float(1.75),
    dry_allowed_length: 2,
    dry_penalty_last_n: 64,
    ...(isAnswer && { dry_sequence_breakers: ["\n", ":", '"', "*"] }),
    mirostat: 0,
    mirostat_tau: float(5),
    mirostat_eta: single(0.1),
    adaptive_target: float(-1),
    adaptive_decay: single(0.9),
    ...(isAnswer && { stop: given("stop", []) }),
    max_tokens: most,
    n_predict: most,
    n_keep: 0,
    n_discard: 0,
    ignore_eos: given("ignore_eos", false),
    stream: given("stream", false),
    ...(isAnswer && { logit_bias: [] }),
    n_probs: given("n_probs", 0),
    min_keep: 0,
    ...(isAnswer && { grammar: "", grammar_lazy: false, grammar_triggers: [], preserved_tokens: [] }),
    chat_format: "Content-only",
    reasoning_format: isAnswer ? "deepseek" : "none",
    reasoning_in_content: false,
    generation_prompt: "",
    samplers: ["penalties", "dry", "top_n_sigma", "top_k", "typ_p", "top_p", "min_p", "xtc", "temperature"],
    "speculative.types": "none",
    timings_per_token: false,
    post_sampling_probs: false,
    backend_sampling: false,
    lora: [],
  };
}

/** A number of 32 bits, with the digits that it has with 64. */
function single(value: unknown): string {
  return float(Math.fround(Number(value)));
}
