import { TextScanner, literalProgram, type ScanProgram } from "./text-scanner.ts";

/** Where a marker stands among token ids; offsets count ids from the beginning of the stream. */
export interface IdMatch {
  marker: number;
  start: number;
  end: number;
}

/** Vocabularies have some 10^5 ids; beyond this one they would not fit into the alphabet below. */
export const largestId = 0xf_ffff;

/**
 * A token id is a character of a private alphabet: each becomes one supplementary code point, which is two code units
 * that cannot be confused with parts of their neighbours. So the text scanner finds sequences of ids as it finds text.
 */
function asText(ids: readonly number[]): string {
  let text = "";
  for (const id of ids) {
    if (!(Number.isInteger(id) && id >= 0 && id <= largestId)) throw new RangeError(`${id} is not a token id`);
    text += String.fromCodePoint(0x1_0000 + id);
  }
  return text;
}

export function idProgram(markers: readonly (readonly number[])[]): ScanProgram {
  return literalProgram(markers.map(asText));
}

/** The scanner for streams of token ids: markers of one id or of many. */
export class IdScanner {
  readonly #scanner: TextScanner;

  constructor(program: ScanProgram) {
    this.#scanner = new TextScanner(program);
  }

  /** Ids that are held back at this moment. */
  get held(): number {
    return this.#scanner.held / 2;
  }

  push(ids: readonly number[]): IdMatch[] {
    return matches(this.#scanner.push(asText(ids)));
  }

  finish(): IdMatch[] {
    return matches(this.#scanner.finish());
  }
}

function matches(events: ReturnType<TextScanner["push"]>): IdMatch[] {
  return events.flatMap((e) => (e.type === "match" ? [{ marker: e.pattern, start: e.start / 2, end: e.end / 2 }] : []));
}
