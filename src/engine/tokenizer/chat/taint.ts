const privateUse = /[\uE000-\uF8FF]/g;

/**
 * Marks characters of typed texts: a private-use character stands in for each. A text keeps its length, and what a chat
 * template makes of it shows which characters were typed.
 *
 * Stand-ins are characters that none of the texts has, so clearing them is exact.
 */
export class Taint {
  readonly #standIns = new Map<string, string>();
  readonly #originals = new Map<string, string>();
  readonly #taken: ReadonlySet<string>;
  #next = 0xe000;

  /** @param texts every text that may be rendered together with the marked ones. */
  constructor(texts: Iterable<string>) {
    this.#taken = new Set([...texts].flatMap((text) => text.match(privateUse) ?? []));
  }

  /** The stand-in of a character of the basic plane. Undefined when there are none left. */
  standInFor(character: string): string | undefined {
    return this.#standIns.get(character) ?? this.#add(character);
  }

  /** The text with its own characters again. */
  readonly clear = (text: string): string => {
    return text.replace(privateUse, (character) => this.#originals.get(character) ?? character);
  };

  #add(character: string): string | undefined {
    while (this.#taken.has(String.fromCharCode(this.#next))) this.#next++;
    if (this.#next > 0xf8ff) return undefined;
    const standIn = String.fromCharCode(this.#next++);
    this.#standIns.set(character, standIn);
    this.#originals.set(standIn, character);
    return standIn;
  }
}
