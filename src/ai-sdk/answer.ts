import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";

const id = "text";

/** The answer of a run as one text part: what follows the end of main's thinking, in reading order. */
export class Answer {
  readonly #thinkingEnd: string | undefined;
  readonly #emit: (part: LanguageModelV4StreamPart) => void;
  /** The end of the text so far, in which the marker may have begun; undefined once the answer has. */
  #tail: string | undefined;
  #length = 0;

  constructor(thinkingEnd: string | undefined, emit: (part: LanguageModelV4StreamPart) => void) {
    this.#thinkingEnd = thinkingEnd;
    this.#tail = thinkingEnd === undefined ? undefined : "";
    this.#emit = emit;
  }

  /** Takes the next text of the run. */
  take(text: string): void {
    const marker = this.#thinkingEnd;
    if (this.#tail === undefined || marker === undefined) {
      this.#show(text);
      return;
    }
    const read = this.#tail + text;
    const at = read.indexOf(marker);
    this.#tail = at < 0 ? read.slice(-(marker.length - 1)) : undefined;
    if (at >= 0) this.#show(read.slice(at + marker.length));
  }

  /** The run is over, and this is its `content`. Where nothing ended the thinking, all of its text is the answer. */
  complete(content: string): void {
    this.#show(content.slice(this.#length));
  }

  /** Nothing follows. */
  end(): void {
    if (this.#length > 0) this.#emit({ type: "text-end", id });
  }

  #show(delta: string): void {
    if (delta === "") return;
    if (this.#length === 0) this.#emit({ type: "text-start", id });
    this.#length += delta.length;
    this.#emit({ type: "text-delta", id, delta });
  }
}
