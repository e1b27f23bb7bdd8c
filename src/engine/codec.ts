/** Turns text into the ids that a server understands, and back. */
export interface Codec {
  /** Control strings are read as tokens. No begin of sequence is added unless asked for. */
  encode(text: string, options?: { bos?: boolean }): Promise<number[]>;
  /** Every token shown. */
  decode(ids: readonly number[]): Promise<string>;
  /** What is known already need not be asked for. */
  remember(id: number, text: string): void;
  /** The chat template's rendering, up to where the answer begins. */
  renderTemplate(messages: readonly { role: string; content: string }[]): Promise<string>;
}
