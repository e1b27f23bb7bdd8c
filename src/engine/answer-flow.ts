import type { Piece } from "../core/trie/piece.ts";
import type { Answer } from "./answer.ts";

export interface AnswerFlowSetup {
  answer: Answer;
  /** Whether the pieces of parts that arrived together are emitted together. */
  together: boolean;
  emit: (pieces: Piece[]) => void;
  /** Called when the answer cannot go on, so its connection is no longer needed. */
  close: () => void;
}

/**
 * Emits the pieces of an answer in order, as its parts arrive. Decoding a part may take time; later parts wait for it.
 */
export class AnswerFlow {
  readonly #setup: AnswerFlowSetup;
  /** Set while parts are being decoded. Parts that arrive in the meantime wait for it. */
  #busy: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;

  constructor(setup: AnswerFlowSetup) {
    this.#setup = setup;
  }

  /** The server's error, or the error for data that is not part of an answer. Nothing is taken after it. */
  get failure(): { error: unknown } | undefined {
    return this.#failure;
  }

  /** Takes parts that arrived together. Never throws. */
  take(parts: readonly string[]): void {
    if (this.#busy === undefined) this.#takeAll(parts);
    else this.#busy = this.#busy.then(() => this.#takeSlowly(parts));
  }

  /** Resolves when everything taken so far has been emitted. Never rejects. */
  async settled(): Promise<void> {
    await this.#busy;
  }

  #takeAll(parts: readonly string[]): void {
    let all: Piece[] | undefined;
    for (let i = 0; i < parts.length && this.#failure === undefined; i += 1) {
      const pieces = this.#takeOne(parts[i] ?? "");
      if (pieces instanceof Promise) {
        if (all !== undefined) this.#setup.emit(all);
        this.#busy = this.#emitLater(pieces).then(() => this.#takeSlowly(parts.slice(i + 1)));
        return;
      }
      this.#look();
      if (pieces.length === 0) continue;
      if (!this.#setup.together) this.#setup.emit(pieces);
      else if (all === undefined) all = pieces;
      else for (const piece of pieces) all.push(piece);
    }
    if (all !== undefined) this.#setup.emit(all);
  }

  async #takeSlowly(parts: readonly string[]): Promise<void> {
    for (const part of parts) {
      if (this.#failure !== undefined) return;
      // oxlint-disable-next-line no-await-in-loop -- in the order of the tokens
      await this.#emitLater(this.#takeOne(part));
    }
  }

  #takeOne(part: string): Piece[] | Promise<Piece[]> {
    try {
      return this.#setup.answer.take(part);
    } catch (error) {
      this.#fail(error);
      return [];
    }
  }

  async #emitLater(coming: Piece[] | Promise<Piece[]>): Promise<void> {
    try {
      const pieces = await coming;
      if (pieces.length > 0) this.#setup.emit(pieces);
      this.#look();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Ends the answer where the last part had something that is no token. */
  #look(): void {
    const { strangeId } = this.#setup.answer;
    if (strangeId !== undefined) this.#fail(strangeId);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#setup.close();
  }
}
