import type { ChatMessage } from "../../core/trie/piece.ts";

/** A run of a rendered chat: what the template wrote, or what a message said. */
export interface ChatPart {
  /** `template`: trusted, its control strings are meant. `content`: untrusted, its control strings are text. */
  kind: "template" | "content";
  text: string;
}

// Private-use characters: a template neither writes them nor takes them for white space.
const open = "\uE010";
const close = "\uE011";
const padding = " \n ";
const placeholder = new RegExp(`(${padding})?${open}(\\d+)${close}(${padding})?`, "g");

/**
 * Renders a chat so that what the template wrote and what the messages say can be told apart afterwards: the template
 * sees a padded placeholder in place of each content. Where the padding did not survive, the template trims, and so do
 * we. A template that looks into a message (to drop its thinking, say) therefore sees none of it.
 *
 * @param render the chat template, given messages whose contents are placeholders.
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
