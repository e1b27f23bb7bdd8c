/**
 * A toy vocabulary: one token for each UTF-16 code unit (its id is the code unit), one for each marker, and a few
 * merged tokens. Decoding is exact for any list of ids, so a text offset always maps back to one token.
 */

const FIRST_MARKER_ID = 0x20000;

export interface Vocabulary {
  readonly bos: number;
  readonly eos: number;
  readonly markers: readonly string[];
  /** The multi-character tokens that only the model writes; `encode` never uses them. */
  readonly merges: readonly string[];
  idOf(marker: string): number;
  idOfMerge(text: string): number;
  isMarker(id: number): boolean;
  /** Markers in `text` become their one token, everything else one token per code unit. */
  encode(text: string): number[];
  /** As `encode`, but a marker is text like any other. */
  encodePlain(text: string): number[];
  /** BOS and EOS have no text. */
  decode(ids: readonly number[]): string;
}

export interface VocabularyOptions {
  readonly markers: readonly string[];
  readonly merges: readonly string[];
}

export function createVocabulary({ markers, merges }: VocabularyOptions): Vocabulary {
  const named = [...markers, ...merges];
  const bos = FIRST_MARKER_ID + named.length;
  const eos = bos + 1;

  const textOf = (id: number): string => {
    if (id === bos || id === eos) return "";
    return id < FIRST_MARKER_ID ? String.fromCharCode(id) : named[id - FIRST_MARKER_ID]!;
  };

  const encodePlain = (text: string): number[] => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));

  const encode = (text: string): number[] => {
    const ids: number[] = [];
    for (let at = 0; at < text.length;) {
      // No marker is the beginning of another (each ends in its only ">"), so the first match is the only one.
      const marker = markers.find((candidate) => text.startsWith(candidate, at));
      ids.push(marker === undefined ? text.charCodeAt(at) : idOf(marker));
      at += marker?.length ?? 1;
    }
    return ids;
  };

  const idOf = (marker: string): number => FIRST_MARKER_ID + indexIn(markers, marker);

  return {
    bos,
    eos,
    markers,
    merges,
    idOf,
    idOfMerge: (text) => FIRST_MARKER_ID + markers.length + indexIn(merges, text),
    isMarker: (id) => id >= FIRST_MARKER_ID && id < FIRST_MARKER_ID + markers.length,
    encode,
    encodePlain,
    decode: (ids) => ids.map(textOf).join(""),
  };
}

function indexIn(texts: readonly string[], text: string): number {
  const index = texts.indexOf(text);
  if (index < 0) throw new Error(`not in the vocabulary: ${JSON.stringify(text)}`);
  return index;
}
