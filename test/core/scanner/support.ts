import fc from "fast-check";
import { TextScanner, type ScanEvent, type ScanProgram } from "../../../src/core/scanner/text-scanner.ts";

/** All events of a stream in those chunks, adjacent text made one. */
export function scan(program: ScanProgram, chunks: readonly string[]): ScanEvent[] {
  const scanner = new TextScanner(program);
  return merged([...chunks.flatMap((chunk) => scanner.push(chunk)), ...scanner.finish()]);
}

export function merged(events: readonly ScanEvent[]): ScanEvent[] {
  const out: ScanEvent[] = [];
  for (const event of events) {
    const last = out.at(-1);
    if (event.type === "text" && last?.type === "text") out[out.length - 1] = { ...last, text: last.text + event.text };
    else out.push(event);
  }
  return out;
}

/** The text whole, by characters, and cut at `cuts`. */
export function chunkings(text: string, cuts: readonly number[]): string[][] {
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  const random = [0, ...places].map((from, i) => text.slice(from, places[i] ?? text.length));
  return [[text], text.split(""), random];
}

export const cuts = fc.array(fc.nat(), { maxLength: 12 });

// Literal markers

/** Leftmost, then longest: an alternation with the longest first, and the first listed of equal ones. */
export function literalOracle(markers: readonly string[], text: string): ScanEvent[] {
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
export function denseIn(markers: readonly string[], other: readonly string[]): fc.Arbitrary<string> {
  const parts = markers.flatMap((m) => [m, m.slice(0, -1), m.slice(1), m.slice(0, 1)]);
  return fc.array(fc.constantFrom(...parts, ...other), { maxLength: 14 }).map((list) => list.join(""));
}

export const literalCases: [string, string[], fc.Arbitrary<string>][] = [
  ["tags", tagged, denseIn(tagged, ["<", ">", "x", "\n", "</", "é"])],
  ["overlapping and nested markers", overlapping, fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 24 })],
  ["markers outside ASCII", wide, denseIn(wide, ["a", "\u{1f601}", "x"])],
];

// Patterns without a text in them: the same thing said as regular expressions

export const patternCases: [string, string[], RegExp[], fc.Arbitrary<string>][] = [
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
export function patternOracle(expressions: readonly RegExp[], text: string): ScanEvent[] {
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

/** The events of the first `end` code units. */
export function* parts(events: readonly ScanEvent[], end: number): Generator<ScanEvent> {
  let at = 0;
  for (const event of events) {
    if (at >= end) return;
    const length = event.type === "text" ? event.text.length : event.type === "match" ? event.end - event.start : 0;
    yield event.type === "text" ? { type: "text", text: event.text.slice(0, end - at) } : event;
    at += length;
  }
}

// Patterns with a text in them

export const fork = "<F-{id:word}>{text}</F-{id}>";
export const join = "<J-{id:word}>";

/** Reads tag by tag, as the authors of such a format would. */
export function forkOracle(text: string): ScanEvent[] {
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
