import type { Asked } from "../asked.ts";
import { messagesOf } from "../chat-template.ts";
import type { Settings } from "../settings.ts";
import { refuse } from "./refusal.ts";
import type { Refusal } from "./refusal.ts";

/** Why llama.cpp refuses a call. */
export function llamacppRefusal(
  { route, body, prompts }: Asked,
  { contextTokens, tokenizer }: Settings,
): Refusal | undefined {
  const [prompt] = prompts;
  if (route !== "chat" && body["prompt"] === undefined) {
    return refuse("[json.exception.out_of_range.403] key 'prompt' not found");
  }
  if (prompt === undefined || prompt.length === 0) return refuse('"prompt" must not be empty');
  if (prompt.some((id) => id < 0 || id >= tokenizer.size)) return refuse("Prompt contains invalid tokens");
  if (prompt.length < contextTokens) return undefined;
  const counts = `request (${prompt.length} tokens) exceeds the available context size (${contextTokens} tokens)`;
  return refuse(`${counts}, try increasing it`, {
    type: "exceed_context_size_error",
    more: { n_prompt_tokens: prompt.length, n_ctx: contextTokens },
  });
}

/** Why a server that takes only text refuses a call. */
export function textRefusal({ route, body, prompts }: Asked, { contextTokens }: Settings): Refusal | undefined {
  if (route === "completions" && typeof body["prompt"] !== "string") return refuse("prompt must be a string");
  const length = prompts[0]?.length ?? 0;
  return length < contextTokens ? undefined : refuse(`The input (${length} tokens) is too long.`);
}

/** Why a server that cannot continue chats refuses a call. */
export function chatRefusal({ route, body }: Asked, { continuesChats }: Settings): Refusal | undefined {
  if (route !== "chat") return undefined;
  const messages = messagesOf(body);
  if (messages.length === 0) return refuse("messages must not be empty", { param: "messages" });
  if (continuesChats) return undefined;
  if (body["continue_final_message"] === true) {
    return refuse("Unsupported parameter: 'continue_final_message'", { param: "continue_final_message" });
  }
  if (messages.at(-1)?.role !== "assistant") return undefined;
  return refuse("The last message must be from the user.", { param: "messages" });
}

/** The fields of OpenAI and vLLM that a strict server knows too. */
const known = new Set(
  "model prompt messages max_tokens n stream stream_options stop stop_token_ids temperature top_p top_k min_p seed logit_bias logprobs echo presence_penalty frequency_penalty repetition_penalty include_stop_str_in_output skip_special_tokens add_special_tokens min_tokens ignore_eos return_token_ids continue_final_message add_generation_prompt sampling_params input_ids rid".split(
    " ",
  ),
);

/** TensorRT-LLM's answer to an unknown field, with a flat body. */
export function unknownFieldRefusal({ body }: Asked, { unknownFields }: Settings): Refusal | undefined {
  const field = unknownFields === "refused" ? Object.keys(body).find((name) => !known.has(name)) : undefined;
  if (field === undefined) return undefined;
  return refuse(`[{'type': 'extra_forbidden', 'loc': ('body', '${field}')}]`, { flat: true });
}
