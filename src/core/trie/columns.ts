import type { Piece, TopLogprob } from "./piece.ts";

/** Whole numbers in a growing array. Each takes four bytes, and at most a third of the array is in reserve. */
class IntColumn {
  #data = new Int32Array(4);
  length = 0;

  push(value: number): void {
    if (this.length === this.#data.length) this.#resize(Math.max(4, this.length + (this.length >> 1)));
    this.#data[this.length] = value;
    this.length += 1;
  }

  at(index: number): number {
    return this.#data[index] ?? 0;
  }

  slice(start: number, end: number): Int32Array {
    return this.#data.subarray(start, Math.min(end, this.length));
  }

  /** Frees the reserve. */
  trim(): void {
    if (this.length < this.#data.length) this.#resize(this.length);
  }

  #resize(length: number): void {
    const grown = new Int32Array(length);
    grown.set(this.#data.subarray(0, this.length));
    this.#data = grown;
  }
}

/**
 * The number of code units that are joined into one string. A string that is appended to all the time is a tree of
 * small strings in memory. Reading its end joins it again, and a listener does that for every token, so it must not be
 * long.
 */
const chunkLength = 128;

/** A growing text in flat chunks. It takes at most two bytes for each code unit, and an append costs nothing more. */
class TextColumn {
  readonly #chunks: string[] = [];
  readonly #ends: number[] = [];
  #flat = 0;
  #tail = "";
  /** Only for `push`. */
  unit = 0;

  get length(): number {
    return this.#flat + this.#tail.length;
  }

  push(text: string): void {
    this.#tail += text;
    if (this.#tail.length < chunkLength) return;
    // Reading one code unit makes the JavaScript engine join the string. It is kept, or the read would be optimised
    // away.
    this.unit = this.#tail.charCodeAt(0);
    this.#flat += this.#tail.length;
    this.#chunks.push(this.#tail);
    this.#ends.push(this.#flat);
    this.#tail = "";
  }

  slice(start: number, end: number): string {
    if (start >= end) return "";
    if (start >= this.#flat) return this.#tail.slice(start - this.#flat, end - this.#flat);
    let text = "";
    for (let i = this.#chunkAt(start); i < this.#chunks.length && this.#begin(i) < end; i += 1) {
      text += (this.#chunks[i] ?? "").slice(Math.max(0, start - this.#begin(i)), end - this.#begin(i));
    }
    return end > this.#flat ? text + this.#tail.slice(0, end - this.#flat) : text;
  }

  #begin(chunk: number): number {
    return this.#ends[chunk - 1] ?? 0;
  }

  #chunkAt(offset: number): number {
    let low = 0;
    let high = this.#ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ends[middle] ?? 0) > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/**
 * The pieces of one segment, in columns. A token takes eight bytes besides its text (at most twelve while the segment
 * grows); an object for each piece would take about a hundred. Every read makes new objects, so that no caller can
 * change what is kept.
 */
export class PieceColumns {
  readonly #ids = new IntColumn();
  readonly #textEnds = new IntColumn();
  readonly #text = new TextColumn();
  /** Where the ids of each piece end. Undefined while every piece has exactly one. */
  #idEnds: IntColumn | undefined;
  /** One for each token; NaN where it is unknown. Undefined while none is known. */
  #logprobs: number[] | undefined;
  #tops: (readonly TopLogprob[] | undefined)[] | undefined;
  /** In thousandths, one for each token; -1 where it is unknown. Undefined while none is known. */
  #confidences: IntColumn | undefined;
  #unknown = 0;

  /** Number of pieces. */
  get length(): number {
    return this.#textEnds.length;
  }

  /** Code units of the text of all pieces. */
  get textLength(): number {
    return this.#text.length;
  }

  /** Number of pieces whose ids are not known. */
  get withoutIds(): number {
    return this.#unknown;
  }

  push({ ids, text = "", logprobs, topLogprobs, confidences }: Piece): void {
    const count = ids?.length ?? 0;
    if (count !== 1) this.#idEnds ??= this.#countedSoFar();
    if (ids === undefined || count === 0) this.#unknown += 1;
    else for (const id of ids) this.#ids.push(id);
    this.#idEnds?.push(this.#ids.length);
    this.#text.push(text);
    this.#textEnds.push(this.#text.length);
    if (logprobs !== undefined || this.#logprobs !== undefined) this.#pushLogprobs(count, logprobs);
    if (topLogprobs !== undefined || this.#tops !== undefined) this.#pushTops(count, topLogprobs);
    if (confidences !== undefined || this.#confidences !== undefined) this.#pushConfidences(count, confidences);
  }

  /** Sets the ids of the only piece, which had none, and its text, if that was unknown too. */
  encode(ids: readonly number[], text: string | undefined): void {
    if (this.length !== 1 || this.#unknown !== 1)
      throw new RangeError("only a single piece without ids can be encoded");
    for (const id of ids) this.#ids.push(id);
    this.#idEnds = new IntColumn();
    this.#idEnds.push(ids.length);
    this.#unknown = 0;
    if (text === undefined || this.#text.length > 0) return;
    this.#text.push(text);
    this.#textEnds.length = 0;
    this.#textEnds.push(text.length);
  }

  piece(n: number): Piece {
    const ids = this.ids(n);
    const piece: Piece = ids === undefined ? { text: this.text(n, n + 1) } : { ids, text: this.text(n, n + 1) };
    const [start, end] = this.#range(n);
    const logprobs = this.#logprobs?.slice(start, end);
    if (logprobs !== undefined && logprobs.length > 0 && !logprobs.some(Number.isNaN)) piece.logprobs = logprobs;
    const tops = this.#tops?.slice(start, end).flatMap((top) => (top === undefined ? [] : [top]));
    if (tops !== undefined && tops.length > 0 && tops.length === end - start) piece.topLogprobs = tops;
    const confidences = this.confidences(n);
    if (confidences.length > 0 && confidences.length === end - start) piece.confidences = confidences;
    return piece;
  }

  /** Those of the tokens of one piece that are known. */
  confidences(n: number): number[] {
    const known: number[] = [];
    if (this.#confidences === undefined) return known;
    const [start, end] = this.#range(n);
    for (let i = start; i < end; i += 1) {
      const thousandths = this.#confidences.at(i);
      if (thousandths >= 0) known.push(thousandths / 1000);
    }
    return known;
  }

  /** The ids of one piece, or undefined if they are not known. */
  ids(n: number): number[] | undefined {
    const [start, end] = this.#range(n);
    if (end === start + 1) return [this.#ids.at(start)];
    return start === end ? undefined : Array.from(this.#ids.slice(start, end));
  }

  /** The last id of a piece. */
  lastId(n: number): number | undefined {
    const [start, end] = this.#range(n);
    return start === end ? undefined : this.#ids.at(end - 1);
  }

  /** Whether a piece is this one token. */
  isToken(n: number, id: number): boolean {
    const [start, end] = this.#range(n);
    return end === start + 1 && this.#ids.at(start) === id;
  }

  /** The ids of the pieces from `start` to `end`. Pieces whose ids are not known add none. */
  idRange(start: number, end: number): Int32Array {
    return end <= start ? this.#ids.slice(0, 0) : this.#ids.slice(this.#range(start)[0], this.#range(end - 1)[1]);
  }

  /** Tokens of the pieces from `start` to `end`. A piece whose ids are not known counts as one. */
  tokens(start: number, end: number): number {
    if (end <= start) return 0;
    const known = this.idRange(start, end).length;
    if (this.#unknown === 0) return known;
    let unknown = 0;
    for (let n = start; n < end; n += 1) if (this.lastId(n) === undefined) unknown += 1;
    return known + unknown;
  }

  text(start: number, end: number): string {
    return this.#text.slice(this.textStart(start), this.textStart(Math.min(end, this.length)));
  }

  /** Where the text of piece `n` begins. If `n` is the number of pieces: where the text ends. */
  textStart(n: number): number {
    return n === 0 ? 0 : this.#textEnds.at(n - 1);
  }

  /** Frees the reserve, since no more pieces come. */
  trim(): void {
    this.#ids.trim();
    this.#textEnds.trim();
    this.#idEnds?.trim();
    this.#confidences?.trim();
  }

  #range(n: number): readonly [start: number, end: number] {
    const ends = this.#idEnds;
    return ends === undefined ? [n, n + 1] : [n === 0 ? 0 : ends.at(n - 1), ends.at(n)];
  }

  #countedSoFar(): IntColumn {
    const ends = new IntColumn();
    for (let n = 1; n <= this.length; n += 1) ends.push(n);
    return ends;
  }

  #pushLogprobs(count: number, logprobs: readonly number[] | undefined): void {
    this.#logprobs ??= Array.from({ length: this.#ids.length - count }, () => NaN);
    for (let i = 0; i < count; i += 1) this.#logprobs.push(logprobs?.[i] ?? NaN);
  }

  #pushTops(count: number, tops: readonly (readonly TopLogprob[])[] | undefined): void {
    this.#tops ??= Array.from({ length: this.#ids.length - count }, () => undefined);
    for (let i = 0; i < count; i += 1) this.#tops.push(tops?.[i]);
  }

  #pushConfidences(count: number, confidences: readonly number[] | undefined): void {
    if (this.#confidences === undefined) {
      this.#confidences = new IntColumn();
      for (let n = count; n < this.#ids.length; n += 1) this.#confidences.push(-1);
    }
    for (let i = 0; i < count; i += 1) {
      const known = confidences?.[i];
      this.#confidences.push(known === undefined ? -1 : Math.round(known * 1000));
    }
  }
}
