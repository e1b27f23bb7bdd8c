/** A control string in a text. */
export interface Found {
  start: number;
  end: number;
}

/** Neither letters, digits nor white space; without quotes and backslashes, which JSON writes as two characters. */
const telling = /[^\p{L}\p{N}\s"\\]/u;

/** Finds the control strings of a vocabulary in texts. Strings of one character are ordinary text. */
export class ControlFinder {
  /**
   * Control strings begin and end with these, or at least have one of them. Switches that templates look for, such as
   * `/no_think`, seldom do. Characters of the basic plane only.
   */
  readonly characters: ReadonlySet<string>;
  readonly #anywhere: RegExp | undefined;
  readonly #inTurn: RegExp | undefined;

  constructor(controls: readonly string[]) {
    const known = controls.filter((control) => control.trim().length > 1);
    this.characters = new Set(known.flatMap(charactersOf));
    if (known.length === 0) return;
    // The longest first: that is the one that a tokenizer takes.
    const longest = known.toSorted((a, b) => b.length - a.length).map(escaped);
    this.#anywhere = new RegExp(`(?=(${longest.join("|")}))`, "g");
    this.#inTurn = new RegExp(longest.join("|"), "g");
  }

  /** All of them, also those that overlap or lie in one another. */
  *all(text: string): Generator<Found> {
    if (this.#anywhere === undefined) return;
    for (const { index, 1: control = "" } of text.matchAll(this.#anywhere)) {
      yield { start: index, end: index + control.length };
    }
  }

  /** How many a tokenizer finds, which looks for the next one after the end of the last one. */
  count(text: string): number {
    return this.#inTurn === undefined ? 0 : [...text.matchAll(this.#inTurn)].length;
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

function charactersOf(control: string): string[] {
  const single = Array.from(control).filter((character) => character.length === 1 && character.trim() !== "");
  const ends = [single.at(0) ?? "", single.at(-1) ?? ""].filter((character) => telling.test(character));
  const inside = single.filter((character) => telling.test(character));
  return [ends, inside, single].find(({ length }) => length > 0) ?? [];
}
