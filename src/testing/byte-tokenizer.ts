/** One token for each byte, and one for each of some control strings: `<s>` and `</s>` first, from id 256 on. */
export class ByteTokenizer {
  readonly controls: readonly string[];
  readonly bos = 256;
  readonly eos = 257;
  readonly #pattern: RegExp;

  constructor(controls: readonly string[]) {
    this.controls = ["<s>", "</s>", ...controls];
    const alternatives = this.controls.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
    this.#pattern = new RegExp(`(${alternatives.join("|")})`);
  }

  /** Ids of the vocabulary. */
  get size(): number {
    return 256 + this.controls.length;
  }

  /** Control strings become their tokens, as on every real server. */
  encode(text: string): number[] {
    return text.split(this.#pattern).flatMap((part) => {
      const index = this.controls.indexOf(part);
      return index === -1 ? [...Buffer.from(part)] : [256 + index];
    });
  }

  decode(ids: readonly number[]): string {
    return Buffer.concat(ids.map((id) => this.#bytesOf(id))).toString();
  }

  #bytesOf(id: number): Buffer {
    return id < 256 ? Buffer.from([id]) : Buffer.from(this.controls[id - 256] ?? "");
  }
}
