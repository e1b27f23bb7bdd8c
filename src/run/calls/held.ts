import type { Piece } from "../../core/trie/piece.ts";

/**
 * Held tokens that will become no better pieces, as pieces. The token that ends a call is one of its own, or dropping it
 * would drop those before it.
 *
 * @param shownAs how an id that ends the call stands in a text. Undefined: it ends none.
 */
export function releasedPieces(held: Piece, shownAs: (id: number) => string | undefined): Piece[] {
  const { ids = [], text, logprobs, topLogprobs } = held;
  const last = ids.at(-1);
  const end = last === undefined ? undefined : shownAs(last);
  if (last === undefined || end === undefined || ids.length === 1) return [held];
  const part = (from: number, to: number, own: string | undefined): Piece => ({
    ids: ids.slice(from, to),
    ...(own !== undefined && { text: own }),
    ...(logprobs && { logprobs: logprobs.slice(from, to) }),
    ...(topLogprobs && { topLogprobs: topLogprobs.slice(from, to) }),
  });
  const at = ids.length - 1;
  const isShown = end !== "" && text?.endsWith(end) === true;
  const before = isShown ? text.slice(0, -end.length) : text;
  return [part(0, at, before), part(at, ids.length, isShown || end === "" ? end : undefined)];
}
