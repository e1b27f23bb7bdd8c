import type { Piece } from "../../core/trie/piece.ts";

/** The pieces at the beginning of a server's text, and the text after them. */
export interface Aligned {
  pieces: Piece[];
  rest: string;
}

/**
 * Finds pieces in the text that the server sent with their tokens. Some vocabularies lose a leading space when a token
 * is decoded alone; the server's text has it, so the piece gets it back. Undefined where the text does not begin with
 * these pieces.
 *
 * @param isTrimmed whether the text may end inside one of the pieces.
 */
export function alignToServerText(pieces: readonly Piece[], text: string, isTrimmed = false): Aligned | undefined {
  let at = 0;
  const found: Piece[] = [];
  for (const piece of pieces) {
    const own = piece.text ?? "";
    const spaced = ` ${own}`;
    const isHere = (whole: string): boolean =>
      text.startsWith(whole, at) || (isTrimmed && whole.startsWith(text.slice(at)));
    const isWhole = isHere(own);
    if (!isWhole && !isHere(spaced)) return undefined;
    found.push(isWhole ? piece : { ...piece, text: spaced });
    at += (isWhole ? own : spaced).length;
  }
  return { pieces: found, rest: text.slice(at) };
}
