import type { EngineProfile } from "../profile.ts";
import { generic } from "./generic.ts";

/** Any server with OpenAI's chats and no more: whole turns in, text out. What it thinks apart from its answer is not read. */
export const chatOnly: EngineProfile = {
  ...generic,
  paths: { ...generic.paths, completions: "/v1/chat/completions" },
  request: {
    ...generic.request,
    prompt: "messages",
    promptAs: "messages",
  },
  answer: { ...generic.answer, text: "choices.0.delta.content" },
};

/** The chats of vLLM, SGLang and the servers that take the same fields: they go on inside a turn. */
export const chatContinue: EngineProfile = {
  ...chatOnly,
  request: {
    ...chatOnly.request,
    continues: { continue_final_message: true, add_generation_prompt: false },
    always: { ...chatOnly.request.always, skip_special_tokens: false },
  },
};
