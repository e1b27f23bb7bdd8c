import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { chats, specialTokens } from "./chats.ts";

/** What a template makes of a chat: a text, or a refusal. */
export type Rendering = { text: string } | { error: string };

/** Whether jinja2 is at hand. */
export function hasJinja2(): boolean {
  return spawnSync("python3", ["-c", "import jinja2"]).status === 0;
}

/** Renders every chat with every template, in the set-up of transformers. */
export function renderWithJinja2(templates: ReadonlyMap<string, string>): Record<string, Rendering[]> {
  const given = chats.map(({ messages, variables }) => ({
    ...specialTokens,
    ...variables,
    messages,
    add_generation_prompt: true,
  }));
  const input = JSON.stringify({ templates: Object.fromEntries(templates), chats: given });
  const script = fileURLToPath(new URL("render.py", import.meta.url));
  const { status, stdout, stderr } = spawnSync("python3", [script], { input, encoding: "utf8", maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`jinja2 failed: ${stderr}`);
  return JSON.parse(stdout) as Record<string, Rendering[]>;
}
