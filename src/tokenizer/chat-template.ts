import { compileChatTemplate, type ChatTemplate } from "../engine/tokenizer/chat/chat-template.ts";
import { ThreadweaverError } from "../errors.ts";
import { loadJinja } from "./library.ts";
import type { Loaders } from "./library.ts";
import type { ModelFolder } from "./model-folder.ts";
import { templateVariables } from "./special-tokens.ts";

/**
 * Compiles the folder's chat template.
 *
 * @throws `invalid_prompt` without a template, `missing_dependency` without the package that renders it.
 */
export async function chatTemplateOf(folder: ModelFolder, loaders: Loaders): Promise<ChatTemplate> {
  const source = folder.chatTemplate ?? chooseTemplate(folder.config.chat_template);
  if (source !== undefined)
    return compileChatTemplate(await loadJinja(loaders), source, templateVariables(folder.config));
  throw new ThreadweaverError(
    "invalid_prompt",
    `${folder.path} has no chat template, so messages cannot be rendered: neither a chat_template.jinja nor a default ` +
      "one in tokenizer_config.json. Give the text as a prompt instead.",
  );
}

/** Chooses the template for plain chats: the one named `default`, or the only one, whatever its name. */
function chooseTemplate(given: ModelFolder["config"]["chat_template"]): string | undefined {
  if (typeof given === "string") return given;
  const named = given?.find(({ name }) => name === "default");
  return (named ?? (given?.length === 1 ? given[0] : undefined))?.template;
}
