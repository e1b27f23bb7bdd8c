import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { Piece } from "../../src/core/trie/piece.ts";
import { createPieceDecoder } from "../../src/engine/wire/piece-decoder.ts";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const marker = 267;

/** A vocabulary of bytes, one marker and one silent token (256). */
function decode(ids: readonly number[]): string {
  const runs = ids.map((id) => (id === marker ? [...Buffer.from("<Thread>")] : id));
  return utf8.decode(Uint8Array.from(runs.flat()));
}

function pieces(ids: readonly number[]): Piece[] {
  const decoder = createPieceDecoder(decode, (id) => id === 256);
  return [...ids.flatMap((id) => decoder.push(id)), ...decoder.flush()];
}

function bytes(text: string): number[] {
  return [...Buffer.from(text)];
}

describe("createPieceDecoder", () => {
  it("makes one piece of each token", () => {
    expect(pieces([97, marker, 98])).toEqual([
      { ids: [97], text: "a" },
      { ids: [marker], text: "<Thread>" },
      { ids: [98], text: "b" },
    ]);
  });

  it("merges the tokens of one character", () => {
    expect(pieces(bytes("a😀é")).map(({ ids, text }) => [ids?.length, text])).toEqual([
      [1, "a"],
      [4, "😀"],
      [2, "é"],
    ]);
  });

  it("hands out nothing before the character is whole", () => {
    const decoder = createPieceDecoder(decode, () => false);
    expect([226, 130, 172].map((id) => decoder.push(id).length)).toEqual([0, 0, 1]);
  });

  it("gives up an incomplete character at the end, and at a token that does not go on with it", () => {
    const lone = { ids: [226, 130], text: "\uFFFD" };
    expect(pieces([226, 130])).toEqual([lone]);
    expect(pieces([226, 130, marker])).toEqual([lone, { ids: [marker], text: "<Thread>" }]);
    expect(pieces([226, 130, 256])).toEqual([lone, { ids: [256], text: "" }]);
    expect(pieces([226, 130, 226, 130, 172])).toEqual([lone, { ids: [226, 130, 172], text: "€" }]);
  });

  it("keeps a character that really is U+FFFD", () => {
    expect(pieces(bytes("\uFFFDa")).map(({ text }) => text)).toEqual(["\uFFFD", "a"]);
  });

  it("gives silent tokens the empty text", () => {
    expect(pieces([97, 256])).toEqual([
      { ids: [97], text: "a" },
      { ids: [256], text: "" },
    ]);
  });

  it("loses no token, and no character of valid text", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 255 })), (ids) => {
        expect(pieces(ids).flatMap((piece) => [...(piece.ids ?? [])])).toEqual(ids);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const made = pieces(bytes(text));
        expect(made.map((piece) => piece.text)).toEqual(Array.from(text));
      }),
    );
  });

  it("makes the text that decoding everything at once would make, whatever the bytes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xff)),
        (ids) => {
          expect(
            pieces(ids)
              .map(({ text }) => text)
              .join(""),
          ).toBe(decode(ids));
        },
      ),
    );
  });

  it("decodes a bounded number of tokens for each one pushed", () => {
    const spy = vi.fn(decode);
    const decoder = createPieceDecoder(spy, () => false);
    for (const id of bytes("Ünïcödé 😀 ".repeat(50))) decoder.push(id);
    expect(Math.max(...spy.mock.calls.map(([ids]) => ids.length))).toBeLessThanOrEqual(4);
  });
});
