import { isCommand, isSymbol, type Token } from "../read/token.ts";

/** A comma, or a word that joins. After a comma it is one separator with it. */
export function isSeparator(token: Token, before: Token | undefined): boolean {
  if (isSymbol(token, ",") || isCommand(token, "lor", "vee")) return true;
  const word =
    token.kind === "text" || token.kind === "letters"
      ? token.text
          .trim()
          .replace(/^[,;]\s*/, "")
          .toLowerCase()
      : "";
  return before !== undefined && (word === "and" || word === "or");
}

/** Without `Answer:` and its like in front. */
export function withoutLabel(tokens: readonly Token[]): readonly Token[] {
  for (let at = 0; at < Math.min(4, tokens.length); at += 1) {
    const token = tokens[at];
    if (token?.kind !== "text" && token?.kind !== "letters") {
      if (at > 0 && isSymbol(token, ":") && /answer$/i.test(tokens[at - 1]?.text.trim() ?? ""))
        return tokens.slice(at + 1);
      return tokens;
    }
    // `\text{The answer is }5`; words that are set as such, since `is` is a product of letters too.
    const isLabel =
      /answer(?: is)?:\s*$/i.test(token.text) || (token.kind === "text" && /(?:\bis|:)\s*$/.test(token.text));
    if (isLabel && tokens.length > at + 1) return tokens.slice(at + 1);
  }
  return tokens;
}
