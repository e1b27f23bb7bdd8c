/** What encodes finished texts. A tokenizer of `threadweaver/tokenizer` is one. */
export interface TextTokenizer {
  /** Begin of sequence; undefined where the model has none. */
  readonly bos: number | undefined;
  /** Ids that end a sequence; the first stands for the end of a finished text. */
  readonly eos: readonly number[];
  /** Encodes a text, control strings as their tokens, and adds no begin of sequence. */
  encode(text: string): readonly number[] | Promise<readonly number[]>;
  /** Decodes ids; control tokens are shown. */
  decode(ids: readonly number[]): string | Promise<string>;
}
