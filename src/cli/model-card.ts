const factor = "(?:1[1-9]|[2-9]\\d)";
const product = `${factor}\\*${factor}`;
/** 2 to 4 products of numbers from 11 to 99. */
export const sumPattern: RegExp = new RegExp(`^${product}(?:\\+${product}){1,3}$`);
const example = "Q: 64*27+14*89";

/** Whether the bundled model knows this kind of prompt: `Q: `, 2 to 4 products of numbers from 11 to 99, line feed. */
export function fitsBundledModel(prompt: string): boolean {
  return prompt.endsWith("\n") && isSum(prompt.slice(0, -1));
}

/** What to warn of when a prompt does not fit; it is run all the same. A prompt that is sent as it is needs a line feed. */
export function adviceForBundledModel(prompt: string): string {
  if (!isSum(prompt)) {
    return (
      `the bundled model knows one kind of prompt only, such as ${example} (2 to 4 products of two-digit numbers from ` +
      `11 to 99); expect nonsense for this one. Try: threadweaver run "${example}"`
    );
  }
  return `the bundled model expects a line feed at the end of the prompt and is often wrong without it. Try: ${withLineFeed(prompt)}`;
}

function withLineFeed(prompt: string): string {
  return `threadweaver run "${prompt}"   or   printf '${prompt}\\n' | threadweaver run -`;
}

function isSum(text: string): boolean {
  return text.startsWith("Q: ") && sumPattern.test(text.slice(3));
}
