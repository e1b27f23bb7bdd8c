/** What announces an answer, as models are taught to write it; the last of them counts. */
const marks = ["final answer is", "the answer is", "final answer:", "answer:", "####"];
const maxLine = 2000;

/** What stands after the last announcement, up to the end of its sentence, its line, or its mathematics. */
export function finalAnswer(text: string): string | undefined {
  const small = text.toLowerCase();
  let start = -1;
  for (const mark of marks) {
    const at = small.lastIndexOf(mark);
    if (at >= 0) start = Math.max(start, at + mark.length);
  }
  if (start < 0) return undefined;
  const rest = text.slice(start, start + maxLine).replace(/^[\s:*]+/, "");
  const inner = delimited(rest) ?? sentence(rest);
  const answer = inner.replace(/\*+$/, "").trim();
  return answer === "" ? undefined : answer;
}

/** The mathematics that it begins with. */
function delimited(text: string): string | undefined {
  for (const [open, close] of [
    ["$$", "$$"],
    ["$", "$"],
    ["\\(", "\\)"],
    ["\\[", "\\]"],
  ] as const) {
    if (!text.startsWith(open)) continue;
    const end = text.indexOf(close, open.length);
    return end < 0 ? undefined : text.slice(open.length, end);
  }
  return undefined;
}

/** Up to the line's end, or to a full stop that no digit follows. */
function sentence(text: string): string {
  const [line = ""] = text.split("\n", 1);
  const stop = line.search(/[.!?](?:\s|\*|$)/);
  return stop < 0 ? line : line.slice(0, stop);
}
