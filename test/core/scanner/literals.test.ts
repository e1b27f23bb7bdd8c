import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { startPattern } from "../../../src/core/scanner/pattern.ts";
import { TextScanner, literalProgram, scanProgram } from "../../../src/core/scanner/text-scanner.ts";
import { runs } from "../drive.ts";
import { scan, chunkings, cuts, literalOracle, literalCases } from "./support.ts";

describe("scanning for literal markers", () => {
  it.each(literalCases)("finds %s as a naive search does, in any chunks", (_, markers, texts) => {
    const program = literalProgram(markers);
    fc.assert(
      fc.property(texts, cuts, (text, at) => {
        const expected = literalOracle(markers, text);
        for (const chunks of chunkings(text, at)) expect(scan(program, chunks)).toEqual(expected);
      }),
      { numRuns: runs(400) },
    );
  });

  it("finds any markers in any text", () => {
    const unit = fc.constantFrom("a", "b", "c", "<", ">", "/");
    const markers = fc.uniqueArray(fc.string({ unit, minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(markers, fc.string({ unit, maxLength: 40 }), cuts, (list, text, at) => {
        const expected = literalOracle(list, text);
        for (const chunks of chunkings(text, at)) expect(scan(literalProgram(list), chunks)).toEqual(expected);
      }),
      { numRuns: runs(400) },
    );
  });

  it("finds a marker that counts at the beginning only, there and nowhere else, in any chunks", () => {
    const unit = fc.constantFrom("a", "b");
    const program = scanProgram([startPattern("ab")]);
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), cuts, (text, at) => {
        const [first] = literalOracle(["ab"], text).filter((event) => event.type === "match" && event.start === 0);
        for (const chunks of chunkings(text, at)) {
          expect(scan(program, chunks).filter(({ type }) => type === "match")).toEqual(
            first === undefined ? [] : [first],
          );
        }
      }),
      { numRuns: runs(200) },
    );
  });

  it.each(literalCases)("holds back of %s exactly what can still become a marker", (_, markers, texts) => {
    const endings = [...new Set(markers.flatMap((m) => m.split("").map((_c, i) => m.slice(i))))];
    const longest = Math.max(...markers.map((m) => m.length)) - 1;
    fc.assert(
      fc.property(texts, cuts, (text, at) => {
        const [, , chunks = []] = chunkings(text, at);
        const scanner = new TextScanner(literalProgram(markers));
        let seen = "";
        for (const chunk of chunks) {
          scanner.push(chunk);
          seen += chunk;
          // Whatever comes next, a marker that goes across the end begins in what is held, and one can.
          const across = endings.flatMap((more) =>
            literalOracle(markers, seen + more).flatMap((e) =>
              e.type === "match" && e.start < seen.length && e.end > seen.length ? [seen.length - e.start] : [],
            ),
          );
          expect(scanner.held).toBe(Math.max(0, ...across));
          expect(scanner.held).toBeLessThanOrEqual(longest);
        }
      }),
      { numRuns: runs(300) },
    );
  });

  it("leaves alone what it gave out before", () => {
    const scanner = new TextScanner(literalProgram(["ab"]));
    const first = scanner.push("a");
    expect(scanner.push("b")).toHaveLength(1);
    expect(first).toEqual([]);
  });

  it("gives the text at once where no marker can begin in it", () => {
    const scanner = new TextScanner(literalProgram(["<a>", "<b>"]));
    expect(scanner.push("plain text ")).toEqual([{ type: "text", text: "plain text " }]);
    expect(scanner.push("")).toEqual([]);
    expect(scanner.push("and <")).toEqual([{ type: "text", text: "and " }]);
    expect(scanner.held).toBe(1);
    expect(scanner.push("c>")).toEqual([{ type: "text", text: "<c>" }]);
    expect(scanner.held).toBe(0);
    expect(scanner.push("<")).toEqual([]);
    expect(scanner.finish()).toEqual([{ type: "text", text: "<" }]);
    expect(scanner.finish()).toEqual([]);
  });

  it("waits where a marker is the beginning of a longer one", () => {
    const scanner = new TextScanner(literalProgram(["<a", "<abc"]));
    expect(scanner.push("<a")).toEqual([]);
    expect(scanner.push("b")).toEqual([]);
    expect(scanner.held).toBe(3);
    expect(scanner.push("x")).toEqual([
      { type: "match", pattern: 0, start: 0, end: 2, captures: {} },
      { type: "text", text: "bx" },
    ]);
    expect(scan(literalProgram(["<a", "<abc"]), ["<ab"])).toEqual([
      { type: "match", pattern: 0, start: 0, end: 2, captures: {} },
      { type: "text", text: "b" },
    ]);
  });

  it("tells of two equal markers the first", () => {
    expect(scan(literalProgram(["x", "x"]), ["x"])).toEqual([
      { type: "match", pattern: 0, start: 0, end: 1, captures: {} },
    ]);
  });

  it("serves several scanners with one program", () => {
    const program = literalProgram(["ab"]);
    const [one, two] = [new TextScanner(program), new TextScanner(program)];
    one.push("a");
    expect(two.push("b")).toEqual([{ type: "text", text: "b" }]);
    expect(one.push("b")).toEqual([{ type: "match", pattern: 0, start: 0, end: 2, captures: {} }]);
  });

  it("finds nothing where there is nothing to look for", () => {
    expect(scan(scanProgram([]), ["<a>", "b"])).toEqual([{ type: "text", text: "<a>b" }]);
  });
});
