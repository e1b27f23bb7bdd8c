import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aroundLast, cutAt, textBetween } from "../../../src/core/trie/locate.ts";
import { append, createTrie, path, segmentOf, textOf, type Position, type Trie } from "../../../src/core/trie/trie.ts";
import { runs } from "../drive.ts";

const pieces = (...texts: string[]) => texts.map((text, i) => ({ ids: [i + 1], text }));

function line(...segments: string[][]): { trie: Trie; root: Position; end: Position } {
  const trie = createTrie();
  const root = append(trie, null, { by: "prompt" }, [{ text: "P" }]);
  let end = root;
  for (const [i, texts] of segments.entries()) end = append(trie, end, { by: "model", call: i }, pieces(...texts));
  return { trie, root, end };
}

describe("cutting a text at an offset", () => {
  it("cuts between two pieces without adding anything", () => {
    const { trie, root, end } = line(["ab", "cd"], ["ef"]);
    expect(cutAt(trie, root, end, 2)).toEqual({ segment: 1, n: 1 });
    expect(cutAt(trie, root, end, 6)).toEqual(end);
    expect(trie.segments).toHaveLength(3);
  });

  it("stays on the earlier segment where it cuts between two", () => {
    const { trie, root, end } = line(["ab", "cd"], ["ef"]);
    expect(cutAt(trie, root, end, 4)).toEqual({ segment: 1, n: 2 });
    expect(cutAt(trie, root, end, 0)).toEqual(root);
  });

  it("hangs the kept part of a piece before that piece, and leaves the piece as it is", () => {
    const { trie, root, end } = line(["ab", "cdef"], ["g"]);
    const at = cutAt(trie, root, end, 3);
    expect(at).toEqual({ segment: 3, n: 1 });
    expect(segmentOf(trie, 3)).toEqual({
      id: 3,
      parent: { segment: 1, n: 1 },
      maker: { by: "runtime", why: "cutPiece" },
      pieces: [{ text: "c" }],
    });
    expect(segmentOf(trie, 1).pieces.map((p) => p.text)).toEqual(["ab", "cdef"]);
  });

  it("cuts the first piece of a segment behind the one before", () => {
    const { trie, root, end } = line(["ab"], ["cd"]);
    expect(segmentOf(trie, cutAt(trie, root, end, 3).segment).parent).toEqual({ segment: 1, n: 1 });
    expect(segmentOf(trie, cutAt(trie, root, end, 1).segment).parent).toEqual(root);
  });

  it("takes what lies behind the last character it was asked for to be cut off, also where it has no text", () => {
    const { trie, root, end } = line(["ab", "", "c"]);
    expect(cutAt(trie, root, end, 2)).toEqual({ segment: 1, n: 1 });
    expect(cutAt(trie, root, end, 9)).toEqual(end);
  });

  it("counts a piece whose text is not known as empty", () => {
    const trie = createTrie();
    const root = append(trie, null, { by: "prompt" }, [{ ids: [1] }]);
    const end = append(trie, root, { by: "model", call: 0 }, [{ ids: [2] }, { text: "ab" }]);
    expect(textOf(path(trie, cutAt(trie, root, end, 1)))).toBe("a");
  });

  it("keeps exactly that many characters, wherever the pieces part", () => {
    const texts = fc.array(fc.array(fc.string({ unit: "grapheme", maxLength: 3 }), { maxLength: 4 }), { maxLength: 4 });
    fc.assert(
      fc.property(texts, fc.nat(), (segments, at) => {
        const { trie, root, end } = line(...segments);
        const text = textBetween(trie, root, end);
        const offset = at % (text.length + 1);
        const before = structuredClone(trie.segments);
        const cut = cutAt(trie, root, end, offset);
        expect(textBetween(trie, root, cut)).toBe(text.slice(0, offset));
        expect(trie.segments.slice(0, before.length)).toEqual(before);
        expect(textBetween(trie, root, end)).toBe(text);
      }),
      { numRuns: runs(300) },
    );
  });
});

describe("finding the last of a marker", () => {
  const text = [
    { ids: [1], text: "a" },
    { ids: [9], text: "<m>" },
    { ids: [2], text: "b" },
    { ids: [9], text: "<m>" },
    { ids: [3], text: "c<m>" },
    { ids: [4], text: "d" },
  ];

  it("goes by its id where it has one: the same characters spelled out are text", () => {
    expect(aroundLast(text, "<m>", 9)).toEqual({ before: "a<m>b", behind: "c<m>d" });
    expect(aroundLast(text, "<m>", 8)).toBeUndefined();
    expect(aroundLast([{ ids: [9, 9], text: "<m><m>" }, { text: "<m>" }], "<m>", 9)).toBeUndefined();
  });

  it("goes by its characters where it has none", () => {
    expect(aroundLast(text, "<m>", undefined)).toEqual({ before: "a<m>b<m>c", behind: "d" });
    expect(aroundLast([{ text: "<" }, { text: "m>x" }], "<m>", undefined)).toEqual({ before: "", behind: "x" });
    expect(aroundLast(text, "<n>", undefined)).toBeUndefined();
  });
});
