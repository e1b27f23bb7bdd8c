import type { Piece, TopLogprob } from "../../core/trie/piece.ts";

interface Details {
  logprob: number | undefined;
  top: readonly TopLogprob[] | undefined;
}

/**
 * Keeps the log-probabilities of tokens until the tokens become pieces, which may be later, and gives them to the
 * pieces.
 */
export class TokenDetails {
  readonly #areAsked: boolean;
  /** One entry for each token that is not in a piece yet. */
  #waiting: Details[] = [];

  constructor(areAsked: boolean) {
    this.#areAsked = areAsked;
  }

  add(
    ids: readonly number[],
    logprobs: readonly number[] | undefined,
    topLogprobs: readonly (readonly TopLogprob[])[] | undefined,
  ): void {
    if (!this.#areAsked) return;
    for (const at of ids.keys()) this.#waiting.push({ logprob: logprobs?.[at], top: topLogprobs?.[at] });
  }

  /**
   * Adds the values to pieces, in the order of their tokens. A piece that lacks a value of one of its tokens gets none.
   */
  attach(pieces: Piece[]): Piece[] {
    if (!this.#areAsked) return pieces;
    return pieces.map((piece) => {
      const own = this.#waiting.splice(0, piece.ids?.length ?? 0);
      const logprobs = own.flatMap(({ logprob }) => logprob ?? []);
      const topLogprobs = own.flatMap(({ top }) => (top === undefined ? [] : [top]));
      return {
        ...piece,
        ...(own.length > 0 && logprobs.length === own.length ? { logprobs } : {}),
        ...(own.length > 0 && topLogprobs.length === own.length ? { topLogprobs } : {}),
      };
    });
  }
}
