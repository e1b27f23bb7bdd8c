import type { Dialect } from "../core/dialects/schema.ts";
import { dialects } from "../core/dialects/bundled/index.ts";
import { ThreadweaverError } from "../errors.ts";

/**
 * How exactly an engine can continue what was generated. `ids`: token for token. `text`: from its text, which is
 * tokenised again. `chat-continue`: inside the last turn of a chat. `chat-only`: in whole turns.
 */
export type Tier = "ids" | "text" | "chat-continue" | "chat-only";

const tiers: readonly Tier[] = ["ids", "text", "chat-continue", "chat-only"];

/** Whether a dialect can run on a tier. A tier can do everything that those after it can. */
function runsOn({ needs }: Dialect, tier: Tier): boolean {
  return tiers.indexOf(tier) <= tiers.indexOf(needs);
}

/** The bundled dialects that run on a tier. */
export function dialectsOf(tier: Tier): readonly string[] {
  return Object.values(dialects).flatMap((dialect) => (runsOn(dialect, tier) ? [dialect.name] : []));
}

/** @throws `engine_refused` for a dialect that cannot run there. The message names those that can. */
export function requireTier(dialect: Dialect, { name, tier = "ids" }: { name: string; tier?: Tier | undefined }): void {
  if (runsOn(dialect, tier)) return;
  const enough = tiers.slice(0, tiers.indexOf(dialect.needs) + 1);
  const others = dialectsOf(tier);
  throw new ThreadweaverError(
    "engine_refused",
    `${name} has tier ${tier}, but dialect ${dialect.name} needs ${enough.join(" or ")}. ` +
      `It can run ${others.length > 0 ? others.join(", ") : "no bundled dialect"}, and any dialect in sequential mode.`,
  );
}
