import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bounds } from "../../src/core/pattern.ts";
import { TextScanner, literalProgram, scanProgram, type ScanEvent, type ScanProgram } from "../../src/core/scanner.ts";
import { runs } from "./drive.ts";

/** All events of a stream in those chunks, adjacent text made one. */
function scan(program: ScanProgram, chunks: readonly string[]): ScanEvent[] {
  const scanner = new TextScanner(program);
  return merged([...chunks.flatMap((chunk) => scanner.push(chunk)), ...scanner.finish()]);
}

function merged(events: readonly ScanEvent[]): ScanEvent[] {
  const out: ScanEvent[] = [];
  for (const event of events) {
    const last = out.at(-1);
    if (event.type === "text" && last?.type === "text") out[out.length - 1] = { ...last, text: last.text + event.text };
    else out.push(event);
  }
  return out;
}

/** The text whole, by characters, and cut at `cuts`. */
function chunkings(text: string, cuts: readonly number[]): string[][] {
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  const random = [0, ...places].map((from, i) => text.slice(from, places[i] ?? text.length));
  return [[text], text.split(""), random];
}

const cuts = fc.array(fc.nat(), { maxLength: 12 });

// Literal markers

/** Leftmost, then longest: an alternation with the longest first, and the first listed of equal ones. */
function literalOracle(markers: readonly string[], text: string): ScanEvent[] {
  const sorted = [...new Set(markers)].sort((a, b) => b.length - a.length);
  const expression = new RegExp(sorted.map((m) => m.replaceAll(/[^\w]/g, String.raw`\$&`)).join("|"), "g");
  const events: ScanEvent[] = [];
  let at = 0;
  for (const match of text.matchAll(expression)) {
    if (match.index > at) events.push({ type: "text", text: text.slice(at, match.index) });
    at = match.index + match[0].length;
    events.push({ type: "match", pattern: markers.indexOf(match[0]), start: match.index, end: at, captures: {} });
  }
  if (at < text.length) events.push({ type: "text", text: text.slice(at) });
  return events;
}

const tagged = ["<Outline>", "</Outline>", "<Outlines>", "</Outlines>", "<Thread>", "</Thread>"];
const overlapping = ["aab", "aa", "aba", "abaab", "b", "aa"];
const wide = ["ß", "ßa", "😀", "a😀"];

/** Markers, their beginnings and ends, and what is none of them. */
function denseIn(markers: readonly string[], other: readonly string[]): fc.Arbitrary<string> {
  const parts = markers.flatMap((m) => [m, m.slice(0, -1), m.slice(1), m.slice(0, 1)]);
  return fc.array(fc.constantFrom(...parts, ...other), { maxLength: 14 }).map((list) => list.join(""));
}

const literalCases: [string, string[], fc.Arbitrary<string>][] = [
  ["tags", tagged, denseIn(tagged, ["<", ">", "x", "\n", "</", "é"])],
  ["overlapping and nested markers", overlapping, fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 24 })],
  ["markers outside ASCII", wide, denseIn(wide, ["a", "\u{1f601}", "x"])],
];

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

// Patterns without a text in them: the same thing said as regular expressions

const patternCases: [string, string[], RegExp[], fc.Arbitrary<string>][] = [
  [
    "numbered items",
    ["<Outline>~{id:dotted}~:", "</Outline>", "<Outline>"],
    [/<Outline>\s*(?<id>[0-9]+(?:\.[0-9]+)*)\s*:/y, /<\/Outline>/y, /<Outline>/y],
    denseIn(["<Outline>", "</Outline>", "12", "1.2", "3.", ": "], [" ", "\n", "\u00a0", ":", ".", "x"]),
  ],
  [
    "sub-searches",
    ["<Start {n:int} at> #{id:word}"],
    [/<Start (?<n>[0-9]+) at> #(?<id>[A-Za-z0-9_.,-]+)/y],
    denseIn(["<Start 12 at> #0,1", "<Start ", " at> #"], ["1", "a_b", "-", ";", "\n"]),
  ],
  [
    "patterns that begin with a capture",
    ["{n:int}. {w:word}!", "{w:word}={w};"],
    [/(?<n>[0-9]+)\. (?<w>[A-Za-z0-9_.,-]+)!/y, /(?<w>[A-Za-z0-9_.,-]+)=\k<w>;/y],
    denseIn(["12. ab!", "ab=ab;", "1=1;"], ["a", "1", ".", " ", "=", ";", "!"]),
  ],
  [
    "white space at the end",
    ["a~", "b~{n:int}"],
    [/a\s*/y, /b\s*(?<n>[0-9]+)/y],
    denseIn(["a  ", "b 1"], ["a", "b", " ", "\t", "c"]),
  ],
];

/** At each place all expressions are tried; the longest wins, of equal ones the first. */
function patternOracle(expressions: readonly RegExp[], text: string): ScanEvent[] {
  const events: ScanEvent[] = [];
  for (let at = 0; at < text.length;) {
    let best: ScanEvent | undefined;
    for (const [pattern, expression] of expressions.entries()) {
      expression.lastIndex = at;
      const match = expression.exec(text);
      const end = at + (match?.[0].length ?? 0);
      if (match !== null && (best?.type !== "match" || end > best.end)) {
        best = { type: "match", pattern, start: at, end, captures: { ...match.groups } };
      }
    }
    events.push(best ?? { type: "text", text: text.charAt(at) });
    at = best?.type === "match" ? best.end : at + 1;
  }
  return merged(events);
}

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

/** The events of the first `end` code units. */
function* parts(events: readonly ScanEvent[], end: number): Generator<ScanEvent> {
  let at = 0;
  for (const event of events) {
    if (at >= end) return;
    const length = event.type === "text" ? event.text.length : event.type === "match" ? event.end - event.start : 0;
    yield event.type === "text" ? { type: "text", text: event.text.slice(0, end - at) } : event;
    at += length;
  }
}

// Patterns with a text in them

const fork = "<F-{id:word}>{text}</F-{id}>";
const join = "<J-{id:word}>";

/** Reads tag by tag, as the authors of such a format would. */
function forkOracle(text: string): ScanEvent[] {
  const events: ScanEvent[] = [];
  let open: { id: string; start: number; end: number } | undefined;
  let at = 0;
  for (const tag of text.matchAll(/<(F|\/F|J)-([A-Za-z0-9_.,-]+)>/g)) {
    const [whole, kind, id = ""] = tag;
    const [start, end] = [tag.index, tag.index + whole.length];
    if (kind === "/F" && open?.id !== id) continue;
    if (start > at) events.push({ type: "text", text: text.slice(at, start) });
    at = end;
    if (kind === "J") {
      events.push({ type: "match", pattern: 1, start, end, captures: { id } });
    } else if (kind === "F") {
      if (open !== undefined) events.push({ type: "unclosed", pattern: 0, start: open.start });
      events.push({ type: "open", pattern: 0, start, end, captures: { id } });
      open = { id, start, end };
    } else if (open !== undefined) {
      const captures = { id, text: text.slice(open.end, start) };
      events.push({ type: "match", pattern: 0, start: open.start, end, captures });
      open = undefined;
    }
  }
  if (at < text.length) events.push({ type: "text", text: text.slice(at) });
  if (open !== undefined) events.push({ type: "unclosed", pattern: 0, start: open.start });
  return events;
}

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
