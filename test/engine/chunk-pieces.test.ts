import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Piece } from "../../src/core/trie/piece.ts";
import { ChunkPieces } from "../../src/engine/wire/chunk-pieces.ts";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const decode = (ids: readonly number[]): string => utf8.decode(Uint8Array.from(ids));
/** Servers hold back what is no character yet. */
const shown = (ids: readonly number[]): string => decode(ids).replace(/\uFFFD+$/, "");

/** No byte, so no part of a character. */
const marker = 300;

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

/** @param eos an id whose text is empty by contract, and which ends the last part where it is that part's last. */
async function piecesOf(
  chunks: readonly Chunk[],
  decoder: (ids: readonly number[]) => Promise<string>,
  eos?: number,
): Promise<{ pieces: Piece[]; failure: unknown }> {
  const made = new ChunkPieces({ decode: decoder, isSilent: (id) => id === eos, promptTokens: 1000 });
  const pieces: Piece[] = [];
  for (const [n, chunk] of chunks.entries()) {
    const finish = n === chunks.length - 1 ? "length" : undefined;
    const endsCall = finish !== undefined && chunk.ids.at(-1) === marker;
    pieces.push(...(await made.push({ ...chunk, finish }, endsCall)));
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

  it.each([
    ["a marker", undefined, "</s>"],
    ["an end of sequence", marker, ""],
  ])(
    "have %s that ended the call as the last, and the others whole, whenever the tokenizer fails",
    async (_, eos, own) => {
      await fc.assert(
        fc.asyncProperty(texts, fc.integer({ min: 1, max: 128 }), fc.nat(40), async (text, size, asked) => {
          let left = asked;
          // What markers look like is known before the first call.
          const decodeFew = async (ids: readonly number[]): Promise<string> => {
            if (ids.length === 1 && ids[0] === marker) return "</s>";
            left -= 1;
            if (left < 0) throw new Error("gone");
            return ids.includes(marker) ? `${decode(ids.slice(0, -1))}</s>` : decode(ids);
          };
          const chunks = chunksOf(text, [size]);
          const last = chunks.pop() ?? { ids: [], text: "" };
          // What was no character before the end is shown as such, and then the server shows what ended the call.
          chunks.push({ ids: [...last.ids, marker], text: `${last.text}</s>` });
          const { pieces } = await piecesOf(chunks, decodeFew, eos);
          expect(pieces.at(-1)).toEqual({ ids: [marker], text: own });
          expect(pieces.slice(0, -1).flatMap(({ ids = [] }) => ids)).toEqual([...Buffer.from(text)]);
          expect(pieces.map((piece) => piece.text).join("")).toBe(text + own);
        }),
      );
    },
  );
});
