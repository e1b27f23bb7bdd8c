import type { Asked } from "./asked.ts";
import type { ByteTokenizer } from "./byte-tokenizer.ts";
import type { Settings } from "./settings.ts";

/**
 * The text of generated ids, before stop strings are cut off, as each server decodes it where ids end inside a
 * character. `isLast`: nothing more follows.
 */
export type ReadText = (ids: readonly number[], isLast: boolean) => string;

export function rawText({ family, tokenizer }: Settings, { hidesSpecial }: Asked, prompt: readonly number[]): ReadText {
  if (family === "llamacpp") return (ids) => wholeCharacters(tokenizer, ids);
  const decode = (ids: readonly number[]): string =>
    hidesSpecial ? tokenizer.decodeVisible(ids) : tokenizer.decode(ids);
  return family === "sglang" ? sglangText(decode, prompt) : vllmText(decode, prompt);
}

/**
 * vLLM holds an incomplete character back, and never shows one that stays incomplete. If the prompt ends inside a
 * character, its decoder has shown nothing yet, so the whole prompt comes out with the first complete character.
 */
function vllmText(decode: (ids: readonly number[]) => string, prompt: readonly number[]): ReadText {
  const shown = decode(prompt).endsWith("\uFFFD") ? prompt : [];
  return (ids) => {
    for (let end = ids.length; end > 0; end--) {
      const text = decode([...shown, ...ids.slice(0, end)]);
      if (!text.endsWith("\uFFFD")) return text;
    }
    return "";
  };
}

/** SGLang holds an incomplete character back until the end, and then shows it. */
function sglangText(decode: (ids: readonly number[]) => string, prompt: readonly number[]): ReadText {
  const written = decode(prompt);
  // Where the prompt ends inside a character, its last bytes belong to the first one of the answer.
  const open = written.endsWith("\uFFFD") ? prompt : [];
  const before = open.length === 0 ? 0 : written.length;
  return (ids, isLast) => {
    for (let end = ids.length; end > 0; end--) {
      const text = decode([...open, ...ids.slice(0, end)]);
      if (isLast || !text.endsWith("\uFFFD")) return text.slice(before);
    }
    return "";
  };
}

function wholeCharacters(tokenizer: ByteTokenizer, ids: readonly number[]): string {
  const end = ids.findLastIndex((_, at) => !endsInsideCharacter(tokenizer, ids.slice(0, at + 1)));
  return tokenizer.decodeVisible(ids.slice(0, end + 1));
}

/** Whether further bytes could still complete the last character. */
export function endsInsideCharacter(tokenizer: ByteTokenizer, ids: readonly number[]): boolean {
  const bytes = tokenizer.bytes(ids.slice(-4));
  const start = bytes.findLastIndex((byte) => (byte & 0xc0) !== 0x80);
  const lead = bytes[start] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return lead < 0xf8 && bytes.length - start < length;
}
