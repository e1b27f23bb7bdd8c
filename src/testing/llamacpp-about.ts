import type { Settings } from "./settings.ts";
import { llamaParams } from "./wires/llamacpp-params.ts";
import { created } from "./wires/wire.ts";

/** What llama.cpp says of its model, in Ollama's form and in OpenAI's. */
export function llamaModels({ modelName, contextTokens, tokenizer }: Settings): unknown {
  const details = { parent_model: "", format: "gguf", family: "", families: [""] };
  const listed = {
    name: modelName,
    model: modelName,
    modified_at: "",
    size: "",
    digest: "",
    type: "model",
    description: "",
    tags: [""],
    capabilities: ["completion"],
    parameters: "",
    details: { ...details, parameter_size: "", quantization_level: "" },
  };
  const meta = {
    vocab_type: 2,
    n_vocab: tokenizer.size,
    n_ctx: contextTokens,
    n_ctx_train: contextTokens,
    n_embd: 128,
    n_params: 921_984,
    size: 1_846_272,
    ftype: "F16",
  };
  const names = { id: modelName, aliases: [modelName], tags: [] };
  return {
    models: [listed],
    object: "list",
    data: [{ ...names, object: "model", created, owned_by: "llamacpp", meta }],
  };
}

/** What llama.cpp says of itself. */
export function llamaProps({ contextTokens, slots, modelName, version }: Settings): unknown {
  return {
    default_generation_settings: { params: llamaParams({}, { isAnswer: false }), n_ctx: contextTokens },
    total_slots: slots,
    model_alias: modelName,
    model_ftype: "F16",
    model_path: modelName,
    modalities: { vision: false, video: false, audio: false },
    media_marker: "<__media__>",
    endpoint_slots: true,
    endpoint_props: false,
    endpoint_metrics: true,
    ui: true,
    ui_settings: {},
    chat_template:
      "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}{{ m['content'] | trim }}\n{% endif %}{% endfor %}",
    chat_template_caps: {
      supports_object_arguments: false,
      supports_parallel_tool_calls: false,
      supports_preserve_reasoning: false,
      supports_reasoning_effort: false,
      supports_string_content: true,
      supports_system_role: false,
      supports_tool_calls: false,
      supports_tools: false,
      supports_typed_content: false,
    },
    bos_token: "<s>",
    eos_token: "</s>",
    build_info: version,
    is_sleeping: false,
    cors_proxy_enabled: false,
  };
}
