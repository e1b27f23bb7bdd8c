import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { ChatMessage } from "../core/piece.ts";
import { ThreadweaverError } from "../errors.ts";

export interface ChatTemplateVariables {
  bos_token: string;
  eos_token: string;
}

/** As much of `@huggingface/jinja` as is used here. */
interface JinjaModule {
  Template: new (source: string) => { render(variables: Record<string, unknown>): string };
}

/**
 * Compiles a chat template. The jinja interpreter is a dependency of node-llama-cpp, not of ours, so it is looked up
 * from there: package managers need not put it where we could see it.
 */
export async function compileChatTemplate(
  source: string,
  variables: ChatTemplateVariables,
): Promise<(messages: ChatMessage[]) => string> {
  const { Template } = await loadJinja();
  const template = guard("cannot be read", () => new Template(source));
  return (messages) =>
    guard("refuses these messages", () => template.render({ ...variables, messages, add_generation_prompt: true }));
}

async function loadJinja(): Promise<JinjaModule> {
  const library = createRequire(import.meta.url).resolve("node-llama-cpp");
  const path = createRequire(library).resolve("@huggingface/jinja");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- found at run time, so nothing declares it
  return (await import(pathToFileURL(path).href)) as JinjaModule;
}

function guard<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ThreadweaverError("invalid_prompt", `The model's chat template ${what}: ${reason}`, { cause });
  }
}
