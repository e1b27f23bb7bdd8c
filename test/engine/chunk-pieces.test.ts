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
): Promise<{ pieces: Piece[]; failure: unknown; held: Piece | undefined }> {
  const made = new ChunkPieces({ decode: decoder, isSilent: (id) => id === eos, promptTokens: 1000 });
  const pieces: Piece[] = [];
  for (const [n, chunk] of chunks.entries()) {
    const finish = n === chunks.length - 1 ? "length" : undefined;
    const end = finish !== undefined && chunk.ids.at(-1) === marker ? "stop" : undefined;
    pieces.push(...(await made.push({ ...chunk, finish }, { isLast: finish !== undefined, end })));
  }
  return { pieces, failure: made.failure, held: made.held() };
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

  it("lose and double no token where the tokenizer fails at any moment: the rest is held, with its text", async () => {
    await fc.assert(
      fc.asyncProperty(texts, sizes, fc.nat(30), async (text, cuts, asked) => {
        let left = asked;
        const gone = new Error("gone");
        const { pieces, failure, held } = await piecesOf(chunksOf(text, cuts), async (ids) => {
          left -= 1;
          if (left < 0) throw gone;
          return decode(ids);
        });
        expect([...pieces, held].flatMap((piece) => piece?.ids ?? [])).toEqual([...Buffer.from(text)]);
        expect([...pieces, held].map((piece) => piece?.text ?? "").join("")).toBe(text);
        expect(failure).toBe(left < 0 ? gone : undefined);
        expect(held === undefined).toBe(left >= 0);
      }),
    );
  });

  it.each([
    ["a marker", undefined],
    ["an end of sequence", marker],
  ])("hold %s that ended the call too, whenever the tokenizer fails", async (_, eos) => {
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 128 }), fc.nat(40), async (text, size, asked) => {
        let left = asked;
        const decodeFew = async (ids: readonly number[]): Promise<string> => {
          left -= 1;
          if (left < 0) throw new Error("gone");
          return ids.includes(marker) ? `${decode(ids.slice(0, -1))}</s>` : decode(ids);
        };
        const chunks = chunksOf(text, [size]);
        const last = chunks.pop() ?? { ids: [], text: "" };
        // The server shows what ended the call.
        chunks.push({ ids: [...last.ids, marker], text: `${last.text}</s>` });
        const { pieces, held } = await piecesOf(chunks, decodeFew, eos);
        expect([...pieces, held].flatMap((piece) => piece?.ids ?? [])).toEqual([...Buffer.from(text), marker]);
        const own = eos === undefined || held !== undefined ? "</s>" : "";
        expect([...pieces, held].map((piece) => piece?.text ?? "").join("")).toBe(text + own);
      }),
    );
  });
});

describe("a call that breaks off", () => {
  /** Makes pieces of these parts, after what an earlier call held. */
  async function read(parts: readonly Chunk[], isWhole: boolean, held?: Piece, failsAfter = Infinity) {
    let left = failsAfter;
    const made = new ChunkPieces({
      decode: async (ids) => {
        left -= 1;
        if (left < 0) throw new Error("gone");
        return decode(ids);
      },
      isSilent: () => false,
      promptTokens: 1000,
      held,
      logprobs: true,
    });
    const pieces: Piece[] = [];
    for (const [n, part] of parts.entries()) {
      const isLast = isWhole && n === parts.length - 1;
      const logprobs = part.ids.map((id) => -id / 256);
      pieces.push(...(await made.push({ ...part, logprobs, finish: isLast ? "length" : undefined }, { isLast })));
    }
    return { pieces, held: made.held() };
  }

  /** The part of a text after so many bytes, as a server writes it whose prompt ends there: vLLM shows the prompt. */
  function rest(text: string, from: number, cuts: readonly number[]): Chunk[] {
    const bytes = [...Buffer.from(text)];
    const before = shown(bytes.slice(0, from));
    const isInside = Buffer.from(before).length < from;
    let at = 0;
    return chunksOf(text, [from, ...cuts]).flatMap(({ ids, text: own }, n) => {
      at += ids.length;
      if (n === 0 && from > 0) return [];
      const isFirstText = isInside && own !== "" && shown(bytes.slice(0, at - ids.length)) === before;
      return [{ ids, text: isFirstText ? before + own : own }];
    });
  }

  it("and its second attempt make the pieces of one that did not, id for id and text for text", async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    const fails = fc.oneof(fc.nat(30), fc.constant(Infinity));
    await fc.assert(
      fc.asyncProperty(texts, cuts, cuts, fc.nat(40), fails, async (text, one, other, after, failsAfter) => {
        const parts = chunksOf(text, one);
        const whole = await read(parts, true);
        const came = parts.slice(0, Math.min(after, parts.length - 1));
        const first = await read(came, false, undefined, failsAfter);
        const from = came.reduce((sum, { ids }) => sum + ids.length, 0);
        const after2 = rest(text, from, from === 0 ? one : other);
        const second = await read(after2, true, first.held);
        expect([...first.pieces, ...second.pieces]).toEqual(whole.pieces);
        expect(second.held).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });
});

describe("a part of many tokens", () => {
  it("is decoded in one go, with one request for each token that is another one", async () => {
    const ids = Array.from({ length: 50_000 }, (_, n) => 97 + (n % 3));
    let waiting = 0;
    let most = 0;
    const { pieces } = await piecesOf([{ ids, text: decode(ids) }], async (some) => {
      waiting += 1;
      most = Math.max(most, waiting);
      await Promise.resolve();
      waiting -= 1;
      return decode(some);
    });
    expect(pieces).toHaveLength(50_000);
    expect(most).toBe(3);
  });
});
