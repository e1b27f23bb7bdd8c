import type { Piece } from "../../core/trie/piece.ts";

/** Returns the text of a run of tokens, the same wherever it stands. Bytes that are not a character become U+FFFD. */
export type Decode = (ids: readonly number[]) => string;

export interface PieceDecoder {
  /**
   * Returns the pieces that are complete now: usually one, none inside a character, two after bytes that never became
   * one.
   */
  push(id: number): Piece[];
  /** Returns the tokens held back for the rest of their character, as one piece. */
  flush(): Piece[];
}

/** The same for a decoder behind a network. Wait for each `push` before the next one. */
export interface AsyncPieceDecoder {
  push(id: number): Promise<Piece[]>;
  flush(): Piece[];
  /** Whether tokens are held back. */
  readonly holds: boolean;
}

/**
 * Turns token ids into pieces as they arrive, one per token. Tokens inside an incomplete character are held back until
 * it is complete, and then make one piece. The cost per token is constant: only the held tokens are decoded again.
 *
 * @param isSilent tokens whose text is empty by contract: begin, end of sequence and padding.
 */
export function createPieceDecoder(decode: Decode, isSilent: (id: number) => boolean): PieceDecoder {
  const assembler = new PieceAssembler(isSilent);
  return {
    push(id) {
      const steps = assembler.push(id);
      let step = steps.next();
      while (step.done !== true) step = steps.next(decode(step.value));
      return step.value;
    },
    flush: () => assembler.flush(),
  };
}

/** `createPieceDecoder` for a `decode` that takes time. */
export function createAsyncPieceDecoder(
  decode: (ids: readonly number[]) => Promise<string>,
  isSilent: (id: number) => boolean,
): AsyncPieceDecoder {
  const assembler = new PieceAssembler(isSilent);
  return {
    async push(id) {
      const steps = assembler.push(id);
      let step = steps.next();
      // oxlint-disable-next-line no-await-in-loop -- each step depends on the one before
      while (step.done !== true) step = steps.next(await decode(step.value));
      return step.value;
    },
    flush: () => assembler.flush(),
    get holds() {
      return assembler.holds;
    },
  };
}

const replacement = "\uFFFD";

/** Yields runs to decode, is given their text, and returns pieces. So the same code works with and without waiting. */
type Steps = Generator<readonly number[], Piece[], string>;

class PieceAssembler {
  readonly #isSilent: (id: number) => boolean;
  #held: readonly number[] = [];
  #heldText = "";

  constructor(isSilent: (id: number) => boolean) {
    this.#isSilent = isSilent;
  }

  get holds(): boolean {
    return this.#held.length > 0;
  }

  *push(id: number): Steps {
    if (this.#isSilent(id)) return [...this.flush(), { ids: [id], text: "" }];
    if (!this.holds) return this.#holdOrRelease([id], yield [id]);
    const joined = yield [...this.#held, id];
    const alone = yield [id];
    if (joined !== this.#heldText + alone) return this.#holdOrRelease([...this.#held, id], joined);
    // The text is the same as that of both apart. So this token does not complete the held character, which was none.
    return [...this.flush(), ...this.#holdOrRelease([id], alone)];
  }

  flush(): Piece[] {
    if (!this.holds) return [];
    const piece: Piece = { ids: this.#held, text: this.#heldText };
    this.#held = [];
    return [piece];
  }

  #holdOrRelease(ids: readonly number[], text: string): Piece[] {
    const incomplete = text.endsWith(replacement);
    this.#held = incomplete ? ids : [];
    this.#heldText = incomplete ? text : "";
    return incomplete ? [] : [{ ids, text }];
  }
}
