import type { ChatMessage } from "../../core/trie/piece.ts";

/** A part of a rendered chat: text of the template, or the content of a message. */
export interface ChatPart {
  /**
   * `template`: trusted, so its control strings become tokens. `content`: untrusted, so its control strings stay text.
   */
  kind: "template" | "content";
  text: string;
}

// Private-use characters: templates do not write them and do not treat them as white space.
const open = "\uE010";
const close = "\uE011";
const padding = " \n ";
const placeholder = new RegExp(`(${padding})?${open}(\\d+)${close}(${padding})?`, "g");

/**
 * Renders a chat so that the text of the template and the contents of the messages can be distinguished. The template
 * gets a padded placeholder instead of each content. If the padding did not survive, the template trims, and so the
 * content is trimmed too. A template that inspects a message, for example to drop its thinking, therefore sees none of
 * it.
 *
 * @param render the chat template. It gets messages whose contents are placeholders.
 */
export async function renderChatParts(
  messages: readonly ChatMessage[],
  render: (messages: ChatMessage[]) => string | Promise<string>,
): Promise<ChatPart[]> {
  const rendered = await render(messages.map(({ role }, index) => ({ role, content: placeholderOf(index) })));
  const parts: ChatPart[] = [];
  let end = 0;
  for (const match of rendered.matchAll(placeholder)) {
    parts.push({ kind: "template", text: rendered.slice(end, match.index) });
    const content = messages[Number(match[2])]?.content ?? "";
    parts.push({ kind: "content", text: trimLike(content, match[1] === undefined, match[3] === undefined) });
    end = match.index + match[0].length;
  }
  parts.push({ kind: "template", text: rendered.slice(end) });
  return parts.filter(({ text }) => text !== "");
}

function placeholderOf(index: number): string {
  return `${padding}${open}${index}${close}${padding}`;
}

function trimLike(content: string, start: boolean, end: boolean): string {
  const trimmed = start ? content.trimStart() : content;
  return end ? trimmed.trimEnd() : trimmed;
}
