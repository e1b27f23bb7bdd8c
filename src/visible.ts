// Control characters move the cursor and worse; direction marks turn text around; a lone surrogate is no character.
const harmful = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\p{Cs}]/gu;

/**
 * Text of a model, made fit for a terminal or a page: a line feed shows as ⏎, ESC as `\x1b`. What stands in `keep` stays as it is.
 */
export function visible(text: string, { keep = "" }: { keep?: string } = {}): string {
  return text.replace(harmful, (character) => (keep.includes(character) ? character : escaped(character)));
}

function escaped(character: string): string {
  if (character === "\n") return "⏎";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  const code = character.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
}
