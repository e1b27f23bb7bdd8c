import {
  UnsupportedFunctionalityError,
  type LanguageModelV4Message,
  type LanguageModelV4Prompt,
} from "@ai-sdk/provider";
import type { RunMessage } from "../run/input.ts";

/**
 * The SDK's messages as those of a run. Earlier thinking is left out, as chat templates do. Throws
 * `UnsupportedFunctionalityError` for what would be lost: files and tools.
 */
export function messagesOf(prompt: LanguageModelV4Prompt): RunMessage[] {
  return prompt.map((message) => ({ role: message.role, content: textOf(message) }));
}

function textOf(message: LanguageModelV4Message): string {
  if (message.role === "system") return message.content;
  return message.content
    .map((part) => {
      if (part.type === "text") return part.text;
      if (part.type === "file" && part.data.type === "text") return part.data.text;
      if (part.type === "reasoning" || part.type === "custom") return "";
      throw new UnsupportedFunctionalityError({
        functionality: `${part.type} in a message of the ${message.role}`,
        message: `a message of the ${message.role} has a part of type ${part.type}: only text can be sent`,
      });
    })
    .join("");
}
