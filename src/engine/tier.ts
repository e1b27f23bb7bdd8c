import { dialects } from "../core/dialects/index.ts";

/**
 * How exactly a server can go on from what was generated: `ids` token for token; `text` by its text, which is then
 * tokenised anew; `chat-continue` a partial turn of a chat; `chat-only` nothing but whole turns.
 */
export type Tier = "ids" | "text" | "chat-continue" | "chat-only";

/** The bundled dialects that run on a tier. All of them go on inside a turn, so none of them runs on a chat yet. */
export function dialectsOf(tier: Tier): readonly string[] {
  return tier === "ids" || tier === "text" ? Object.keys(dialects) : [];
}
