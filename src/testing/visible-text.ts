import type { Asked } from "./asked.ts";
import type { Generated } from "./generation.ts";
import { rawText } from "./raw-text.ts";
import type { Settings } from "./settings.ts";

/** How much of an answer is there after so many of its tokens. */
export interface VisibleText {
  /** The text that may be shown. */
  text(tokens: number): string;
  /** Whether the end of the text looks like the beginning of a stop string, so that it is held back. */
  waits(tokens: number): boolean;
}

export function visibleText(
  settings: Settings,
  asked: Asked,
  prompt: readonly number[],
  generated: () => Generated,
): VisibleText {
  const read = rawText(settings, asked, prompt);
  const { holdBack, family } = settings;
  const longest = Math.max(0, ...asked.stopStrings.map((stop) => Array.from(stop).length));
  const partial = (tokens: number): number => {
    const text = read(generated().ids.slice(0, tokens), false);
    return Math.max(0, ...asked.stopStrings.map((stop) => beginningOf(stop, text)));
  };
  const isOver = (tokens: number): boolean => tokens >= generated().ids.length && generated().finish !== undefined;

  return {
    text(tokens) {
      if (isOver(tokens)) return cutAtStop(settings, asked, generated(), read);
      const text = read(generated().ids.slice(0, tokens), false);
      if (longest === 0) return text;
      if (holdBack === "all" && !asked.keepsStop)
        return Array.from(text)
          .slice(0, 1 - longest || undefined)
          .join("");
      return holdBack === "partial" ? text.slice(0, text.length - partial(tokens)) : text;
    },
    // Instead of waiting, llama.cpp sends the token without its text.
    waits: (tokens) => holdBack === "partial" && family !== "llamacpp" && !isOver(tokens) && partial(tokens) > 0,
  };
}

/** How many characters at the end of a text may be the beginning of a stop string. */
function beginningOf(stop: string, text: string): number {
  for (let length = Math.min(stop.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(stop.slice(0, length))) return length;
  }
  return 0;
}

function cutAtStop(
  { family }: Settings,
  { keepsStop }: Asked,
  { ids, finish, matched }: Generated,
  read: (ids: readonly number[], isLast: boolean) => string,
): string {
  if (finish !== "stop") return read(ids, true);
  if (typeof matched !== "string") return read(keepsStop ? ids : ids.slice(0, -1), true);
  const text = read(ids, true);
  const start = text.indexOf(matched);
  if (start === -1) return text;
  return text.slice(0, keepsStop && family !== "llamacpp" ? start + matched.length : start);
}
