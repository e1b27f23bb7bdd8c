import { expect, it } from "vitest";
import type { LocalTokenizer } from "../../src/engine/tokenizer/local-tokenizer.ts";
import { compareTokenizers } from "../../src/engine/detect/tokenizer-check.ts";

const codePoints = (text: string): number[] => Array.from(text, (character) => character.codePointAt(0) ?? 0);

/** A token a character, `<x>` besides, and 1 as what begins a text. */
function tokenizerWith(bos: number | undefined, encode = codePoints): LocalTokenizer {
  return {
    source: "here",
    bos,
    eos: [],
    addedTokens: [{ id: 2, content: "<x>", special: false }],
    vocabularySize: 2 ** 20,
    encode: async (text, { bos: whole = false } = {}) => [
      ...(whole && bos !== undefined ? [bos] : []),
      ...encode(text),
    ],
    decode: async (ids) => String.fromCodePoint(...ids.filter((id) => id > 2)),
    renderTemplate: async () => "",
  };
}

const compare = (ours: LocalTokenizer, theirs: LocalTokenizer): Promise<number | undefined> =>
  compareTokenizers(ours, (text) => theirs.encode(text, { bos: true }), "there", ["<x>"]);

it.each([
  [1, 1],
  [1, undefined],
  [undefined, 1],
  [1, 2],
  [undefined, undefined],
])("what begins a text is for the server to say: %j here, %j there", async (here, there) => {
  expect(await compare(tokenizerWith(here), tokenizerWith(there))).toBe(there);
});

it("the text holds letters, digits, spaces, characters of every length and the markers", async () => {
  const seen: string[] = [];
  const server = tokenizerWith(1, (text) => (seen.push(text), codePoints(text)));
  await compare(tokenizerWith(1), server);
  expect(seen).toEqual([
    expect.stringMatching(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.* )(?=.*é)(?=.*€)(?=.*😀)[^]*<x>$/u),
  ]);
});

it.each<[name: string, encode: (text: string) => number[], message: string]>([
  ["another id", (text) => codePoints(text).with(3, 7), 'after "Ab " it gives 48 ("0"), and the server gives 7.'],
  ["one more", (text) => [...codePoints(text), 7], "it gives nothing, and the server gives 7."],
  ["one less", (text) => codePoints(text).slice(0, -1), 'it gives 62 (">"), and the server gives nothing.'],
])("%s is another tokenizer", async (_, encode, message) => {
  await expect(compare(tokenizerWith(1), tokenizerWith(1, encode))).rejects.toMatchObject({
    code: "invalid_option",
    message: expect.stringMatching(/^The tokenizer of here differs from that of there: /) as string,
  });
  await expect(compare(tokenizerWith(1), tokenizerWith(1, encode))).rejects.toThrow(message);
});

it("where the server does not tell, the tokenizer's own begin of a text counts", async () => {
  expect(await compareTokenizers(tokenizerWith(1), () => Promise.resolve(undefined), "there", [])).toBe(1);
});
