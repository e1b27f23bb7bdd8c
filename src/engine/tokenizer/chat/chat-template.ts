import type { ChatMessage } from "../../../core/trie/piece.ts";
import { ThreadweaverError } from "../../../errors.ts";
import { templateMethods } from "./template-methods.ts";
import { rewriteTemplate, type Node } from "./template-rewrite.ts";

/** The part of `@huggingface/jinja` that is used here. */
export interface JinjaModule {
  Template: new (source: string) => { parsed: Node; render(variables: Record<string, unknown>): string };
}

export interface TemplateOptions {
  /** Values for the template, such as `tools` or `enable_thinking`. */
  variables?: Readonly<Record<string, unknown>> | undefined;
  /** Gives a text the characters that it had before some were marked. Texts are compared by it. */
  clear?: ((text: string) => string) | undefined;
}

export type ChatTemplate = (messages: readonly ChatMessage[], options?: TemplateOptions) => string;

/** What a template says itself, when it refuses messages. */
class TemplateRefusal extends Error {}

function refuse(message: unknown): never {
  throw new TemplateRefusal(String(message));
}

function asIs(text: string): string {
  return text;
}

// Names that no template has.
const prefix = "_threadweaver_";
const refuser = `${prefix}refuse`;
const functionNames = Object.keys(templateMethods(asIs));
const methods = new Set(functionNames.filter((name) => name !== "same" && name !== "holds"));

/**
 * Compiles a chat template. It renders messages up to where the answer begins.
 *
 * @param special texts of special tokens by their names in templates, such as `bos_token`.
 * @throws `invalid_prompt` for a template that cannot be read, and later when the template refuses messages or needs
 * what its interpreter does not know.
 */
export function compileChatTemplate(
  { Template }: JinjaModule,
  source: string,
  special: Readonly<Record<string, string>>,
): ChatTemplate {
  // Line ends as in jinja2: a template may have been checked out on Windows.
  const template = guard(cannotRead, () => new Template(source.replace(/\r\n?/g, "\n")));
  // The interpreter's own function for refusals cannot be replaced, and its errors look like the interpreter's.
  rewriteTemplate(template.parsed, { prefix, methods, renamed: { raise_exception: refuser } });
  return (messages, { variables = {}, clear = asIs } = {}) => {
    const functions = Object.entries(templateMethods(clear)).map(([name, method]) => [prefix + name, method]);
    const own = { ...Object.fromEntries(functions), [refuser]: refuse, messages, add_generation_prompt: true };
    return guard(cannotRun, () => template.render({ ...special, ...variables, ...own }));
  };
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
