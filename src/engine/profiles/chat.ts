import type { EngineProfile } from "../profile.ts";
import { generic } from "./generic.ts";

/** Any server that has only OpenAI's chats: whole turns in, text out. */
export const chatOnly: EngineProfile = {
  ...generic,
  paths: { ...generic.paths, completions: "/v1/chat/completions" },
  request: {
    ...generic.request,
    prompt: "messages",
    promptAs: "messages",
  },
  answer: {
    ...generic.answer,
    text: "choices.0.delta.content",
    reasoning: ["choices.0.delta.reasoning_content", "choices.0.delta.reasoning", "choices.0.delta.thinking"],
  },
};

/** The chats of vLLM, SGLang and servers that accept the same fields. They can continue inside a turn. */
export const chatContinue: EngineProfile = {
  ...chatOnly,
  request: {
    ...chatOnly.request,
    continues: { continue_final_message: true, add_generation_prompt: false },
    always: { ...chatOnly.request.always, skip_special_tokens: false },
  },
};
