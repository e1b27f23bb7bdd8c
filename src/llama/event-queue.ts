import type { CompletionEvent } from "../engine/engine.ts";
import type { Piece } from "../core/trie/piece.ts";

/** Passes a call's events from the loop to its one reader. Pieces that the reader has not fetched yet are one event. */
export class EventQueue {
  #pieces: Piece[] = [];
  #ending: { event: CompletionEvent } | { error: Error; broken: CompletionEvent | undefined } | undefined;
  #wake: (() => void) | undefined;

  push(pieces: readonly Piece[]): void {
    this.#pieces.push(...pieces);
    if (pieces.length > 0) this.#wake?.();
  }

  end(event: CompletionEvent): void {
    this.#ending ??= { event };
    this.#wake?.();
  }

  /** The reader gets the pieces that are already there, then `broken` if there is one, then the error. */
  fail(error: Error, broken?: CompletionEvent): void {
    this.#ending ??= { error, broken };
    this.#wake?.();
  }

  async *read(): AsyncGenerator<CompletionEvent, void, undefined> {
    for (;;) {
      if (this.#pieces.length > 0) yield { type: "pieces", pieces: this.#pieces.splice(0) };
      else if (this.#ending === undefined) await this.#somethingNew();
      else if ("event" in this.#ending) return yield this.#ending.event;
      else {
        const { error, broken } = this.#ending;
        if (broken !== undefined) yield broken;
        throw error;
      }
    }
  }

  #somethingNew(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}
