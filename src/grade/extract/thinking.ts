const end = "</think>";

/** What stands after the last end of thinking; all of it where there is none. */
export function afterThinking(text: string): string {
  const at = text.lastIndexOf(end);
  return at < 0 ? text : text.slice(at + end.length);
}
