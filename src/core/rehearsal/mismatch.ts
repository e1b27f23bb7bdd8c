/** A place at which an example is not what the machine makes of it. `at` counts UTF-16 code units of the example. */
export class Mismatch extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/** The beginning of a text, for a message. */
export function excerpt(text: string): string {
  if (text === "") return "the end of the text";
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text);
}

/** Throws where `text` does not stand at this place of the example, with the first place where the two differ. */
export function expectText(example: string, at: number, text: string, what: string): void {
  if (example.startsWith(text, at)) return;
  let equal = 0;
  while (equal < text.length && text[equal] === example[at + equal]) equal += 1;
  throw differs(at + equal, what, text.slice(equal), example);
}

/** The same for a text that is short enough to be shown whole. */
export function expectWhole(example: string, at: number, text: string, what: string): void {
  if (!example.startsWith(text, at)) throw differs(at, what, text, example);
}

function differs(at: number, what: string, expected: string, example: string): Mismatch {
  return new Mismatch(at, `${what}: expected ${excerpt(expected)}, found ${excerpt(example.slice(at))}`);
}
