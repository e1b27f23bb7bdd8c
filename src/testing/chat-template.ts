import { isRecord } from "./json.ts";

interface Message {
  role: string;
  content: string;
}

export function messagesOf(body: Record<string, unknown>): Message[] {
  const list: unknown[] = Array.isArray(body["messages"]) ? body["messages"] : [];
  return list.filter(isRecord).map(({ role, content }) => ({
    role: typeof role === "string" ? role : "",
    content: typeof content === "string" ? content : "",
  }));
}

/** Whether the model is to go on with its last message. */
export function continuesChat(body: Record<string, unknown>): boolean {
  return body["continue_final_message"] === true && messagesOf(body).at(-1)?.role === "assistant";
}

/** The small model's template: each message trimmed, and a line feed. A message that is gone on with stays open. */
export function renderChat(body: Record<string, unknown>): string {
  const messages = messagesOf(body);
  const open = continuesChat(body) ? messages.pop() : undefined;
  return messages.map(({ content }) => `${content.trim()}\n`).join("") + (open?.content ?? "");
}
