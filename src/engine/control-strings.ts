/**
 * Cuts text so that no part holds a control string: parts that are encoded apart can then never become control tokens,
 * whatever people typed. Joining the parts gives the text back.
 *
 * Every occurrence is cut after its first character, occurrences that overlap or lie inside each other included.
 * Control strings of fewer than two characters cannot be cut and are passed over.
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

/** Code units of the first character, 2 outside the basic plane: a cut must not leave half a character. */
function firstCharacterLength(text: string): number {
  return (text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1;
}

function cutAt(text: string, cuts: readonly number[]): string[] {
  if (text === "") return [];
  return [0, ...cuts].map((start, index) => text.slice(start, cuts[index]));
}
