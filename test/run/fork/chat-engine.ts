import type { Tokenizer } from "../../../src/engine/engine.ts";
import { scriptedEngine, type Script, type ScriptedEngine } from "../scripted-engine.ts";

/** What a template makes of roles and contents: its own control tokens are the characters ‹ and ›. */
export type Template = (messages: readonly { role: string; content: string }[]) => string;

const plain: Template = (messages) => messages.map(({ role, content }) => `‹${role}\n${content}›\n`).join("");

/** An engine with a chat template. Control strings of a chat are tokens where one of its messages is trusted. */
export function chatEngine(
  answer: (context: string) => Script,
  { template = plain, contextTokens }: { template?: Template; contextTokens?: number } = {},
): ScriptedEngine {
  const engine = scriptedEngine(answer, contextTokens);
  const tokenizer: Tokenizer = {
    ...engine.tokenizer,
    renderChat: (messages, { prefill = "" } = {}) =>
      engine.tokenizer.encode(`${template(messages)}‹assistant\n${prefill}`, {
        controls: messages.some(({ trusted }) => trusted) ? "parse" : "text",
      }),
  };
  return { ...engine, tokenizer };
}

/** What each call of an engine was sent, as text. */
export function contextsOf({ requests, tokenizer }: ScriptedEngine): string[] {
  return requests.map(({ prompt }) => tokenizer.decode(prompt) as string);
}
