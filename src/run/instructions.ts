import type { DialectInstructions } from "../core/dialects/prompted-types.ts";
import type { ChatMessage } from "../core/trie/piece.ts";

/**
 * The messages of a run after what tells the model about its format: one system message, then the worked turns. A system
 * message of the run's own keeps its place, after the dialect's words. Nothing of the run's becomes trusted by that.
 */
export function withInstructions(
  messages: readonly ChatMessage[],
  { system, examples }: DialectInstructions,
): ChatMessage[] {
  const [first, ...others] = messages;
  const hasOwn = first?.role === "system";
  const told: ChatMessage = hasOwn
    ? { ...first, content: `${system}\n\n${first.content}` }
    : { role: "system", content: system, trusted: true };
  const turns = examples.flatMap(({ user, assistant }): ChatMessage[] => [
    { role: "user", content: user, trusted: true },
    { role: "assistant", content: assistant, trusted: true },
  ]);
  return [told, ...turns, ...(hasOwn ? others : messages)];
}
