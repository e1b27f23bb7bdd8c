import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PieceColumns } from "../../../src/core/trie/columns.ts";
import { tokensOf, type Piece } from "../../../src/core/trie/piece.ts";
import { runs } from "../drive.ts";

const top = fc.record({ id: fc.nat(9), text: fc.string({ maxLength: 2 }), logprob: fc.constantFrom(-1, -2.5) });

/** One token as a rule; several for one character; none where they are not known. */
const piece: fc.Arbitrary<Piece> = fc
  .record({
    count: fc.constantFrom(1, 1, 1, 2, 3, 0),
    id: fc.nat(200_000),
    text: fc.oneof(
      { weight: 9, arbitrary: fc.string({ maxLength: 5 }) },
      fc.string({ minLength: 300, maxLength: 700 }),
    ),
    known: fc.constantFrom("none", "none", "logprobs", "top"),
    tops: fc.array(top, { minLength: 1, maxLength: 2 }),
  })
  .map(({ count, id, text, known, tops }) => {
    if (count === 0) return { text };
    const ids = Array.from({ length: count }, (_, i) => id + i);
    return {
      ids,
      text,
      ...(known !== "none" && { logprobs: ids.map((_, i) => -i - 0.5) }),
      ...(known === "top" && { topLogprobs: ids.map(() => tops) }),
    };
  });

function columnsOf(pieces: readonly Piece[]): PieceColumns {
  const columns = new PieceColumns();
  for (const made of pieces) columns.push(made);
  return columns;
}

describe("pieces in columns", () => {
  it("are read as they were put in, one by one and any stretch of them", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.nat(), fc.nat(), fc.boolean(), (pieces, a, b, trimmed) => {
        const columns = columnsOf(pieces);
        if (trimmed) columns.trim();
        const [start = 0, end = 0] = [a % (pieces.length + 1), b % (pieces.length + 1)].sort((x, y) => x - y);
        const part = pieces.slice(start, end);
        const texts = (some: readonly Piece[]) => some.map(({ text }) => text).join("");

        expect(columns.length).toBe(pieces.length);
        expect(pieces.map((_, n) => columns.piece(n))).toEqual(pieces);
        expect(pieces.map((_, n) => columns.ids(n))).toEqual(pieces.map(({ ids }) => ids));
        expect(pieces.map((_, n) => columns.lastId(n))).toEqual(pieces.map(({ ids }) => ids?.at(-1)));
        expect(columns.text(start, end)).toBe(texts(part));
        expect(columns.textLength).toBe(texts(pieces).length);
        expect(columns.textStart(start)).toBe(texts(pieces.slice(0, start)).length);
        expect(Array.from(columns.idRange(start, end))).toEqual(part.flatMap(({ ids = [] }) => ids));
        expect(columns.tokens(start, end)).toBe(part.reduce((sum, made) => sum + tokensOf(made), 0));
        expect(columns.withoutIds).toBe(pieces.filter(({ ids }) => ids === undefined).length);
      }),
      { numRuns: runs(200) },
    );
  });

  it("go on growing after they were trimmed", () => {
    const columns = columnsOf([{ ids: [1], text: "a" }]);
    columns.trim();
    for (let id = 2; id < 40; id += 1) columns.push({ ids: [id], text: "b" });
    expect(Array.from(columns.idRange(0, 39))).toEqual(Array.from({ length: 39 }, (_, i) => i + 1));
    expect(columns.text(0, 40)).toBe(`a${"b".repeat(38)}`);
  });

  it("know which piece is one given token, and is nothing else", () => {
    const columns = columnsOf([
      { ids: [5], text: "a" },
      { ids: [5, 5], text: "b" },
      { text: "c" },
      { ids: [6], text: "d" },
    ]);
    expect([0, 1, 2, 3].map((n) => columns.isToken(n, 5))).toEqual([true, false, false, false]);
    expect([0, 1, 2, 3].map((n) => columns.isToken(n, 6))).toEqual([false, false, false, true]);
  });

  it("take the ids of a single piece later, and a text only where there was none", () => {
    const literal = columnsOf([{ text: "ab" }]);
    literal.encode([7, 8], "other");
    expect(literal.piece(0)).toEqual({ ids: [7, 8], text: "ab" });
    expect([literal.withoutIds, literal.tokens(0, 1)]).toEqual([0, 2]);
    const chat = columnsOf([{}]);
    chat.encode([9], "rendered");
    expect(chat.piece(0)).toEqual({ ids: [9], text: "rendered" });
    expect([chat.textLength, chat.textStart(1), chat.length]).toEqual([8, 8, 1]);
    const unknown = columnsOf([{}]);
    unknown.encode([9], undefined);
    expect(unknown.piece(0)).toEqual({ ids: [9], text: "" });
    const message = "only a single piece without ids can be encoded";
    expect(() => literal.encode([1], undefined)).toThrow(new RangeError(message));
    expect(() => columnsOf([{ text: "a" }, { text: "b" }]).encode([1], undefined)).toThrow(new RangeError(message));
    expect(() => new PieceColumns().encode([1], undefined)).toThrow(RangeError);
  });

  it("take an empty list of ids for ids that are not known", () => {
    const columns = columnsOf([{ ids: [], text: "a" }]);
    expect([columns.ids(0), columns.withoutIds, columns.tokens(0, 1)]).toEqual([undefined, 1, 1]);
  });

  it("are copies, going in and coming out", () => {
    const ids = [1, 2];
    const columns = columnsOf([{ ids, text: "a" }]);
    ids[0] = 9;
    columns.ids(0)?.push(3);
    expect(columns.ids(0)).toEqual([1, 2]);
  });
});
