import { isCommand, isSymbol, keyOf, nameKey, type Token } from "../read/token.ts";

const accents = new Set(["hat", "bar", "vec", "tilde", "dot", "ddot", "overline", "widehat", "mathbb"]);

/**
 * Whether the left side of an equation only names what is on the right: `x`, `m_{\max}`, `f(x)`, `(p, q)`, `|AB|`, `\angle ABC`,
 * `\frac{NO}{BO}`, `S_1 : S_2`, words. A product of small letters is no name, since `xy = 1` says more than `1`.
 */
export function isLabel(tokens: readonly Token[]): boolean {
  const bare = withoutScripts(tokens);
  if (bare.length === 0 || bare.length > 12) return false;
  if (bare.some((token) => token.kind === "number" || isSymbol(token, "+", "-", "*", "^", "±", "!", "%", "∞")))
    return false;
  if (bare.every((token) => token.kind === "text" || (token.kind === "letters" && token.text.length > 2))) return true;
  const inner =
    isSymbol(bare[0], "(") || isSymbol(bare[1], "(") ? bare.filter((token) => !isSymbol(token, "(", ")", ",")) : bare;
  const [first, ...rest] = inner;
  if (isSymbol(bare[1], "(") && isSymbol(bare.at(-1), ")") && isName(first))
    return rest.length < 4 && rest.every(isName);
  if (isSymbol(bare[0], "(") && isSymbol(bare.at(-1), ")")) return inner.every(isName) && inner.length > 1;
  if (inner.length === 1 && isName(first)) return true;
  return inner.every((token) => isSegment(token) || isSymbol(token, "{", "}", "/", ":", "|"));
}

/** One letter, or a name of several words. */
function isName(token: Token | undefined): boolean {
  if (token?.kind === "command") return /^[A-Za-z]+$/.test(token.text) && !isCommand(token, "pi", "frac", "sqrt");
  return (
    token?.kind === "text" ||
    (token?.kind === "letters" && (token.text.length === 1 || token.text.length > 3) && !/^[ei]$/.test(token.text))
  );
}

/** Capitals name points, and so lengths and angles. */
function isSegment(token: Token): boolean {
  if (token.kind === "command")
    return isCommand(token, "frac", "angle", "triangle", "overline", "measuredangle", "widehat", "Delta");
  return token.kind === "letters" && /^m?[A-Z]+$/.test(token.text);
}

/** Without subscripts, primes and accents. */
function withoutScripts(tokens: readonly Token[]): Token[] {
  const kept: Token[] = [];
  let depth = 0;
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    if (isSymbol(token, "_")) {
      at += 1;
      if (!isSymbol(tokens[at], "{")) continue;
      depth = 1;
      while (depth > 0 && at < tokens.length) {
        at += 1;
        depth += Number(isSymbol(tokens[at], "{")) - Number(isSymbol(tokens[at], "}"));
      }
    } else if (
      !isSymbol(token, "'") &&
      !(token.kind === "command" && accents.has(token.text) && token.text !== "overline")
    ) {
      kept.push(token);
    }
  }
  return kept;
}

/** The name and, of a function of one letter, its argument. */
export function labelOf(tokens: readonly Token[]): { name: string | undefined; argument: string | undefined } {
  if (tokens.length === 0) return { name: undefined, argument: undefined };
  const [open, argument, close] = tokens.slice(-3);
  if (tokens.length > 3 && isSymbol(open, "(") && isSymbol(close, ")") && argument !== undefined && isName(argument)) {
    return { name: keyOf(tokens.slice(0, -3)), argument: keyOf([argument]).trim() };
  }
  return { name: nameKey(tokens), argument: undefined };
}
