import type { Asked } from "../asked.ts";
import { pythonRepr, recordAt } from "../json.ts";
import type { Settings } from "../settings.ts";
import { refuse } from "./refusal.ts";
import type { Refusal } from "./refusal.ts";

const samplingFields =
  "max_new_tokens stop stop_token_ids stop_regex temperature top_p top_k min_p frequency_penalty presence_penalty repetition_penalty min_new_tokens n json_schema regex ebnf structural_tag ignore_eos skip_special_tokens spaces_between_special_tokens no_stop_trim stream_interval logit_bias sampling_seed custom_params beam_width watermark choice".split(
    " ",
  );

/** Tokens of its context that SGLang keeps for itself. A prompt must be that much shorter. */
const keptTokens = 6;

/** Why SGLang 0.5.23 refuses a call, as measured. `isRunning`: whether a call with a name is running. */
export function sglangRefusal(
  asked: Asked,
  settings: Settings,
  isRunning: (name: string) => boolean,
): Refusal | undefined {
  return (
    schema(asked) ??
    wrongModel(asked) ??
    wrongPrompt(asked, settings) ??
    wrongValue(asked, settings, isRunning) ??
    noGrammar(asked, settings)
  );
}

function schema({ route, body }: Asked): Refusal | undefined {
  if (route === "generate") {
    const unknown = Object.keys(recordAt(body["sampling_params"])).find((field) => !samplingFields.includes(field));
    if (unknown === undefined) return undefined;
    const known = samplingFields.map((field) => `\`${field}\``).join(", ");
    const message = `unknown field \`${unknown}\`, expected one of ${known}`;
    return refuse(message, { body: { error: message } });
  }
  if (route === "completions" && body["prompt"] === undefined) return missing("prompt", body);
  const tokens = body["max_tokens"] ?? 1;
  if (!Number.isInteger(Number(tokens))) {
    const message = "Input should be a valid integer, unable to parse string as an integer";
    return invalid(
      route,
      `'type': 'int_parsing', 'loc': ('body', 'max_tokens'), 'msg': '${message}', 'input': ${pythonRepr(tokens)}`,
    );
  }
  if (Number(tokens) > 0) return undefined;
  const message = "max_tokens must be positive";
  const context = `'ctx': {'error': ValueError('${message}')}`;
  return invalid(
    route,
    `'type': 'value_error', 'loc': ('body', 'max_tokens'), 'msg': 'Value error, ${message}', 'input': ${pythonRepr(tokens)}, ${context}`,
  );
}

function missing(field: string, input: unknown): Refusal {
  const error = `'type': 'missing', 'loc': ('body', '${field}'), 'msg': 'Field required', 'input': ${pythonRepr(input)}`;
  return invalid("completions", error);
}

/** SGLang's message shows where in its source the error was found. */
export function invalid(route: string, error: string): Refusal {
  const [handler, path] =
    route === "chat"
      ? ["openai_v1_chat_completions", "/v1/chat/completions"]
      : ["openai_v1_completions", "/v1/completions"];
  const file = `File "sglang/srt/entrypoints/http_server.py", line 1860, in ${handler}`;
  const message = `1 validation error:\n  {${error}}\n\n  ${file}\n    POST ${path} [{${error}}]`;
  return refuse(message, { type: "Bad Request" });
}

function wrongModel({ route, model }: Asked): Refusal | undefined {
  const adapter = route === "generate" ? undefined : model?.split(":")[1];
  if (adapter === undefined) return undefined;
  const advice =
    "Please launch the server with --enable-lora flag and preload adapters using --lora-paths or /load_lora_adapter endpoint.";
  return refuse(`LoRA adapter '${adapter}' was requested, but LoRA is not enabled. ${advice}`);
}

function wrongPrompt({ route, body, prompts, maxTokens = 1 }: Asked, { contextTokens }: Settings): Refusal | undefined {
  if (prompts.length === 0 || body["prompt"] === "" || prompts.some((prompt) => prompt.length === 0)) {
    if (route !== "generate") return refuse("Prompt cannot be empty");
    return refuse("Either text, input_ids or input_embeds should be provided.");
  }
  for (const { length } of prompts) {
    if (length > contextTokens) {
      return refuse(
        `The input (${length} tokens) is longer than the model's context length (${contextTokens} tokens).`,
      );
    }
    const most = contextTokens - keptTokens;
    if (length >= most) {
      const advice = "Use a shorter input or enable --allow-auto-truncate.";
      return refuse(`Input length (${length} tokens) exceeds the maximum allowed length (${most} tokens). ${advice}`);
    }
    if (length + maxTokens > contextTokens) return requestedTooMuch(length, maxTokens, contextTokens);
  }
  return undefined;
}

function requestedTooMuch(length: number, maxTokens: number, contextTokens: number): Refusal {
  const parts = [
    `Requested token count exceeds the model's maximum context length of ${contextTokens} tokens. `,
    `You requested a total of ${length + maxTokens} tokens: ${length} tokens from the input messages and ${maxTokens} tokens for the completion. `,
    "Please reduce the number of tokens in the input messages or the completion to fit within the limit.",
  ];
  return refuse(parts.join(""));
}

function wrongValue(
  { route, body, name }: Asked,
  { tokenizer: { size } }: Settings,
  isRunning: (name: string) => boolean,
): Refusal | undefined {
  const sampling = samplingOf({ route, body });
  const { temperature } = sampling;
  if (typeof temperature === "number" && temperature < 0) {
    const shown = Number.isInteger(temperature) ? temperature.toFixed(1) : String(temperature);
    return refuse(`temperature must be a non-negative finite number, got ${shown}.`);
  }
  const alien = Object.keys(recordAt(sampling["logit_bias"])).find((id) => Number(id) < 0 || Number(id) >= size);
  if (alien !== undefined) return refuse(`logit_bias must has keys in [0, ${size - 1}], got ${alien}.`);
  return name !== undefined && isRunning(name) ? refuse(`Duplicate request ID detected: ${name}`) : undefined;
}

const forms = ["json_schema", "regex", "ebnf", "structural_tag"];

/** A server that was started without a grammar backend. It refuses streams inside HTTP 200. */
function noGrammar({ route, body }: Asked, { grammarBackend }: Settings): Refusal | undefined {
  const sampling = samplingOf({ route, body });
  if (grammarBackend === "any" || forms.every((form) => sampling[form] === undefined)) return undefined;
  const message = `Grammar-based generation (${forms.join(", ")}) is not supported when the server is launched with --grammar-backend none`;
  return refuse(message, { inStream: true, aborts: true });
}

function samplingOf({ route, body }: Pick<Asked, "route" | "body">): Record<string, unknown> {
  return route === "generate" ? recordAt(body["sampling_params"]) : body;
}
