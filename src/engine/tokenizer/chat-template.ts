import type { ChatMessage } from "../../core/trie/piece.ts";
import { splitControls } from "./control-strings.ts";

/** A part of a rendered chat: text of the template, or the content of a message. */
export interface ChatPart {
  /**
   * `template`: its control strings become tokens. `content`: untrusted, so its control strings stay text. Where the
   * template has looked into the contents they are not kept apart: then control strings that people typed are cut in two.
   */
  kind: "template" | "content";
  text: string;
}

// Private-use characters: templates do not write them and do not treat them as white space.
const open = "\uE010";
const close = "\uE011";
const mark = "\uE012";
const padding = " \n ";
const placeholder = new RegExp(`(${padding})?${open}(\\d+)${close}(${padding})?`, "g");

/**
 * Renders a chat so that the text of the template and the contents of the messages can be distinguished. What the
 * template makes of the contents is what counts: it may take thinking out of earlier turns, read switches such as
 * `/no_think`, or trim.
 *
 * First the template gets a padded placeholder instead of each content. If the padding did not survive, the template
 * trims, and so the content is trimmed too. If that gives another text than the contents themselves, the template looks
 * into them. It then gets the contents, with a mark inside each control string of a message.
 *
 * @param render the chat template.
 * @param controls the control strings that must stay text where they are typed.
 */
export async function renderChatParts(
  messages: readonly ChatMessage[],
  render: (messages: ChatMessage[]) => string | Promise<string>,
  controls: readonly string[] = [],
): Promise<ChatPart[]> {
  const apart = partsOf(
    messages,
    await render(messages.map(({ role }, index) => ({ role, content: placeholderOf(index) }))),
  );
  const wanted = await render(messages.map((message) => ({ ...message })));
  if (apart.map(({ text }) => text).join("") === wanted) return apart;
  // A template that takes out thinking has to see where it ends, at least in what the model itself wrote.
  for (const isSeen of [() => false, isThinking]) {
    const marked = messages.map(({ role, content }) => {
      const cut = role === "assistant" ? controls.filter((control) => !isSeen(control)) : controls;
      return { role, content: splitControls(content, cut).join(mark) };
    });
    // oxlint-disable-next-line no-await-in-loop -- the next is tried only if this one gives another text
    const rendered = await render(marked);
    if (rendered.replaceAll(mark, "") === wanted) {
      return rendered.split(mark).flatMap((text) => (text === "" ? [] : [{ kind: "template", text }]));
    }
  }
  return apart;
}

function isThinking(control: string): boolean {
  return /think|reason/i.test(control);
}

function partsOf(messages: readonly ChatMessage[], rendered: string): ChatPart[] {
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
