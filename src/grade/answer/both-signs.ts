import { isSymbol, type Token } from "../read/token.ts";

/** A `±` outside of sets: in a set it makes more elements, not more sets. */
export function hasBothSigns(tokens: readonly Token[]): boolean {
  let sets = 0;
  return tokens.some((token) => {
    sets += Number(isSymbol(token, "⦃")) - Number(isSymbol(token, "⦄"));
    return sets === 0 && isSymbol(token, "±", "∓");
  });
}

/** With the upper or the lower one of each pair of signs. */
export function withSigns(tokens: readonly Token[], signs: "upper" | "lower"): Token[] {
  const [plus, minus] = signs === "upper" ? ["+", "-"] : ["-", "+"];
  return tokens.map((token) => {
    if (!isSymbol(token, "±", "∓")) return token;
    return { ...token, text: token.text === "±" ? plus : minus };
  });
}
