export interface Token {
  /**
   * `number`: digits with a point or an exponent. `letters`: a run of them. `command`: TeX, without its backslash.
   * `text`: words of \text and its kin. `symbol`: one sign, or a set brace `⦃ ⦄`, or `¶` for a line's end.
   */
  readonly kind: "number" | "letters" | "command" | "text" | "symbol";
  readonly text: string;
  /** White space stands in front of it. */
  readonly spaced: boolean;
  /** A comma in braces, or one that \! pulls to its neighbour: it parts thousands. */
  readonly tight: boolean;
}

export function isSymbol(token: Token | undefined, ...signs: string[]): boolean {
  return token?.kind === "symbol" && signs.includes(token.text);
}

export function isCommand(token: Token | undefined, ...names: string[]): boolean {
  return token?.kind === "command" && names.includes(token.text);
}

/** What closes an opening sign. */
export const closers: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}", "⦃": "⦄", "⌊": "⌋", "⌈": "⌉" };
const opening = new Set(Object.keys(closers));
const closing = new Set(Object.values(closers));

/** How much deeper in brackets it is after a token. */
export function depthStep(token: Token): number {
  if (token.kind !== "symbol") return 0;
  return opening.has(token.text) ? 1 : -Number(closing.has(token.text));
}

/** As one text that two ways of writing share: without braces around one sign. Two numbers side by side stay two. */
export function keyOf(tokens: readonly Token[]): string {
  const parts: string[] = [];
  let afterNumber = false;
  for (const [index, { kind, text }] of tokens.entries()) {
    if (text === "{" && isSymbol(tokens[index + 2], "}") && isOne(tokens[index + 1])) continue;
    if (text === "}" && isSymbol(tokens[index - 2], "{") && isOne(tokens[index - 1])) continue;
    const isNumber = kind === "number";
    if (isNumber && afterNumber) parts.push(" ");
    parts.push(kind === "command" ? `\\${text} ` : text);
    afterNumber = isNumber;
  }
  return parts.join("");
}

function isOne(token: Token | undefined): boolean {
  return token !== undefined && token.kind !== "symbol" && (token.kind === "command" || token.text.length === 1);
}

/** As a name: `x_{1}` is `x_1`. */
export function nameKey(tokens: readonly Token[]): string {
  return keyOf(tokens.filter((token) => !isSymbol(token, "{", "}")));
}
