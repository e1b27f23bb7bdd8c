const graphemes = new Intl.Segmenter();

// East Asian wide and full-width characters, and emoji.
const wide =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])/u;

// What nearly all text is made of; segmenting it for every frame would be slow.
const narrow = /^[ -~⏎…]*$/;

/** The columns of a terminal that a text takes; it holds no control characters. */
export function columnsOf(text: string): number {
  if (narrow.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += wide.test(segment) ? 2 : 1;
  return columns;
}

/** The beginning of a text, cut with an ellipsis to fit. */
export function fitStart(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  return columns < 1 ? "" : `${take(split(text), columns - 1).join("")}…`;
}

/** The end of a text, cut with an ellipsis to fit. */
export function fitEnd(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  return columns < 1
    ? ""
    : `…${take(split(text).reverse(), columns - 1)
        .reverse()
        .join("")}`;
}

export function padTo(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - columnsOf(text)));
}

function split(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

function take(characters: readonly string[], columns: number): string[] {
  let left = columns;
  const end = characters.findIndex((character) => (left -= columnsOf(character)) < 0);
  return end < 0 ? [...characters] : characters.slice(0, end);
}
