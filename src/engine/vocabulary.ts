/** What a tokenizer makes of a string that formats use as a marker. */
export interface Marker {
  text: string;
  /** One, or several where it is spelled out: then it is found in the text. */
  ids: readonly number[];
  /** Whether it is hidden from texts where special tokens are; undefined where that was not found out. */
  special: boolean | undefined;
  /** Whether the model knows all of its ids: some tokenizers have more tokens than their models. */
  inVocabulary: boolean;
}

/** What no server tells, and every one can be asked for. */
export interface ServerVocabulary {
  bos: number | undefined;
  /** Grows when a call ends at an id that was not known to end one. */
  eos: number[];
  /** Control strings and their ids. */
  controls: Map<string, number>;
  size: number | undefined;
  /** Those of the bundled dialects, and those that were asked for. */
  markers: Marker[];
  /** Of tokens of which it is known. */
  special: Map<number, boolean>;
}

/** Of a server that does not show its tokens. */
export function unknownVocabulary(): ServerVocabulary {
  return { bos: undefined, eos: [], controls: new Map(), size: undefined, markers: [], special: new Map() };
}
