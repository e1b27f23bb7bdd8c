import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bounds } from "../../../src/core/scanner/pattern.ts";
import { TextScanner, scanProgram } from "../../../src/core/scanner/text-scanner.ts";
import { runs } from "../drive.ts";
import { scan, merged, chunkings, cuts, patternCases, patternOracle, parts } from "./support.ts";

describe("scanning for patterns", () => {
  it.each(patternCases)("finds %s as regular expressions do, in any chunks", (_, patterns, expressions, texts) => {
    const program = scanProgram(patterns);
    fc.assert(
      fc.property(texts, cuts, (text, at) => {
        const expected = patternOracle(expressions, text);
        for (const chunks of chunkings(text, at)) expect(scan(program, chunks)).toEqual(expected);
      }),
      { numRuns: runs(400) },
    );
  });

  it.each(patternCases)("holds back of %s exactly what more text can change", (_, patterns, expressions, texts) => {
    const samples = ["<Outline> 1.2 :", "</Outline>", "<Start 12 at> #0", "12. ab!", "ab=ab;", "a ", "b 11"];
    const endings = samples.flatMap((sample) => sample.split("").map((_c, i) => sample.slice(i)));
    fc.assert(
      fc.property(texts, (text) => {
        const scanner = new TextScanner(scanProgram(patterns));
        const decided = merged(scanner.push(text));
        const at = text.length - scanner.held;
        const [, word = "", again = ""] = /([\w.,-]+)=([\w.,-]*)$/.exec(text) ?? [];
        const same = word.split("").map((_c, i) => `${word.slice(i).slice(again.length)};`);
        const last = /[\w.,-]*$/.exec(text)?.[0] ?? "";
        same.push(`=${last};`);
        let across = false;
        for (const more of ["", "x", "\n", ...endings, ...same]) {
          const events = patternOracle(expressions, text + more);
          // All that was given out stays true whatever comes, and what was held back can become something.
          expect([...parts(events, at)]).toEqual(decided);
          across ||= events.some(
            (e) => e.type === "match" && at < text.length && e.start === at && e.end > text.length,
          );
        }
        expect(across).toBe(scanner.held > 0);
      }),
      { numRuns: runs(300) },
    );
  });

  it("finds nothing in captures and white space that are longer than their bounds", () => {
    const program = scanProgram(["<{id:int}~>"]);
    const texts = [
      `<${"1".repeat(bounds.capture)}>`,
      `<${"1".repeat(bounds.capture + 1)}>`,
      `<1${" ".repeat(bounds.space)}>`,
      `<1${" ".repeat(bounds.space + 1)}>`,
    ];
    const found = texts.map((text) => {
      for (const chunks of chunkings(text, [1, 5, 100, 200, 300])) {
        expect(scan(program, chunks)).toEqual(scan(program, [text]));
      }
      return scan(program, [text]).map(({ type }) => type);
    });
    expect(found).toEqual([["match"], ["text"], ["match"], ["text"]]);
  });

  it("never holds back more than the bounds allow", () => {
    const scanner = new TextScanner(scanProgram(["<{id:int}~>"]));
    let most = 0;
    for (const char of `<${"1".repeat(5000)}<1${" ".repeat(5000)}<1`) {
      scanner.push(char);
      most = Math.max(most, scanner.held);
    }
    expect(most).toBe(2 + bounds.space);
  });
});
