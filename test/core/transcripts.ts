import { readFileSync } from "node:fs";
import type { Model } from "../reference/transcript.ts";
import type { Vocabulary } from "../reference/vocabulary.ts";

/** A problem with the greedy answer of the bundled model, as the framework in which it was trained gave it. */
export interface Transcript {
  terms: number[][];
  prompt: string;
  /** Up to and with `</Outlines>`. */
  pre: string;
  /** Each behind its header, up to and with `</Thread>`. */
  threads: string[];
  /** Behind `</Parallel>\n`, up to and with the end of sequence. */
  post: string;
  /** All of it, prompt included. */
  text: string;
}

export const transcripts: Transcript[] = JSON.parse(
  readFileSync(new URL("../fixtures/reference-transcripts.json", import.meta.url), "utf8"),
) as Transcript[];

const firstTag = 256;
const tags = [
  "<s>",
  "</s>",
  "<pad>",
  "<think>",
  "</think>",
  "<Parallel>",
  "</Parallel>",
  "<Outlines>",
  "</Outlines>",
  "<Outline>",
  "</Outline>",
  "<Thread>",
  "</Thread>",
];

/** The bundled model's own: bytes, and one token for each tag. */
export const byteVocabulary: Vocabulary = {
  bos: 256,
  eos: 257,
  markers: tags.slice(4),
  merges: [],
  idOf: (marker) => firstTag + tags.indexOf(marker),
  idOfMerge: () => -1,
  isMarker: (id) => id >= firstTag,
  encode(text) {
    const parts = text.split(/(<\/?(?:s|pad|think|Parallel|Outlines?|Thread)>)/);
    return parts.flatMap((part) => (tags.includes(part) ? [firstTag + tags.indexOf(part)] : [...Buffer.from(part)]));
  },
  encodePlain: (text) => [...Buffer.from(text)],
  decode: (ids) =>
    ids.map((id) => (id < firstTag ? String.fromCharCode(id) : id < 258 ? "" : (tags[id - firstTag] ?? ""))).join(""),
};

/** Writes what the bundled model wrote; in the authors' protocol it closes the block itself. */
export function modelOf({ pre, threads, post }: Transcript): Model {
  return {
    vocabulary: byteVocabulary,
    output(_, threadId, callIndex) {
      const main = callIndex === 0 ? pre : `</Parallel>\n${post}`;
      const thread = threads[Number(threadId.split(".")[1]) - 1];
      return { ids: byteVocabulary.encode(threadId === "0" ? main : (thread ?? "")), fate: "eos" };
    },
  };
}
