import { ThreadweaverError } from "../../errors.ts";

/**
 * Cuts a text so that no part holds a control string. Parts that are encoded separately can then never become control
 * tokens, whatever people typed. Joining the parts gives the text back.
 *
 * Every occurrence is cut after its first character, including occurrences that overlap or lie inside each other.
 * Control strings of fewer than two characters cannot be cut and are ignored.
 */
export function splitControls(text: string, controls: Iterable<string>): string[] {
  const cuts = new Set<number>();
  for (const control of controls) {
    const first = firstCharacterLength(control);
    if (first >= control.length) continue;
    for (let at = text.indexOf(control); at !== -1; at = text.indexOf(control, at + 1)) cuts.add(at + first);
  }
  return cutAt(
    text,
    [...cuts].toSorted((a, b) => a - b),
  );
}

/** Length of the first character in code units, 2 outside the basic plane. A cut must not leave half a character. */
function firstCharacterLength(text: string): number {
  return (text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1;
}

function cutAt(text: string, cuts: readonly number[]): string[] {
  if (text === "") return [];
  return [0, ...cuts].map((start, index) => text.slice(start, cuts[index]));
}

/**
 * Refuses a text with control strings, for servers whose prompts are text: those read them as control tokens, which
 * cannot be prevented. @throws `invalid_prompt`
 */
export function refuseControls(text: string, controls: readonly string[]): void {
  const found = controls.filter((control) => text.includes(control));
  if (found.length === 0) return;
  throw new ThreadweaverError(
    "invalid_prompt",
    `The text holds ${found.join(" ")}, which this server may read as control tokens. It takes no token ids, so this ` +
      `cannot be prevented: remove them, set specialInPrompt to "parse" for a prompt that means them, or use a server that takes ids.`,
  );
}
