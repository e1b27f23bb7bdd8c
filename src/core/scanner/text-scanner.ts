import { FAIL, PARTIAL, matchAt } from "./match.ts";
import { bounds, compilePattern, isOf, literalPattern, type Pattern, type Step } from "./pattern.ts";

/**
 * What a scanner finds, in stream order. Offsets count UTF-16 code units from the beginning of the stream. The `text`
 * events and the matched and opened stretches together are the stream again, each character once.
 */
export type ScanEvent =
  | { type: "text"; text: string }
  /**
   * A whole pattern. If it has a `{text}`, the match reaches from head to tail, and `captures.text` is what lies
   * between.
   */
  | { type: "match"; pattern: number; start: number; end: number; captures: Record<string, string> }
  /** The head of a pattern with `{text}`. Its text follows as `text` events, then comes the `match` or `unclosed`. */
  | { type: "open"; pattern: number; start: number; end: number; captures: Record<string, string> }
  /** A head whose tail never came: another head replaced it, the text grew too long, or the stream ended. */
  | { type: "unclosed"; pattern: number; start: number };

/** Steps that are tried at every place where their first character occurs. */
export interface ScanEntry {
  pattern: number;
  part: "whole" | "head" | "tail";
  steps: readonly Step[];
  atStart: boolean;
}

interface Open {
  start: number;
  /** Where its text begins. */
  end: number;
  captures: Record<string, string>;
  parts: string[];
}

/** Compiled patterns, ready to scan with. Any number of scanners can share one program. */
export interface ScanProgram {
  readonly patterns: readonly Pattern[];
  readonly byFirst: ReadonlyMap<number, readonly ScanEntry[]>;
  /**
   * The character with which every pattern begins, if it is the same for all. The native search then is the fastest
   * loop.
   */
  readonly only: string | undefined;
  /** 1 for each ASCII character with which some pattern begins. */
  readonly ascii: Uint8Array;
  readonly holes: readonly number[];
}

export function scanProgram(patterns: readonly (string | Pattern)[]): ScanProgram {
  const compiled = patterns.map((p) => (typeof p === "string" ? compilePattern(p) : p));
  const byFirst = new Map<number, ScanEntry[]>();
  const holes: number[] = [];
  const add = (entry: ScanEntry) => {
    for (const code of firstCodes(entry.steps)) byFirst.set(code, [...(byFirst.get(code) ?? []), entry]);
  };
  for (const [pattern, { head, tail, atStart = false }] of compiled.entries()) {
    add({ pattern, part: tail === undefined ? "whole" : "head", steps: head, atStart });
    if (tail === undefined) continue;
    holes.push(pattern);
    add({ pattern, part: "tail", steps: tail, atStart: false });
  }
  const codes = [...byFirst.keys()];
  const ascii = new Uint8Array(128);
  for (const code of codes) if (code < 128) ascii[code] = 1;
  const only = codes.length === 1 ? String.fromCharCode(codes[0] ?? 0) : undefined;
  return { patterns: compiled, byFirst, only, ascii, holes };
}

export function literalProgram(markers: readonly string[]): ScanProgram {
  return scanProgram(markers.map(literalPattern));
}

function firstCodes(steps: readonly Step[]): number[] {
  const first = steps[0];
  if (first?.kind === "literal") return [first.text.charCodeAt(0)];
  if (first?.kind !== "capture") return [];
  return Array.from({ length: 128 }, (_, code) => code).filter((code) => isOf(first.type, code));
}

/**
 * A push parser: text goes in as chunks and events come out. However the text is chunked, the events are the same. The
 * leftmost match wins, then the longest, then the pattern listed first. The scanner holds back only the longest suffix
 * that can still become a match or a longer one. So what it keeps is bounded by the patterns, not by the stream.
 */
export class TextScanner {
  readonly #program: ScanProgram;
  readonly #open = new Map<number, Open>();
  #held = "";
  /** Where in the stream the text being scanned begins. */
  #base = 0;
  /** The end of the part of the stream that is decided. */
  #offset = 0;
  #events: ScanEvent[] = [];

  constructor(program: ScanProgram) {
    this.#program = program;
  }

  /** Code units that are held back now. */
  get held(): number {
    return this.#held.length;
  }

  push(chunk: string): ScanEvent[] {
    return this.#scan(this.#held === "" ? chunk : this.#held + chunk, false);
  }

  /** Ends the stream: decides what was held back, and reports the heads that are still open. */
  finish(): ScanEvent[] {
    const events = this.#scan(this.#held, true);
    for (const [pattern, { start }] of this.#open) events.push({ type: "unclosed", pattern, start });
    this.#open.clear();
    return events;
  }

  #scan(text: string, final: boolean): ScanEvent[] {
    this.#base = this.#offset;
    let from = 0;
    let at = this.#candidate(text, 0);
    while (at >= 0) {
      const found = this.#tryAt(text, at, final);
      if (found === PARTIAL) break;
      if (found === FAIL) {
        at = this.#candidate(text, at + 1);
      } else {
        this.#release(text.slice(from, at));
        this.#report(found, text.slice(at, found.end));
        from = found.end;
        at = this.#candidate(text, from);
      }
    }
    const end = at < 0 ? text.length : at;
    this.#release(from === 0 && end === text.length ? text : text.slice(from, end));
    this.#held = at < 0 ? "" : text.slice(end);
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** The next place where a pattern could begin, or -1. */
  #candidate(text: string, from: number): number {
    const { only, ascii, byFirst } = this.#program;
    if (only !== undefined) return text.indexOf(only, from);
    for (let at = from; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code < 128 ? ascii[code] === 1 : byFirst.has(code)) return at;
    }
    return -1;
  }

  #tryAt(text: string, at: number, final: boolean): Found | typeof FAIL | typeof PARTIAL {
    let best: Found | typeof FAIL = FAIL;
    for (const entry of this.#program.byFirst.get(text.charCodeAt(at)) ?? []) {
      if (entry.atStart && this.#base + at > 0) continue;
      const captures = entry.part === "tail" ? this.#tailCaptures(entry, at) : {};
      if (captures === undefined) continue;
      const end = matchAt(entry.steps, text, at, captures, final);
      if (end === PARTIAL) return PARTIAL;
      if (end !== FAIL && (best === FAIL || end > best.end)) best = { entry, captures, end };
    }
    return best;
  }

  /** A tail counts only after an open head of its pattern, and not too far after it. */
  #tailCaptures(entry: ScanEntry, at: number): Record<string, string> | undefined {
    const open = this.#open.get(entry.pattern);
    if (open === undefined || this.#base + at - open.end > bounds.text) return undefined;
    return { ...open.captures };
  }

  #report({ entry: { pattern, part }, captures }: Found, matched: string): void {
    const start = this.#offset;
    const end = start + matched.length;
    const open = this.#open.get(pattern);
    if (part === "whole") {
      this.#events.push({ type: "match", pattern, start, end, captures });
    } else if (part === "head") {
      // Only a head that begins with a literal replaces an open one: in `1. about 3. things` the text looks like a
      // head.
      if (open !== undefined && this.#program.patterns[pattern]?.head[0]?.kind !== "literal") {
        this.#release(matched);
        return;
      }
      if (open !== undefined) this.#events.push({ type: "unclosed", pattern, start: open.start });
      this.#open.set(pattern, { start, end, captures: { ...captures }, parts: [] });
      this.#events.push({ type: "open", pattern, start, end, captures });
    } else if (open !== undefined) {
      this.#open.delete(pattern);
      this.#events.push({
        type: "match",
        pattern,
        start: open.start,
        end,
        captures: { ...captures, text: open.parts.join("") },
      });
    }
    this.#advance(matched, pattern);
  }

  #release(text: string): void {
    let rest = text;
    // A head whose text grows too long is given up at the same place, whatever the chunks were.
    for (let room = this.#room(); rest.length > room; room = this.#room()) {
      this.#emitText(rest.slice(0, room));
      rest = rest.slice(room);
      this.#giveUp();
    }
    this.#emitText(rest);
  }

  #emitText(text: string): void {
    if (text === "") return;
    this.#events.push({ type: "text", text });
    this.#advance(text, -1);
  }

  /** How much more text may come before an open head has to be given up. */
  #room(): number {
    let room = Infinity;
    for (const { end } of this.#open.values()) room = Math.min(room, Math.max(0, end + bounds.text - this.#offset));
    return room;
  }

  #giveUp(): void {
    for (const [pattern, { start, end }] of this.#open) {
      if (this.#offset - end < bounds.text) continue;
      this.#open.delete(pattern);
      this.#events.push({ type: "unclosed", pattern, start });
    }
  }

  /** Moves on. The passed text also belongs to every open head, except the one that was just opened or closed. */
  #advance(text: string, own: number): void {
    this.#offset += text.length;
    for (const [pattern, open] of this.#open) if (pattern !== own) open.parts.push(text);
  }
}

interface Found {
  entry: ScanEntry;
  captures: Record<string, string>;
  /** An offset in the text that was tried. */
  end: number;
}
