/** When the signal fires, the promise rejects with `aborted` at once. */
export interface CodecOptions {
  signal?: AbortSignal | undefined;
}

/** Turns text into the ids that a server understands, and back. */
export interface Codec {
  /**
   * Control strings are read as tokens. The text goes on after something, unless `bos` asks for the ids of a whole text:
   * those begin with the begin of sequence, where the tokenizer puts one of its own accord.
   */
  encode(text: string, options?: CodecOptions & { bos?: boolean | undefined }): Promise<number[]>;
  /** The same ids, of a text that goes on after something, if they are known already; never any I/O. */
  encodeSync?(text: string): readonly number[] | undefined;
  /** Every token shown. Bytes that are no whole character give U+FFFD. */
  decode(ids: readonly number[], options?: CodecOptions): Promise<string>;
  /** What is known already need not be asked for. */
  remember?(id: number, text: string): void;
  /** The chat template's rendering, up to where the answer begins. */
  renderTemplate(messages: readonly { role: string; content: string }[], options?: CodecOptions): Promise<string>;
}
