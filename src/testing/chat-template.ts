import { isRecord } from "./json.ts";
import type { Family } from "./settings.ts";

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

/** Whether the model should continue its last message. llama.cpp always does. */
export function continuesChat(body: Record<string, unknown>, family?: Family): boolean {
  const asked = body["continue_final_message"] === true || family === "llamacpp";
  return asked && messagesOf(body).at(-1)?.role === "assistant";
}

/** The small model's template: each message trimmed, and a line feed. A message to continue stays open. */
export function renderChat(body: Record<string, unknown>, family?: Family): string {
  const messages = messagesOf(body);
  const open = continuesChat(body, family) ? messages.pop() : undefined;
  return messages.map(({ content }) => `${content.trim()}\n`).join("") + (open?.content ?? "");
}
