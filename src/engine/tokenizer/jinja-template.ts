import type { ChatMessage } from "../../core/trie/piece.ts";
import { ThreadweaverError } from "../../errors.ts";

/** The part of `@huggingface/jinja` that is used here. */
export interface JinjaModule {
  Template: new (source: string) => { render(variables: Record<string, unknown>): string };
}

export type RenderChat = (messages: readonly ChatMessage[]) => string;

/** What a template says itself, when it refuses messages. */
class TemplateRefusal extends Error {}

function refuse(message: unknown): never {
  throw new TemplateRefusal(String(message));
}

/**
 * Compiles a chat template. It renders messages up to where the answer begins.
 *
 * @param variables texts of special tokens by their names in templates, such as `bos_token`.
 * @throws `invalid_prompt` for a template that cannot be read, and later when the template refuses messages or needs
 * what its interpreter does not know.
 */
export function compileChatTemplate(
  { Template }: JinjaModule,
  source: string,
  variables: Readonly<Record<string, string>>,
): RenderChat {
  // Line ends as in jinja2: a template may have been checked out on Windows. The interpreter has a function for refusals
  // that cannot be replaced, and whose errors look like its own.
  const own = source.replace(/\r\n?/g, "\n").replace(/\braise_exception(?=\s*\()/g, "refuse_messages");
  const template = guard(cannotRead, () => new Template(own));
  const given = { ...variables, refuse_messages: refuse };
  return (messages) => guard(cannotRun, () => template.render({ ...given, messages, add_generation_prompt: true }));
}

const cannotRead = "The model's chat template cannot be read";
const cannotRun = "The interpreter of chat templates that is used here (@huggingface/jinja) cannot run the model's";

function guard<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message =
      cause instanceof TemplateRefusal
        ? `The model's chat template refuses these messages: ${reason}`
        : `${what}: ${reason}. Give the text as a prompt instead.`;
    throw new ThreadweaverError("invalid_prompt", message, { cause });
  }
}
