/** What a box holds, and where it stands. */
interface Box {
  readonly start: number;
  readonly end: number;
  readonly content: string;
}

const box = /\\(?:boxed|fbox|framebox)(?![A-Za-z])/g;
const unbraced = /[^\s${}\\,;]+/y;
/** What may stand between boxes that are one answer: at least a comma, or a word that joins. */
const joint = /^(?:\s|\$|\\[()[\],;: ]|\\q?quad|\\text\s*\{\s*(?:,?\s*and|,?\s*or|,)\s*\}|,|;|and\b|or\b)+$/;
const maxJoint = 60;
/** White space between the command and its brace. */
const maxGap = 8;

/** The last box, or the last ones where they are one list; why not, where there is none that is whole. */
export function lastBox(text: string): { content: string; count: number } | { why: string } {
  const boxes = outermost(text);
  if (boxes === "broken") return { why: "the last box has no end: the text may have been cut" };
  const last = boxes.at(-1);
  if (last === undefined) return { why: "there is no box" };
  let first = boxes.length - 1;
  while (first > 0 && isJoint(text.slice(boxes[first - 1]?.end, boxes[first]?.start))) first -= 1;
  const contents = boxes.slice(first).map(({ content }) => content.trim());
  if (last.content.trim() === "") return { why: "the last box is empty" };
  return { content: contents.join(", "), count: contents.length };
}

/** Boxes that are in no other box, in order; `broken` where the last one does not end. */
function outermost(text: string): Box[] | "broken" {
  const closing = closingBraces(text);
  const boxes: Box[] = [];
  let broken = false;
  for (const { index, 0: command } of text.matchAll(box)) {
    if (index < (boxes.at(-1)?.end ?? 0)) continue;
    const found = contentOf(text, index, index + command.length, closing);
    broken = found === undefined;
    if (found !== undefined) boxes.push(found);
  }
  return broken ? "broken" : boxes;
}

function contentOf(text: string, start: number, after: number, closing: ReadonlyMap<number, number>): Box | undefined {
  let open = after;
  while (open < after + maxGap && /\s/.test(text[open] ?? "")) open += 1;
  if (text[open] === "{") {
    const close = closing.get(open);
    return close === undefined ? undefined : { start, end: close + 1, content: text.slice(open + 1, close) };
  }
  unbraced.lastIndex = open;
  const content = (unbraced.exec(text)?.[0] ?? "").replace(/[.:!?]+$/, "");
  return { start, end: open + content.length, content };
}

/** For each opening brace its closing one. */
function closingBraces(text: string): Map<number, number> {
  const closing = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "{") open.push(at);
    else if (text[at] === "}") {
      const start = open.pop();
      if (start !== undefined) closing.set(start, at);
    }
  }
  return closing;
}

function isJoint(between: string): boolean {
  return between.length <= maxJoint && joint.test(between) && /,|;|and|or/.test(between);
}
