import { describe, expect, it } from "vitest";
import { createVocabulary } from "./vocabulary.ts";

describe("the vocabulary", () => {
  const vocabulary = createVocabulary({ markers: ["<a>", "</a>"], merges: ["><", "😀"] });
  const { encode, encodePlain, decode, idOf, idOfMerge, isMarker, bos, eos } = vocabulary;

  it("gives each marker one token and every other code unit its own", () => {
    expect(encode("<a>x😀</a>")).toEqual([idOf("<a>"), 0x78, 0xd83d, 0xde00, idOf("</a>")]);
    expect(encodePlain("<a>")).toEqual([0x3c, 0x61, 0x3e]);
    expect([idOf("<a>"), idOf("</a>")]).toEqual([0x20000, 0x20001]);
  });

  it("decodes every token, BOS and EOS to nothing", () => {
    const ids = [bos, idOf("<a>"), idOfMerge("><"), idOfMerge("😀"), 0x78, eos];
    expect(decode(ids)).toBe("<a>><😀x");
    expect(ids.map(isMarker)).toEqual([false, true, false, false, false, false]);
  });
});
