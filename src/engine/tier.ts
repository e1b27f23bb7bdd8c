import type { Dialect } from "../core/dialects/schema.ts";
import { dialects } from "../core/dialects/bundled/index.ts";
import { ThreadweaverError } from "../errors.ts";

/**
 * How exactly an engine can go on from what was generated: `ids` token for token; `text` by its text, which is then
 * tokenised anew; `chat-continue` inside the last turn of a chat; `chat-only` by whole turns.
 */
export type Tier = "ids" | "text" | "chat-continue" | "chat-only";

const tiers: readonly Tier[] = ["ids", "text", "chat-continue", "chat-only"];

/** Whether a dialect can run there; a tier can do all that those below it can. */
function runsOn({ needs }: Dialect, tier: Tier): boolean {
  return tiers.indexOf(tier) <= tiers.indexOf(needs);
}

/** The bundled dialects that run on a tier. */
export function dialectsOf(tier: Tier): readonly string[] {
  return Object.values(dialects).flatMap((dialect) => (runsOn(dialect, tier) ? [dialect.name] : []));
}

/** @throws `engine_refused`, with what would run there. */
export function requireTier(dialect: Dialect, { name, tier = "ids" }: { name: string; tier?: Tier | undefined }): void {
  if (runsOn(dialect, tier)) return;
  const enough = tiers.slice(0, tiers.indexOf(dialect.needs) + 1);
  const others = dialectsOf(tier);
  throw new ThreadweaverError(
    "engine_refused",
    `${name} is ${tier}: dialect ${dialect.name} needs ${enough.join(" or ")}; ` +
      `here run ${others.length > 0 ? others.join(", ") : "no bundled dialects"}, and any dialect in sequential mode`,
  );
}
