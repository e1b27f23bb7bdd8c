import type { TokenizerFile } from "./model-folder.ts";

interface Part {
  type: string;
  [field: string]: unknown;
}

/**
 * Returns the same tokenizer without the parts that depend on where a text stands. Some tokenizers put a space before a
 * text when they encode it, and remove one when they decode it. Here a text continues another one, and tokens are
 * decoded one by one.
 */
export function positionFree(file: TokenizerFile): TokenizerFile {
  return {
    ...file,
    normalizer: change(file.normalizer, "normalizers", normalizer),
    pre_tokenizer: change(file.pre_tokenizer, "pretokenizers", preTokenizer),
    decoder: change(file.decoder, "decoders", decoder),
  };
}

/** Whether a whole text is encoded differently from one that continues another text. */
export function addsSpace(file: TokenizerFile): boolean {
  const free = positionFree(file);
  const shown = (part: TokenizerFile["normalizer"]): string => JSON.stringify(part ?? null);
  return shown(file.normalizer) !== shown(free.normalizer) || shown(file.pre_tokenizer) !== shown(free.pre_tokenizer);
}

/** Changes a part, or each of the parts of a sequence. What becomes undefined is left out. */
function change(
  part: Part | null | undefined,
  members: string,
  one: (part: Part) => Part | undefined,
): Part | null | undefined {
  if (part === null || part === undefined) return part;
  const list = part[members];
  if (part.type !== "Sequence" || !Array.isArray(list)) return one(part) ?? null;
  return { ...part, [members]: list.map((member: Part) => change(member, members, one)).filter(Boolean) };
}

function normalizer(part: Part): Part | undefined {
  return part.type === "Prepend" ? undefined : part;
}

function preTokenizer(part: Part): Part {
  if (part.type === "Metaspace" && part["prepend_scheme"] !== "never") {
    return { ...part, prepend_scheme: "never", add_prefix_space: false };
  }
  return part.type === "ByteLevel" && part["add_prefix_space"] === true ? { ...part, add_prefix_space: false } : part;
}

function decoder(part: Part): Part | undefined {
  if (part.type === "Metaspace") {
    return { type: "Replace", pattern: { String: part["replacement"] ?? "\u2581" }, content: " " };
  }
  return part.type === "Strip" ? undefined : part;
}
