import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tokensOf, type Piece } from "../../../src/core/trie/piece.ts";
import {
  append,
  copyAfter,
  createTrie,
  columnsOf,
  commonAncestor,
  encodePiece,
  pieceCount,
  segmentOf,
  stretches,
  type Position,
  type Trie,
} from "../../../src/core/trie/trie.ts";
import { deserializeTrie, serializeTrie, type SerializedTrie } from "../../../src/core/trie/serialize.ts";
import { idsOf, owners, path, textBetween, textOf, tokensBetween } from "../../../src/core/trie/path.ts";
import { runs } from "../drive.ts";

const word = (text: string, ...ids: number[]): Piece => ({ ids, text });

/** A prompt, two threads from one place, and the second spliced behind the first. */
function forked(): { trie: Trie; root: Position; fork: Position; first: Position; second: Position; joined: Position } {
  const trie = createTrie();
  const root = append(trie, null, { by: "prompt" }, [word("Q ", 1)]);
  const main = append(trie, root, { by: "model", call: 0, threadId: "0", role: "body" }, [
    word("p", 2),
    word("lan", 3, 4),
    word("wasted", 5),
  ]);
  const fork = { segment: main.segment, n: 2 };
  const h1 = append(trie, fork, { by: "runtime", why: "header" }, [{ text: "1:" }]);
  const first = append(trie, h1, { by: "model", call: 1, threadId: "0", role: "body" }, [word("one", 6)]);
  const h2 = append(trie, fork, { by: "runtime", why: "header" }, [{ text: "2:" }]);
  const second = append(trie, h2, { by: "model", call: 2, threadId: "0", role: "body" }, [word("t", 7), word("wo", 8)]);
  const joined = copyAfter(trie, append(trie, first, { by: "runtime", why: "header" }, [{ text: "2:" }]), {
    from: h2,
    to: second,
  });
  return { trie, root, fork, first, second, joined };
}

describe("the trie", () => {
  it("gives the way to any position, and no wasted that hangs behind it", () => {
    const { trie, fork, first, second, joined } = forked();
    expect(textOf(path(trie, fork))).toBe("Q plan");
    expect(textOf(path(trie, first))).toBe("Q plan1:one");
    expect(textOf(path(trie, second))).toBe("Q plan2:two");
    expect(textOf(path(trie, joined))).toBe("Q plan1:one2:two");
    expect(textOf(path(trie, joined, first))).toBe("2:two");
    expect(textOf(path(trie, { segment: 1, n: 1 }))).toBe("Q p");
    expect(path(trie, first, first)).toEqual([]);
  });

  it("lets a segment grow while others hang on it", () => {
    const { trie, fork, second } = forked();
    columnsOf(segmentOf(trie, fork.segment)).push(word("more", 9));
    expect(textOf(path(trie, second))).toBe("Q plan2:two");
    expect(textOf(path(trie, { segment: fork.segment, n: 4 }))).toBe("Q planwastedmore");
  });

  it("never makes one segment of two, however equal they are", () => {
    const trie = createTrie();
    const root = append(trie, null, { by: "prompt" }, [word("Q", 1)]);
    const a = append(trie, root, { by: "model", call: 0, threadId: "0", role: "body" }, [word("x", 2)]);
    const b = append(trie, root, { by: "model", call: 1, threadId: "0", role: "body" }, [word("x", 2)]);
    expect(a).not.toEqual(b);
    expect(trie.segments.map(({ id }) => id)).toEqual([0, 1, 2]);
  });

  it("refuses a beginning that does not lie on the way", () => {
    const { trie, root, first, second, joined } = forked();
    const message = `position ${second.segment}:2 is not an ancestor of ${first.segment}:1`;
    expect(() => path(trie, first, second)).toThrow(new RangeError(message));
    expect(() => stretches(trie, root, first)).toThrow(RangeError);
    expect(() => path(trie, joined, second)).toThrow(RangeError);
    expect(() => path(trie, { segment: 1, n: 1 }, { segment: 1, n: 2 })).toThrow(RangeError);
    expect(() => path(trie, first, { segment: 1, n: 3 })).toThrow(RangeError);
  });

  it("refuses segments that do not exist", () => {
    const { trie } = forked();
    expect(() => segmentOf(trie, 99)).toThrow(new RangeError("the trie has no segment 99"));
    expect(() => path(trie, { segment: -1, n: 0 })).toThrow(RangeError);
  });

  it("gives the ids of a way, or the segments that must be encoded first", () => {
    const { trie, fork, first, joined } = forked();
    const missing = (to: Position) => {
      const got = idsOf(trie, to);
      return "missing" in got ? got.missing.map(({ id }) => id) : [];
    };
    expect(idsOf(trie, fork)).toEqual({ ids: [1, 2, 3, 4] });
    expect(missing(first)).toEqual([2]);
    expect(missing(joined)).toEqual([2, 6]);
    for (const id of missing(joined)) {
      const text = textBetween(trie, segmentOf(trie, id).parent ?? undefined, { segment: id, n: 1 });
      encodePiece(
        trie,
        id,
        text.split("").map((c) => c.charCodeAt(0)),
        undefined,
      );
    }
    expect(idsOf(trie, joined)).toEqual({ ids: [1, 2, 3, 4, 49, 58, 6, 50, 58, 7, 8] });
    expect(() => encodePiece(trie, 2, [1], undefined)).toThrow(RangeError);
  });

  it("counts tokens: the ids of a piece, or one where they are not known", () => {
    const { trie, fork, first } = forked();
    expect(tokensBetween(trie, undefined, fork)).toBe(4);
    expect(tokensBetween(trie, undefined, first)).toBe(6);
    expect(tokensBetween(trie, fork, first)).toBe(2);
    expect(tokensOf({})).toBe(1);
    expect(tokensOf({ ids: [] })).toBe(1);
    expect(tokensOf({ ids: [1, 2] })).toBe(2);
  });

  it("counts a text that is not known as empty", () => {
    expect(textOf([{ ids: [1] }, { text: "a" }, {}])).toBe("a");
  });

  it("knows who made each piece, and follows copies to those whose pieces they are", () => {
    const { trie, fork, joined } = forked();
    expect(
      owners(trie, joined, fork).map(({ piece, maker, segment, copied }) => [piece.text, { maker, segment, copied }]),
    ).toEqual([
      ["1:", { maker: { by: "runtime", why: "header" }, segment: 2, copied: false }],
      ["one", { maker: { by: "model", call: 1, threadId: "0", role: "body" }, segment: 3, copied: false }],
      ["2:", { maker: { by: "runtime", why: "header" }, segment: 6, copied: false }],
      ["t", { maker: { by: "model", call: 2, threadId: "0", role: "body" }, segment: 5, copied: true }],
      ["wo", { maker: { by: "model", call: 2, threadId: "0", role: "body" }, segment: 5, copied: true }],
    ]);
  });

  it("follows a copy of a copy, and a part of one", () => {
    const { trie, root, fork, joined } = forked();
    const again = copyAfter(trie, root, { from: fork, to: joined });
    expect(textOf(path(trie, again))).toBe("Q 1:one2:two");
    expect(owners(trie, again, root).map(({ segment, copied }) => [segment, copied])).toEqual([
      [2, true],
      [3, true],
      [6, true],
      [5, true],
      [5, true],
    ]);
    const part = { segment: again.segment, n: 4 };
    expect(owners(trie, part, { segment: again.segment, n: 1 }).map(({ piece }) => piece.text)).toEqual([
      "one",
      "2:",
      "t",
    ]);
  });

  it("shares the pieces of a copy with those that it copies, so that ids which come late come to both", () => {
    const { trie, fork, joined, first } = forked();
    const again = copyAfter(trie, joined, { from: fork, to: first });
    for (const id of [2, 4, 6]) encodePiece(trie, id, [42], undefined);
    expect(idsOf(trie, again)).toEqual({ ids: [1, 2, 3, 4, 42, 6, 42, 7, 8, 42, 6] });
  });

  it("knows where two ways part", () => {
    const { trie, root, fork, first, second, joined } = forked();
    expect(commonAncestor(trie, first, second)).toEqual(fork);
    expect(commonAncestor(trie, first, joined)).toEqual(first);
    expect(commonAncestor(trie, joined, root)).toEqual(root);
    expect(commonAncestor(trie, { segment: 1, n: 3 }, second)).toEqual(fork);
    const other = append(trie, null, { by: "prompt" }, [{ text: "other" }]);
    expect(() => commonAncestor(trie, other, first)).toThrow(RangeError);
  });
});

const root = { parent: null, maker: { by: "prompt" as const }, ids: [null], texts: ["Q"] };

describe("a trie as plain data", () => {
  it("does not write the pieces of a copy a second time", () => {
    const { trie } = forked();
    const data = serializeTrie(trie);
    expect(data.version).toBe(2);
    expect(data.segments.map(({ texts }) => texts)).toEqual([
      ["Q "],
      ["p", "lan", "wasted"],
      ["1:"],
      ["one"],
      ["2:"],
      ["t", "wo"],
      ["2:"],
      undefined,
    ]);
    expect(data.segments[1]?.ids).toEqual([2, [3, 4], 5]);
    expect(data.segments[2]?.ids).toEqual([null]);
  });

  it("keeps what is known of how a segment was generated", () => {
    const { trie } = forked();
    const segment = segmentOf(trie, 1);
    segment.sampled = 3;
    segment.context = 2;
    segment.origins.push({ from: 0, promptTokens: 1, seed: 7, attempt: 1, sampling: { temperature: 1, topP: 0.9 } });
    const again = deserializeTrie(JSON.parse(JSON.stringify(serializeTrie(trie))));
    expect(again.segments[1]).toMatchObject({ sampled: 3, context: 2, origins: segment.origins });
  });

  it("shares nothing with the trie, nor with the messages of its prompt", () => {
    const trie = createTrie();
    const chat = [{ role: "user", content: "hi" }];
    append(trie, null, { by: "prompt" }, [{ chat }]);
    const data = serializeTrie(trie);
    chat.push({ role: "assistant", content: "ho" });
    append(trie, { segment: 0, n: 1 }, { by: "model", call: 0, threadId: "0", role: "body" }, [word("x", 2)]);
    expect(data.segments).toHaveLength(1);
    expect(data.segments[0]?.chat).toEqual([{ role: "user", content: "hi" }]);
  });

  it("keeps log-probabilities, of the tokens and of those that could have come, where they are known", () => {
    const trie = createTrie();
    const top = [[{ id: 2, text: "x", logprob: -0.5 }]];
    const pieces = [
      word("a", 1),
      { ids: [2], text: "x", logprobs: [-0.5], topLogprobs: top },
      { ids: [3, 4], text: "é", logprobs: [-1, -2] },
      word("b", 5),
    ];
    const end = append(trie, null, { by: "prompt" }, pieces);
    expect(path(trie, end)).toEqual(pieces);
    const again = deserializeTrie(JSON.parse(JSON.stringify(serializeTrie(trie))));
    expect(path(again, end)).toEqual(pieces);
  });

  it.each([
    ["a parent that comes later", { segment: 1, n: 0 }],
    ["a parent that is not there", { segment: 9, n: 0 }],
    ["a place behind the last piece", { segment: 0, n: 2 }],
  ])("refuses %s", (_, parent) => {
    const segments = [root, { parent, maker: { by: "model", call: 0, threadId: "0", role: "body" } as const }];
    expect(() => deserializeTrie({ version: 2, segments })).toThrow(RangeError);
  });

  it("refuses a copy of what is not there", () => {
    const copy = (from: Position, to: Position) => ({
      version: 2 as const,
      segments: [root, { parent: { segment: 0, n: 1 }, maker: { by: "copy" as const, of: { from, to } } }],
    });
    const at = (segment: number, n: number) => ({ segment, n });
    const copied = deserializeTrie(copy(at(0, 0), at(0, 1)));
    expect(textBetween(copied, { segment: 0, n: 1 }, at(1, 1))).toBe("Q");
    expect(() => deserializeTrie(copy(at(0, 0), at(0, 2)))).toThrow(
      new RangeError("segment 0 has 1 pieces, so there is no position after 2"),
    );
    expect(() => deserializeTrie(copy(at(0, 1), at(0, 0)))).toThrow(RangeError);
    expect(() => deserializeTrie(copy(at(5, 0), at(5, 0)))).toThrow(RangeError);
  });

  it("refuses another version, and ids that do not belong to the texts", () => {
    const old = { version: 1, segments: [] } as unknown as SerializedTrie;
    expect(() => deserializeTrie(old)).toThrow(/not a trie of version 2/);
    const uneven = { version: 2 as const, segments: [{ ...root, ids: [1, 2] }] };
    expect(() => deserializeTrie(uneven)).toThrow("a segment has 2 ids and 1 texts");
  });

  it("takes a segment without pieces for an empty one", () => {
    const data = { version: 2 as const, segments: [{ parent: null, maker: { by: "prompt" as const } }] };
    const trie = deserializeTrie(data);
    expect(pieceCount(trie, segmentOf(trie, 0))).toBe(0);
  });
});

describe("any trie", () => {
  /** Where to hang what: a position is picked by a number from all that exist. */
  const building = fc.array(
    fc.record({
      at: fc.nat(),
      texts: fc.array(fc.string({ unit: "grapheme", maxLength: 2 }), { maxLength: 3 }),
      copy: fc.option(fc.tuple(fc.nat(), fc.nat()), { nil: undefined, freq: 2 }),
    }),
    { maxLength: 12 },
  );

  interface Built {
    trie: Trie;
    /** Every position with the text of its way, kept apart as plain strings. */
    known: { at: Position; text: string }[];
  }

  function build(steps: { at: number; texts: string[]; copy: [number, number] | undefined }[]): Built {
    const trie = createTrie();
    const known: Built["known"] = [];
    const note = (before: string, segment: number, texts: readonly string[]) => {
      for (let n = 0; n <= texts.length; n += 1) {
        known.push({ at: { segment, n }, text: before + texts.slice(0, n).join("") });
      }
    };
    note("", append(trie, null, { by: "prompt" }, [{ text: "Q" }]).segment, ["Q"]);
    for (const [i, { at, texts, copy }] of steps.entries()) {
      const parent = known[at % known.length];
      if (parent === undefined) throw new Error("nowhere to hang it");
      const to = known[(copy?.[0] ?? 0) % known.length];
      if (copy === undefined || to === undefined) {
        const maker = { by: "model", call: i, threadId: "0", role: "body" } as const;
        note(
          parent.text,
          append(
            trie,
            parent.at,
            maker,
            texts.map((text) => ({ text })),
          ).segment,
          texts,
        );
        continue;
      }
      const from = ancestors(trie, to.at, known)[copy[1] % ancestors(trie, to.at, known).length] ?? to;
      const end = copyAfter(trie, parent.at, { from: from.at, to: to.at });
      const copied = path(trie, end, parent.at).map((p) => p.text ?? "");
      expect(copied.join("")).toBe(to.text.slice(from.text.length));
      note(parent.text, end.segment, copied);
    }
    return { trie, known };
  }

  const ancestors = (trie: Trie, to: Position, known: Built["known"]) => {
    const way = stretches(trie, to);
    return known.filter(({ at }) => way.some(({ segment, end }) => segment.id === at.segment && at.n <= end));
  };

  it("gives for each position what was put on the way to it, by whom, and again after it was written and read", () => {
    fc.assert(
      fc.property(building, (steps) => {
        const { trie, known } = build(steps);
        const again = deserializeTrie(JSON.parse(JSON.stringify(serializeTrie(trie))));
        expect(serializeTrie(again)).toEqual(serializeTrie(trie));
        for (const { at, text } of known) {
          expect(textOf(path(trie, at))).toBe(text);
          const made = owners(trie, at);
          expect(made.map(({ piece }) => piece)).toEqual(path(trie, at));
          for (const { piece, maker, segment, n } of made) {
            expect(columnsOf(segmentOf(trie, segment)).piece(n)).toEqual(piece);
            expect(segmentOf(trie, segment).maker).toEqual(maker);
          }
          expect(owners(again, at)).toEqual(made);
          expect(tokensBetween(trie, undefined, at)).toBe(path(trie, at).length);
          for (const from of ancestors(trie, at, known)) {
            expect(textOf(path(trie, at, from.at))).toBe(text.slice(from.text.length));
          }
        }
      }),
      { numRuns: runs(100) },
    );
  });
});
