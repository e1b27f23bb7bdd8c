/** How a tokenizer encodes a string that formats use as a marker. */
export interface Marker {
  text: string;
  /** One id, or several where the marker is spelled out. It is then found in the text. */
  ids: readonly number[];
  /** Whether it is hidden from texts where special tokens are hidden. Undefined: unknown. */
  special: boolean | undefined;
  /** Whether the model has all of its ids. Some tokenizers have more tokens than their models. */
  inVocabulary: boolean;
}

/** The vocabulary of a server's model. Servers do not report it, but it can be found out with requests. */
export interface ServerVocabulary {
  bos: number | undefined;
  /** Grows when a call ends at an id that was not known to end one. */
  eos: number[];
  /** Control strings and their ids. */
  controls: Map<string, number>;
  size: number | undefined;
  /** Markers of the bundled dialects, and those that the caller asked about. */
  markers: Marker[];
  /** Whether a token is special, by its id, where that is known. */
  special: Map<number, boolean>;
}

/** For a server that does not show its tokens. */
export function unknownVocabulary(): ServerVocabulary {
  return { bos: undefined, eos: [], controls: new Map(), size: undefined, markers: [], special: new Map() };
}
