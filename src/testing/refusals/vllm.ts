import { numbersIn } from "../asked.ts";
import type { Asked } from "../asked.ts";
import { continuesChat } from "../chat-template.ts";
import { recordAt } from "../json.ts";
import type { Settings } from "../settings.ts";
import { refuse } from "./refusal.ts";
import type { Refusal } from "./refusal.ts";

/** Why vLLM 0.32.0 refuses a call, as measured, in its order. */
export function vllmRefusal(asked: Asked, settings: Settings): Refusal | undefined {
  return (
    schema(asked.body) ??
    unknownModel(asked.model, settings) ??
    wrongValue(asked) ??
    alien(asked, settings) ??
    wrongPrompt(asked, settings) ??
    tooManyLogprobs(asked)
  );
}

export function unknownModel(model: string | undefined, { modelName }: Settings): Refusal | undefined {
  if (model === undefined || model === modelName) return undefined;
  const message = `The model \`${model}\` does not exist. Valid aliases: ${modelName}.`;
  return refuse(message, { status: 404, param: "model" });
}

function schema(body: Record<string, unknown>): Refusal | undefined {
  const { stop, prompt } = body;
  if (Array.isArray(stop) && stop.length > 4) {
    const input = `'<list of ${stop.length} items>'`;
    const context = `{'field_type': 'List', 'max_length': 4, 'actual_length': ${stop.length}}`;
    return invalid("body.stop", [
      `{'type': 'string_type', 'loc': 'body.stop', 'msg': 'Input should be a valid string', 'input': ${input}}`,
      `{'type': 'too_long', 'loc': 'body.stop', 'msg': 'List should have at most 4 items after validation, not ${stop.length}', 'input': ${input}, 'ctx': ${context}}`,
    ]);
  }
  const ids = body["stop_token_ids"] ?? [];
  if (!Array.isArray(ids)) return wrongType("stop_token_ids", "list_type", "Input should be a valid list", ids);
  const tokens = body["max_tokens"] ?? 1;
  if (!Number.isInteger(Number(tokens))) {
    const message = "Input should be a valid integer, unable to parse string as an integer";
    return wrongType("max_tokens", "int_parsing", message, tokens);
  }
  const interval = Number(body["stream_interval"] ?? 1);
  if (interval < 1) return wrongType("stream_interval", ...atLeast(1), interval, ", 'ctx': {'ge': 1}");
  const below = numbersIn(prompt).findIndex((id) => id < 0);
  return below === -1
    ? undefined
    : wrongType(`prompt.${below}`, ...atLeast(0), numbersIn(prompt)[below], ", 'ctx': {'ge': 0}");
}

function atLeast(least: number): [type: string, message: string] {
  return ["greater_than_equal", `Input should be greater than or equal to ${least}`];
}

function wrongType(field: string, type: string, message: string, input: unknown, more = ""): Refusal {
  return invalid(`body.${field}`, [
    `{'type': '${type}', 'loc': 'body.${field}', 'msg': '${message}', 'input': '${String(input)}'${more}}`,
  ]);
}

export function invalid(param: string, errors: readonly string[]): Refusal {
  const count = errors.length === 1 ? "1 validation error:" : `${errors.length} validation errors:`;
  return refuse([count, ...errors].join("\n  "), { type: "Bad Request", param });
}

function wrongValue(asked: Asked): Refusal | undefined {
  const { body, route, streams, stopStrings } = asked;
  if (body["stream_options"] !== undefined && !streams) {
    const message = "Stream options can only be defined when `stream=True`. (parameter=stream_options)";
    return refuse(message, { param: "stream_options" });
  }
  if (route === "chat" && continuesChat(body) && body["add_generation_prompt"] !== false) {
    return refuse("Cannot set both `continue_final_message` and `add_generation_prompt` to True.");
  }
  const { prompt } = body;
  if (route === "completions" && (prompt === undefined || prompt === null || prompt === "")) {
    return refuse("Either prompt or prompt_embeds must be provided and non-empty. (parameter=prompt)", {
      param: "prompt",
    });
  }
  if (asked.maxTokens !== undefined && asked.maxTokens < 1) return tooFewTokens(asked.maxTokens);
  if (body["temperature"] === 0 && asked.n > 1) {
    return refuse(`n must be 1 when using greedy sampling, got ${asked.n}.`);
  }
  return stopStrings.includes("") ? refuse("stop cannot contain an empty string.") : undefined;
}

function tooFewTokens(tokens: number): Refusal {
  const message = `max_tokens must be at least 1, got ${tokens}. (parameter=max_tokens, value=${tokens})`;
  return refuse(message, { param: "max_tokens" });
}

function alien({ body, stopIds }: Asked, { tokenizer: { size } }: Settings): Refusal | undefined {
  const bias = Object.keys(recordAt(body["logit_bias"])).map(Number);
  for (const [field, ids] of Object.entries({ stop_token_ids: stopIds, logit_bias: bias })) {
    const found = ids.filter((id) => id < 0 || id >= size);
    if (found.length === 0) continue;
    const list = `[${found.join(", ")}]`;
    const where = `in ${field} contain out-of-vocab token ids. Vocabulary size: ${size}`;
    return refuse(`token_id(s) ${list} ${where} (parameter=${field}, value=${list})`, { param: field });
  }
  return undefined;
}

function wrongPrompt({ prompts, maxTokens = 1 }: Asked, { tokenizer, contextTokens }: Settings): Refusal | undefined {
  if (prompts.length === 0) return refuse("You must pass at least one prompt");
  for (const prompt of prompts) {
    const id = prompt.find((one) => one >= tokenizer.size);
    if (prompt.length === 0) return refuse("The decoder prompt cannot be empty");
    if (prompt.length > contextTokens) return tooLong(prompt.length, contextTokens);
    if (prompt.length === contextTokens) return tooFewTokens(0);
    if (id !== undefined) return refuse(`Token id ${id} is out of vocabulary`);
  }
  if (maxTokens <= contextTokens) return undefined;
  const limit = `max_tokens=${maxTokens} cannot be greater than max_model_len=${contextTokens}`;
  const advice = `Please request fewer output tokens. (parameter=max_tokens, value=${maxTokens})`;
  return refuse(`${limit}. ${advice}`, { param: "max_tokens" });
}

/** This error is found so late that a stream has begun. */
function tooManyLogprobs({ topLogprobs }: Asked): Refusal | undefined {
  if (topLogprobs <= 20) return undefined;
  const message = `Requested sample logprobs of ${topLogprobs}, which is greater than max allowed: 20`;
  return refuse(`${message} (parameter=logprobs, value=${topLogprobs})`, { param: "logprobs", inStream: true });
}

function tooLong(length: number, contextTokens: number): Refusal {
  const parts = [
    `This model's maximum context length is ${contextTokens} tokens. However, your prompt contains at least ${length} input tokens, `,
    "which exceeds this limit even without any output tokens. Please reduce the length of the input prompt. ",
    `(parameter=input_tokens, value=${length})`,
  ];
  return refuse(parts.join(""), { param: "input_tokens" });
}
