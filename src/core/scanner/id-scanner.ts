import { TextScanner, literalProgram, type ScanProgram } from "./text-scanner.ts";

/** The place of a marker among token ids. Offsets count ids from the beginning of the stream. */
export interface IdMatch {
  marker: number;
  start: number;
  end: number;
}

/** The largest id that fits into the alphabet below. Vocabularies have about 10^5 ids. */
export const largestId = 0xf_ffff;

/**
 * Maps token ids to text, so that the text scanner can find sequences of ids. Each id becomes one supplementary code
 * point: two code units that cannot be confused with parts of their neighbours.
 */
function asText(ids: readonly number[]): string {
  let text = "";
  for (const id of ids) {
    if (!(Number.isInteger(id) && id >= 0 && id <= largestId)) throw new RangeError(`${id} is not a token id`);
    text += String.fromCodePoint(0x1_0000 + id);
  }
  return text;
}

/** Prepares markers, each a list of ids, for any number of `IdScanner`s. */
export function idProgram(markers: readonly (readonly number[])[]): ScanProgram {
  return literalProgram(markers.map(asText));
}

/** A scanner for streams of token ids. A marker is one id or several. */
export class IdScanner {
  readonly #scanner: TextScanner;

  constructor(program: ScanProgram) {
    this.#scanner = new TextScanner(program);
  }

  /** Ids that are held back now. */
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
