/**
 * Who wrote a text. `prompt`: whoever started the run. `thinking`: the model, kept apart from the text by its server.
 * `runtime`: headers, closers, results.
 */
export type Writer = "prompt" | "model" | "thinking" | "runtime";

export type Span = readonly [by: Writer, text: string];

/** A part of one lane's text. Read in order, the blocks are the whole text, each thread in its place. */
export interface ReadingBlock {
  readonly lane: number;
  readonly spans: readonly Span[];
}

/** A block is at most so long, in code units, and one more where that would part a character. */
const longest = 2000;

/** Collects what one lane wrote, and gives it in blocks that a page can show one by one. */
export class Block {
  readonly #lane: number;
  #spans: [by: Writer, text: string][] = [];
  #length = 0;
  #isFirst = true;

  constructor(lane: number) {
    this.#lane = lane;
  }

  /** Adds a text, and gives the blocks that are full. */
  *add(by: Writer, text: string): Generator<ReadingBlock> {
    for (let at = 0; at < text.length;) {
      let end = Math.min(text.length, at + longest - this.#length);
      if (isHighSurrogate(text.charCodeAt(end - 1)) && end < text.length) end += 1;
      const last = this.#spans.at(-1);
      if (last?.[0] === by) last[1] += text.slice(at, end);
      else this.#spans.push([by, text.slice(at, end)]);
      this.#length += end - at;
      at = end;
      if (this.#length >= longest) yield* this.take();
    }
  }

  /** What there is, if there is anything. */
  *take(): Generator<ReadingBlock> {
    if (this.#spans.length > 0) yield* this.last();
  }

  /** What there is; a lane without any text has one empty block. */
  *last(): Generator<ReadingBlock> {
    if (this.#spans.length > 0 || this.#isFirst) yield { lane: this.#lane, spans: this.#spans };
    this.#spans = [];
    this.#length = 0;
    this.#isFirst = false;
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}
