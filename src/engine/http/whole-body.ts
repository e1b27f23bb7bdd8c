/**
 * Reads an answer that is no event stream: one JSON value, JSON values on lines of their own, or a page. Values are
 * handed on as soon as they are complete.
 */
export class WholeBody {
  readonly #mostCharacters: number;
  readonly #onValue: (json: string) => void;
  #text = "";

  constructor(mostCharacters: number, onValue: (json: string) => void) {
    this.#mostCharacters = mostCharacters;
    this.#onValue = onValue;
  }

  feed(text: string): void {
    this.#text += text;
    if (this.#text.length > this.#mostCharacters) throw new RangeError("the answer is too long");
    for (let at = this.#text.indexOf("\n"); at !== -1; at = this.#text.indexOf("\n")) {
      const value = valueOf(this.#text.slice(0, at));
      if (value === undefined) return; // a value of several lines
      this.#text = this.#text.slice(at + 1);
      this.#hand(value);
    }
  }

  /** Hands on what is left. What is no JSON is told as an error. */
  end(): void {
    const text = this.#text.replace(/^\uFEFF/, "").trim();
    this.#text = "";
    if (text === "") return;
    const value = valueOf(text);
    if (value !== undefined) this.#hand(value);
    // A page is an answer of something else, and comes again. JSON that was cut off is an answer that broke off.
    else this.#onValue(text.startsWith("<") ? JSON.stringify({ error: { message: text, code: 404 } }) : text);
  }

  #hand(value: unknown): void {
    for (const one of [value].flat()) this.#onValue(JSON.stringify(one));
  }
}

/** Undefined for what is no JSON, or not all of it. */
function valueOf(text: string): unknown {
  if (!/[}\]]\s*$/.test(text)) return undefined;
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
}
