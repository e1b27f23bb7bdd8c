import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Piece } from "../../src/core/trie/piece.ts";
import { ChunkPieces } from "../../src/engine/wire/chunk-pieces.ts";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const decode = (ids: readonly number[]): string => utf8.decode(Uint8Array.from(ids));
/** Servers hold back what is no character yet. */
const shown = (ids: readonly number[]): string => decode(ids).replace(/\uFFFD+$/, "");

interface Chunk {
  ids: number[];
  text: string;
}

/** A text in parts of these numbers of tokens (bytes), as a server would write them. */
function chunksOf(text: string, sizes: readonly number[]): Chunk[] {
  const all = [...Buffer.from(text)];
  const chunks: Chunk[] = [];
  for (let at = 0, n = 0; at < all.length; n += 1) {
    const end = Math.min(all.length, at + (sizes[n % sizes.length] ?? 1));
    chunks.push({ ids: all.slice(at, end), text: shown(all.slice(0, end)).slice(shown(all.slice(0, at)).length) });
    at = end;
  }
  return chunks;
}

async function piecesOf(
  chunks: readonly Chunk[],
  decoder: (ids: readonly number[]) => Promise<string>,
): Promise<{ pieces: Piece[]; failure: unknown }> {
  const made = new ChunkPieces({ decode: decoder, isSilent: () => false, promptTokens: 1000 });
  const pieces: Piece[] = [];
  for (const [n, chunk] of chunks.entries()) {
    const finish = n === chunks.length - 1 ? "length" : undefined;
    pieces.push(...(await made.push({ ...chunk, finish })));
  }
  return { pieces, failure: made.failure };
}

const texts = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

describe("pieces of a streamed answer", () => {
  it("are the same however the server cuts it, one for each character or token", async () => {
    await fc.assert(
      fc.asyncProperty(texts, sizes, async (text, cuts) => {
        const { pieces, failure } = await piecesOf(chunksOf(text, cuts), async (ids) => decode(ids));
        expect(failure).toBeUndefined();
        expect(pieces).toEqual(
          Array.from(text, (character) => ({ ids: [...Buffer.from(character)], text: character })),
        );
      }),
    );
  });

  it("lose and double no token where the tokenizer fails at any moment, and then have the text that came", async () => {
    await fc.assert(
      fc.asyncProperty(texts, sizes, fc.nat(30), async (text, cuts, asked) => {
        let left = asked;
        const gone = new Error("gone");
        const { pieces, failure } = await piecesOf(chunksOf(text, cuts), async (ids) => {
          left -= 1;
          if (left < 0) throw gone;
          return decode(ids);
        });
        expect(pieces.flatMap(({ ids = [] }) => ids)).toEqual([...Buffer.from(text)]);
        expect(failure).toBe(left < 0 ? gone : undefined);
      }),
    );
  });

  it("in parts of several tokens keep their texts when the tokenizer is gone", async () => {
    const { pieces } = await piecesOf(chunksOf("abcdef", [2]), () => Promise.reject(new Error("gone")));
    expect(pieces.map(({ text }) => text)).toEqual(["ab", "cd", "ef"]);
  });
});
