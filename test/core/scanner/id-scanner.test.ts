import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IdScanner, idProgram, largestId, type IdMatch } from "../../../src/core/scanner/id-scanner.ts";
import { hasty, runs } from "../drive.ts";

/** Leftmost, then longest, then the one listed first. */
function oracle(markers: readonly (readonly number[])[], ids: readonly number[]): IdMatch[] {
  const found: IdMatch[] = [];
  for (let at = 0; at < ids.length;) {
    const here = markers
      .map((marker, index) => ({ index, length: marker.length, fits: marker.every((id, i) => ids[at + i] === id) }))
      .filter(({ fits }) => fits)
      .sort((a, b) => b.length - a.length || a.index - b.index);
    const [best] = here;
    if (best !== undefined) found.push({ marker: best.index, start: at, end: at + best.length });
    at += best?.length ?? 1;
  }
  return found;
}

const id = fc.constantFrom(0, 1, 2, 0xd800, 0xffff, 151_665, largestId);

describe("scanning token ids", () => {
  it("finds markers of one id and of many, in any chunks", () => {
    const markers = fc.array(fc.array(id, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(markers, fc.array(fc.array(id, { maxLength: 6 }), { maxLength: 8 }), (list, chunks) => {
        const scanner = new IdScanner(idProgram(list));
        const longest = Math.max(...list.map((m) => m.length));
        const found = chunks.flatMap((chunk) => {
          const matches = scanner.push(chunk);
          expect(scanner.held).toBeLessThan(longest);
          return matches;
        });
        expect([...found, ...scanner.finish()]).toEqual(oracle(list, chunks.flat()));
      }),
      { numRuns: runs(400) },
    );
  });

  it("holds back ids, not code units", () => {
    const scanner = new IdScanner(idProgram([[7, 8, 9]]));
    expect(scanner.push([6, 7, 8])).toEqual([]);
    expect(scanner.held).toBe(2);
    expect(scanner.push([9, 7])).toEqual([{ marker: 0, start: 1, end: 4 }]);
    expect(scanner.held).toBe(1);
    expect(scanner.finish()).toEqual([]);
  });

  it("does not find a marker across the halves of two ids", () => {
    // As characters, 0x400 and 0 are d801 dc00 and d800 dc00.
    expect(new IdScanner(idProgram([[0x400]])).push([0, 0x800, 1, 0x401, 0x3ff])).toEqual([]);
    expect(new IdScanner(idProgram([[0, 0]])).push([0x400, 0, 0])).toEqual([{ marker: 0, start: 1, end: 3 }]);
  });

  it.skipIf(hasty)("takes as many ids at once as there are", () => {
    const ids = Array.from({ length: 300_000 }, () => 5);
    ids.push(6);
    expect(new IdScanner(idProgram([[5, 6]])).push(ids)).toEqual([{ marker: 0, start: 299_999, end: 300_001 }]);
  });

  it.each([-1, 1.5, largestId + 1, Number.NaN])("refuses %d, which is no token id", (wrong) => {
    expect(() => idProgram([[wrong]])).toThrow(new RangeError(`${wrong} is not a token id`));
    expect(() => new IdScanner(idProgram([[1]])).push([1, wrong])).toThrow(RangeError);
  });

  it("refuses a marker of no ids", () => {
    expect(() => idProgram([[]])).toThrow("a marker cannot be empty");
  });
});
