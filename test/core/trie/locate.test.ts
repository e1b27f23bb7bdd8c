import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lastMarker, cutAt } from "../../../src/core/trie/locate.ts";
import { textBetween, path, textOf } from "../../../src/core/trie/path.ts";
import { append, copyAfter, createTrie, segmentOf, type Position, type Trie } from "../../../src/core/trie/trie.ts";
import type { Piece } from "../../../src/core/trie/piece.ts";
import { serializeTrie } from "../../../src/core/trie/serialize.ts";
import { runs } from "../drive.ts";

const pieces = (...texts: string[]) => texts.map((text, i) => ({ ids: [i + 1], text }));

function line(...segments: string[][]): { trie: Trie; root: Position; end: Position } {
  const trie = createTrie();
  const root = append(trie, null, { by: "prompt" }, [{ text: "P" }]);
  let end = root;
  for (const [i, texts] of segments.entries())
    end = append(trie, end, { by: "model", call: i, threadId: "0", role: "body" }, pieces(...texts));
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
    expect(segmentOf(trie, 3)).toMatchObject({
      parent: { segment: 1, n: 1 },
      maker: { by: "cut", of: { segment: 1, n: 1 } },
    });
    expect(path(trie, at, { segment: 1, n: 1 })).toEqual([{ text: "c" }]);
    expect(path(trie, { segment: 1, n: 2 }, root).map((p) => p.text)).toEqual(["ab", "cdef"]);
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
    const end = append(trie, root, { by: "model", call: 0, threadId: "0", role: "body" }, [
      { ids: [2] },
      { text: "ab" },
    ]);
    expect(textOf(path(trie, cutAt(trie, root, end, 1)))).toBe("a");
  });

  it("keeps exactly that many characters, wherever the pieces part", () => {
    const texts = fc.array(fc.array(fc.string({ unit: "grapheme", maxLength: 3 }), { maxLength: 4 }), { maxLength: 4 });
    fc.assert(
      fc.property(texts, fc.nat(), (segments, at) => {
        const { trie, root, end } = line(...segments);
        const text = textBetween(trie, root, end);
        const offset = at % (text.length + 1);
        const before = serializeTrie(trie).segments;
        const cut = cutAt(trie, root, end, offset);
        expect(textBetween(trie, root, cut)).toBe(text.slice(0, offset));
        expect(serializeTrie(trie).segments.slice(0, before.length)).toEqual(before);
        expect(textBetween(trie, root, end)).toBe(text);
      }),
      { numRuns: runs(300) },
    );
  });
});

describe("a cut that goes through a copy", () => {
  it("keeps what stands before it, and says of which piece a part was kept", () => {
    const { trie, root, end } = line(["ab"], ["cdef", "g"]);
    const copy = copyAfter(trie, root, { from: root, to: end });
    const at = cutAt(trie, root, copy, 3);
    expect(textBetween(trie, root, at)).toBe("abc");
    expect(segmentOf(trie, at.segment)).toMatchObject({
      parent: { segment: copy.segment, n: 1 },
      maker: { by: "cut", of: { segment: 2, n: 0 } },
    });
    expect(cutAt(trie, root, copy, 6)).toEqual({ segment: copy.segment, n: 2 });
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
  const find = (made: Piece[], marker: string, id: number | undefined) => {
    const trie = createTrie();
    const root = append(trie, null, { by: "prompt" }, [{ text: "P" }]);
    const half = append(trie, root, { by: "model", call: 0, threadId: "0", role: "body" }, made.slice(0, 3));
    const end = append(trie, half, { by: "model", call: 1, threadId: "0", role: "body" }, made.slice(3));
    return lastMarker(trie, root, end, marker, id);
  };

  it("goes by its id where it has one: the same characters spelled out are text", () => {
    expect(find(text, "<m>", 9)).toEqual({ start: 5, end: 8 });
    expect(find(text.slice(0, 3), "<m>", 9)).toEqual({ start: 1, end: 4 });
    expect(find(text, "<m>", 8)).toBeUndefined();
    expect(find([{ ids: [9, 9], text: "<m><m>" }, { text: "<m>" }], "<m>", 9)).toBeUndefined();
  });

  it("goes by its characters where it has none", () => {
    expect(find(text, "<m>", undefined)).toEqual({ start: 9, end: 12 });
    expect(find([{ text: "<" }, { text: "m>x" }], "<m>", undefined)).toEqual({ start: 0, end: 3 });
    expect(find(text, "<n>", undefined)).toBeUndefined();
  });
});
