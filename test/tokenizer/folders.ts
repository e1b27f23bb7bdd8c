import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { localTokenizer } from "../../src/tokenizer/index.ts";
import type { LocalTokenizer } from "../../src/tokenizer/index.ts";

/** The small model that the servers run, too. */
export const modelFolder: string = fileURLToPath(new URL("../../models/hf", import.meta.url));

export type Files = Record<string, unknown>;

/** A folder that is gone after the test; what is no text is written as JSON. */
export function folderOf(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), "threadweaver-tokenizer-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return folder;
}

export function tokenizerOf(files: Files): Promise<LocalTokenizer> {
  return localTokenizer(folderOf(files));
}

/** How byte-level vocabularies write each byte: printable ones as themselves, the others as characters from U+0100 on. */
const byteCharacters: string[] = (() => {
  const isPrintable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
})();

const added = (id: number, content: string, special: boolean): object => ({
  id,
  content,
  special,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
});

/** Ids from 0 on in this order, then the results of the merges, then the added tokens. */
function bpe(
  symbols: readonly string[],
  merges: readonly [string, string][],
  controls: Record<string, boolean>,
): Files {
  const vocabulary = [...new Set([...symbols, ...merges.map(([left, right]) => left + right)])];
  // Other implementations number added tokens without gaps.
  const beyond = Object.keys(controls).filter((content) => !vocabulary.includes(content));
  const idOf = (content: string): number => vocabulary.concat(beyond).indexOf(content);
  return {
    model: {
      type: "BPE",
      vocab: Object.fromEntries(vocabulary.map((symbol, id) => [symbol, id])),
      merges,
      unk_token: null,
      byte_fallback: false,
    },
    added_tokens: Object.entries(controls).map(([content, special]) => added(idOf(content), content, special)),
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
  };
}

const mergesOf = (pairs: string): [string, string][] =>
  pairs.split(" ").map((pair) => pair.split("+") as [string, string]);

/** As GPT-2, Qwen and Llama 3 have it. `€` is two tokens, of two bytes and of one. */
export function byteLevel(): Files {
  const merges = mergesOf(`h+e l+l he+ll hell+o Ġ+hello Ġ+Ġ Ġ+w â+Ĥ Ã+©`);
  return {
    ...bpe(byteCharacters, merges, { "<|end|>": true, "<Thread>": false, "</Thread>": false }),
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
  };
}

const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
const letters = Array.from("▁abcdefghijklmnopqrstuvwxyz");
const stripsFirst = {
  type: "Sequence",
  decoders: [
    { type: "Replace", pattern: { String: "▁" }, content: " " },
    { type: "ByteFallback" },
    { type: "Fuse" },
    { type: "Strip", content: " ", start: 1, stop: 0 },
  ],
};

/** As Llama 2 has it: a space is put before a text and taken away again, and what has no token is spelled in bytes. */
export const sentencePieces: Record<string, () => Files> = {
  "a normalizer that puts the space": () => ({
    ...sentencePiece(),
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "▁" },
        { type: "Replace", pattern: { String: " " }, content: "▁" },
      ],
    },
    decoder: stripsFirst,
  }),
  "Metaspace before every text": () => ({
    ...sentencePiece(),
    pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: false },
    decoder: stripsFirst,
  }),
  "Metaspace before the first": () => ({
    ...sentencePiece(),
    pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: "first", split: false },
    decoder: {
      type: "Sequence",
      decoders: [{ type: "ByteFallback" }, { type: "Metaspace", replacement: "▁", prepend_scheme: "first" }],
    },
  }),
};

function sentencePiece(): Files {
  const merges = mergesOf("h+e l+l he+ll hell+o ▁+hello ▁+▁ ▁+w");
  const files = bpe(["<unk>", "<s>", "</s>", ...bytes, ...letters], merges, {
    "<s>": true,
    "</s>": true,
    "<Thread>": false,
  });
  const begin = { SpecialToken: { id: "<s>", type_id: 0 } };
  return {
    ...files,
    model: { ...(files["model"] as object), unk_token: "<unk>", byte_fallback: true },
    post_processor: {
      type: "TemplateProcessing",
      single: [begin, { Sequence: { id: "A", type_id: 0 } }],
      pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
      special_tokens: { "<s>": { id: "<s>", ids: [1], tokens: ["<s>"] } },
    },
  };
}
