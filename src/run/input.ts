import type { ChatMessage } from "../core/trie/piece.ts";
import { ThreadweaverError } from "../errors.ts";

/** A chat message as programs have it: OpenAI's text parts are taken too. */
export interface RunMessage {
  role: string;
  content: string | readonly { type: "text"; text: string }[];
  /**
   * Whether control strings in it become tokens, as in what the model itself wrote in an earlier turn. Never say so of what
   * people typed. @defaultValue false: they stay text
   */
  trusted?: boolean | undefined;
}

/** What to go on from: exactly one of the three; the others are left out or undefined. */
export type RunInput =
  /** Chat messages, rendered with the model's own template. Control strings in them stay text, unless they are trusted. */
  | { messages: readonly RunMessage[]; prompt?: undefined; promptIds?: undefined }
  /** Sent byte for byte, nothing trimmed or appended; begin-of-sequence by the tokenizer's own rule. */
  | { prompt: string; messages?: undefined; promptIds?: undefined }
  /** Sent as they are; begin-of-sequence is the caller's business. */
  | { promptIds: readonly number[]; messages?: undefined; prompt?: undefined };

/** The input with its messages as plain strings. Throws `invalid_prompt`, naming what cannot be meant and where. */
export function checkInput(
  input: RunInput,
): { messages: ChatMessage[] } | { prompt: string } | { promptIds: readonly number[] } {
  if (typeof input !== "object" || input === null) {
    const how = typeof input === "string" ? `{ prompt: ${JSON.stringify(input)} } or { messages: [...] }` : "an object";
    throw new ThreadweaverError("invalid_prompt", `a run is given ${describe(input)}; it takes ${how}`);
  }
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  const names = given.map(([name]) => name);
  const unknown = names.filter((name) => !["messages", "prompt", "promptIds"].includes(name));
  if (unknown.length > 0 || names.length !== 1) {
    throw new ThreadweaverError(
      "invalid_prompt",
      `a run needs exactly one of messages, prompt and promptIds; it got ${names.join(" and ") || "none"}`,
    );
  }
  if (input.messages !== undefined) return { messages: checkMessages(input.messages) };
  if (input.prompt !== undefined) {
    if (typeof input.prompt === "string") return { prompt: wellFormed(input.prompt, "prompt") };
    throw new ThreadweaverError("invalid_prompt", `prompt is ${describe(given[0]?.[1])}; it must be a string`);
  }
  if (Array.isArray(input.promptIds)) return { promptIds: input.promptIds };
  throw new ThreadweaverError("invalid_prompt", `promptIds is ${describe(input.promptIds)}; it must be a list of ids`);
}

const messageFields: ReadonlySet<string> = new Set(["role", "content", "trusted"]);

function checkMessages(messages: readonly RunMessage[]): ChatMessage[] {
  if (!Array.isArray(messages)) {
    throw new ThreadweaverError("invalid_prompt", `messages is ${describe(messages)}; it must be a list of messages`);
  }
  return messages.map((message: unknown, i) => {
    const where = `messages[${i}]`;
    if (typeof message !== "object" || message === null || !("role" in message) || typeof message.role !== "string") {
      throw new ThreadweaverError("invalid_prompt", `${where} needs a role (a string) and a content`);
    }
    const other = Object.entries(message).find(([name, value]) => !messageFields.has(name) && value != null)?.[0];
    if (other !== undefined) {
      throw new ThreadweaverError(
        "invalid_prompt",
        `${where}.${other} would be lost: a message has a role and a content (and \`trusted\`), and no template is given more`,
      );
    }
    const content = contentOf("content" in message ? message.content : undefined, where);
    const checked = {
      role: wellFormed(message.role, `${where}.role`),
      content: wellFormed(content, `${where}.content`),
    };
    const trusted = "trusted" in message ? message.trusted : undefined;
    if (trusted === undefined || typeof trusted === "boolean")
      return trusted === true ? { ...checked, trusted } : checked;
    throw new ThreadweaverError("invalid_prompt", `${where}.trusted is ${describe(trusted)}; it must be true or false`);
  });
}

/** Half a character has no bytes: servers refuse it, or get another text. */
function wellFormed(text: string, what: string): string {
  if (text.isWellFormed()) return text;
  const at = Array.from(text).findIndex((character) => !character.isWellFormed());
  throw new ThreadweaverError(
    "invalid_prompt",
    `${what} holds half a character (a lone surrogate) as its character ${at + 1}: was the text cut inside an emoji?`,
  );
}

function contentOf(content: unknown, where: string): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) {
    throw new ThreadweaverError(
      "invalid_prompt",
      `${where}.content is ${describe(content)}; it must be a string, or a list of text parts`,
    );
  }
  return content
    .map((part: unknown, i) => {
      if (typeof part === "object" && part !== null && "text" in part && typeof part.text === "string")
        return part.text;
      const type = typeof part === "object" && part !== null && "type" in part ? part.type : part;
      throw new ThreadweaverError(
        "invalid_prompt",
        `${where}.content[${i}] is no text part but ${describe(type)}: only text can be sent`,
      );
    })
    .join("");
}

/** How a value is named in a message. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return value instanceof Promise ? "a promise" : "an object";
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "number" || typeof value === "boolean" ? `${value}` : typeof value;
}
