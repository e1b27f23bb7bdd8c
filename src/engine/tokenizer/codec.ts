import type { TemplateOptions } from "./chat/chat-template.ts";

/** When the signal fires, the promise rejects with `aborted` at once. */
export interface CodecOptions {
  signal?: AbortSignal | undefined;
}

/** Turns text into the ids that a server understands, and back. */
export interface Codec {
  /**
   * Encodes a text. Control strings become tokens. The text continues another one, unless `bos` asks for the ids of a
   * whole text. Those begin with the begin of sequence, where the tokenizer adds one.
   */
  encode(text: string, options?: CodecOptions & { bos?: boolean | undefined }): Promise<number[]>;
  /** The ids of a text that continues another one, if they are known already. It does no I/O. */
  encodeSync?(text: string): readonly number[] | undefined;
  /** Decodes ids. Every token is shown. Bytes that are not a whole character become U+FFFD. */
  decode(ids: readonly number[], options?: CodecOptions): Promise<string>;
  /** Stores the ids of a text, so that they need not be requested. */
  remember?(text: string, ids: readonly number[]): void;
  /** Renders messages with the chat template, up to where the answer begins. */
  renderTemplate(
    messages: readonly { role: string; content: string }[],
    options?: CodecOptions & TemplateOptions,
  ): Promise<string>;
}
