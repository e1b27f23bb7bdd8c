import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bounds } from "../../../src/core/scanner/pattern.ts";
import { TextScanner, scanProgram } from "../../../src/core/scanner/text-scanner.ts";
import { runs } from "../drive.ts";
import { scan, chunkings, cuts, denseIn, fork, join, forkOracle } from "./support.ts";

describe("scanning for patterns with a text in them", () => {
  const texts = denseIn(["<F-1>", "</F-1>", "<F-a>", "</F-a>", "<J-1>", "<J-a>"], ["x", "<", "\n", "</F-", "F", "<b>"]);

  it("finds forks, their texts, and those never closed, in any chunks", () => {
    fc.assert(
      fc.property(texts, cuts, (text, at) => {
        const expected = forkOracle(text);
        for (const chunks of chunkings(text, at)) expect(scan(scanProgram([fork, join]), chunks)).toEqual(expected);
      }),
      { numRuns: runs(600) },
    );
  });

  it("gives every character out once: in a text, in a match or in a head", () => {
    fc.assert(
      fc.property(texts, (text) => {
        let at = 0;
        for (const event of scan(scanProgram([fork, join]), [text])) {
          if (event.type === "text") {
            expect(text.slice(at, at + event.text.length)).toBe(event.text);
            at += event.text.length;
          } else if (event.type === "open" || (event.type === "match" && event.pattern === 1)) {
            expect(event.start).toBe(at);
            at = event.end;
          } else if (event.type === "match") {
            expect(text.slice(event.start, event.end)).toMatch(/^<F-(.+?)>.*<\/F-\1>$/s);
            at = event.end;
          }
        }
        expect(at).toBe(text.length);
      }),
      { numRuns: runs(200) },
    );
  });

  it("lets a second head take the place of one that is open", () => {
    expect(scan(scanProgram([fork]), ["<F-1>a<F-2>b</F-1></F-2>"])).toEqual([
      { type: "open", pattern: 0, start: 0, end: 5, captures: { id: "1" } },
      { type: "text", text: "a" },
      { type: "unclosed", pattern: 0, start: 0 },
      { type: "open", pattern: 0, start: 6, end: 11, captures: { id: "2" } },
      { type: "text", text: "b</F-1>" },
      { type: "match", pattern: 0, start: 6, end: 25 - 1, captures: { id: "2", text: "b</F-1>" } },
    ]);
  });

  it("knows which of its patterns have a text in them", () => {
    expect(scanProgram([join, fork, "<a>{text}</a>"]).holes).toEqual([1, 2]);
    expect(scanProgram([join]).holes).toEqual([]);
  });

  it("reads two kinds of texts at once, one within the other", () => {
    const program = scanProgram(["<a>{text}</a>", "<b>{text}</b>"]);
    expect(scan(program, ["<a>1<b>2</a>3</b>"])).toEqual([
      { type: "open", pattern: 0, start: 0, end: 3, captures: {} },
      { type: "text", text: "1" },
      { type: "open", pattern: 1, start: 4, end: 7, captures: {} },
      { type: "text", text: "2" },
      { type: "match", pattern: 0, start: 0, end: 12, captures: { text: "1<b>2" } },
      { type: "text", text: "3" },
      { type: "match", pattern: 1, start: 4, end: 17, captures: { text: "2</a>3" } },
    ]);
  });

  it("takes what looks like a head for text where only tags can take the place of an open one", () => {
    const program = scanProgram(["{n:int}. {text}\n"]);
    for (const chunks of chunkings("1. about 3. things\n2. b\n", [3, 10, 11])) {
      expect(scan(program, chunks)).toEqual([
        { type: "open", pattern: 0, start: 0, end: 3, captures: { n: "1" } },
        { type: "text", text: "about 3. things" },
        { type: "match", pattern: 0, start: 0, end: 19, captures: { n: "1", text: "about 3. things" } },
        { type: "open", pattern: 0, start: 19, end: 22, captures: { n: "2" } },
        { type: "text", text: "b" },
        { type: "match", pattern: 0, start: 19, end: 24, captures: { n: "2", text: "b" } },
      ]);
    }
  });

  it("leaves the captures of an open head as they are while it looks for its tail", () => {
    const program = scanProgram(["<{id:int}>{text};{x:int}/{id}"]);
    expect(scan(program, ["<1>a;7/2;8/1"]).at(-1)).toEqual({
      type: "match",
      pattern: 0,
      start: 0,
      end: 12,
      captures: { id: "1", x: "8", text: "a;7/2" },
    });
  });

  const room = bounds.text;
  it.each([
    ["just fits", room, "match"],
    ["is one too long", room + 1, "unclosed"],
    ["is far too long", 3 * room, "unclosed"],
  ] as const)("gives up a text that %s at the same place in any chunks", (_, length, type) => {
    const text = `..<F-1>${"x".repeat(length)}</F-1>..`;
    const expected = scan(scanProgram([fork, join]), [text]);
    expect(expected.filter((e) => e.type !== "text").map((e) => e.type)).toEqual(["open", type]);
    for (const size of [1, 7, 1000, room, room + 7]) {
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_x, i) =>
        text.slice(i * size, (i + 1) * size),
      );
      expect(scan(scanProgram([fork, join]), chunks)).toEqual(expected);
    }
    if (type === "unclosed") {
      expect(expected.slice(2, 4).map((e) => (e.type === "text" ? e.text.length : e.type))).toEqual([room, "unclosed"]);
    }
  });

  it("counts what other patterns matched to the text of an open head, for its length too", () => {
    const text = `<F-1>${"x".repeat(room - 5)}<J-2></F-1>`;
    expect(scan(scanProgram([fork, join]), [text]).at(-1)).toMatchObject({ type: "match", pattern: 0 });
    const longer = `<F-1>${"x".repeat(room - 4)}<J-2></F-1>`;
    for (const chunks of [[longer], longer.match(/.{1,999}/gs) ?? []]) {
      const events = scan(scanProgram([fork, join]), chunks);
      expect(events.map((e) => e.type)).toEqual(["open", "text", "match", "unclosed", "text"]);
      expect(events.at(-1)).toEqual({ type: "text", text: "</F-1>" });
    }
  });

  it("gives up the one of two open heads whose text grew too long", () => {
    const program = scanProgram(["<a>{text}</a>", "<b>{text}</b>"]);
    const text = `<a>12<b>${"x".repeat(room - 4)}yz</b></a>`;
    const events = scan(program, [text]);
    expect(events.filter((e) => e.type !== "text" && e.type !== "open")).toEqual([
      { type: "unclosed", pattern: 0, start: 0 },
      { type: "match", pattern: 1, start: 5, end: text.length - 4, captures: { text: `${"x".repeat(room - 4)}yz` } },
    ]);
    expect(scan(program, text.match(/.{1,77}/gs) ?? [])).toEqual(events);
  });

  it("reports heads that are open at the end once", () => {
    const scanner = new TextScanner(scanProgram([fork]));
    scanner.push("<F-1>a");
    expect(scanner.finish()).toEqual([{ type: "unclosed", pattern: 0, start: 0 }]);
    expect(scanner.finish()).toEqual([]);
  });
});
