import type { ChatMessage } from "../../core/trie/piece.ts";
import { ThreadweaverError } from "../../errors.ts";

/** The part of `@huggingface/jinja` that is used here. */
export interface JinjaModule {
  Template: new (source: string) => { render(variables: Record<string, unknown>): string };
}

export type RenderChat = (messages: readonly ChatMessage[]) => string;

/**
 * Compiles a chat template. It renders messages up to where the answer begins.
 *
 * @param variables texts of special tokens by their names in templates, such as `bos_token`.
 * @throws `invalid_prompt` for a template that cannot be read, and later when the template refuses messages.
 */
export function compileChatTemplate(
  { Template }: JinjaModule,
  source: string,
  variables: Readonly<Record<string, string>>,
): RenderChat {
  const template = guard("cannot be read", () => new Template(source));
  return (messages) =>
    guard("refuses these messages", () => template.render({ ...variables, messages, add_generation_prompt: true }));
}

function guard<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ThreadweaverError("invalid_prompt", `The model's chat template ${what}: ${reason}`, { cause });
  }
}
