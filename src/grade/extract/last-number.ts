const number = /-?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:\/\d+)?/g;

/** The last number, with its sign, thousands, decimals and denominator. */
export function lastNumber(text: string): string | undefined {
  let last: string | undefined;
  for (const [found] of text.matchAll(number)) last = found;
  return last?.replace(/,+$/, "");
}
