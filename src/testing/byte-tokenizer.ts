/** The control strings of the small bundled model, whose format is threadweaver's. */
const modelControls = ["<pad>", "<think>", "</think>"].concat(
  ["Parallel", "Outlines", "Outline", "Thread"].flatMap((name) => [`<${name}>`, `</${name}>`]),
);

/**
 * A tokenizer with one token for each byte, and one for each control string. `<s>` and `</s>` come first, from id 256
 * on.
 */
export class ByteTokenizer {
  readonly controls: readonly string[];
  readonly bos = 256;
  readonly eos = 257;
  /**
   * Ids that servers hide from the text unless asked to show them: `<s>`, `</s>` and `<pad>`. Other control strings are
   * shown.
   */
  readonly special: ReadonlySet<number>;
  readonly #pattern: RegExp;
  /** Bytes of the longest control string. */
  readonly #longest: number;

  /** @param controls control strings besides `<s>` and `</s>`. @defaultValue those of the small bundled model */
  constructor(controls: readonly string[] = modelControls) {
    this.controls = ["<s>", "</s>", ...controls];
    const pad = this.controls.indexOf("<pad>");
    this.special = new Set([this.bos, this.eos, ...(pad === -1 ? [] : [256 + pad])]);
    const alternatives = this.controls.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
    this.#longest = Math.max(...this.controls.map((text) => Buffer.byteLength(text)));
    this.#pattern = new RegExp(`(${alternatives.join("|")})`);
  }

  /** Number of ids in the vocabulary. */
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

  /** Decodes ids. Bytes that are not a character become U+FFFD. */
  decode(ids: readonly number[]): string {
    return this.bytes(ids).toString();
  }

  /** Decodes ids without the special tokens. */
  decodeVisible(ids: readonly number[]): string {
    return this.decode(ids.filter((id) => !this.special.has(id)));
  }

  bytes(ids: readonly number[]): Buffer {
    const longest = ids.length + ids.filter((id) => id >= 256).length * this.#longest;
    const bytes = Buffer.allocUnsafe(longest);
    let at = 0;
    for (const id of ids) {
      if (id < 256) bytes[at++] = id;
      else at += bytes.write(this.controls[id - 256] ?? "", at);
    }
    return bytes.subarray(0, at);
  }
}
