import { PatternError, compilePattern, isSpace, type CaptureType, type Pattern } from "../scanner/pattern.ts";
import { TextScanner, literalProgram } from "../scanner/text-scanner.ts";

/** A place where a text does not follow its format. `at` counts UTF-16 code units of the text. */
export interface FormatProblem {
  at: number;
  message: string;
}

export interface Tag {
  readonly marker: string;
  readonly start: number;
  readonly end: number;
}

export function readTags(markers: readonly string[], text: string): Tag[] {
  if (markers.length === 0) return [];
  const scanner = new TextScanner(literalProgram(markers));
  return [...scanner.push(text), ...scanner.finish()].flatMap((event) =>
    event.type === "match" ? [{ marker: markers[event.pattern] ?? "", start: event.start, end: event.end }] : [],
  );
}

/** Maps each closing tag to the tag that it closes: `</x>` and `<End x>` close `<x>`. */
export function pairsOf(markers: readonly string[]): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  for (const marker of markers) {
    const name = ["</", "<End "].find((begin) => marker.startsWith(begin));
    const open = `<${marker.slice(name?.length ?? 0)}`;
    if (name !== undefined && markers.includes(open)) pairs.set(marker, open);
  }
  return pairs;
}

/** The open tags of one sequence, innermost last. */
export class OpenTags {
  readonly #pairs: ReadonlyMap<string, string>;
  readonly #opening: ReadonlySet<string>;
  readonly #problems: FormatProblem[];
  readonly #outer: OpenTags | undefined;
  readonly #open: Tag[] = [];
  readonly #count = new Map<string, number>();

  /** `outer`: the open tags of the sequence that contains this one. */
  constructor(pairs: ReadonlyMap<string, string>, problems: FormatProblem[], outer?: OpenTags) {
    this.#pairs = pairs;
    this.#opening = new Set(pairs.values());
    this.#problems = problems;
    this.#outer = outer;
  }

  get innermost(): string | undefined {
    return this.#open.at(-1)?.marker;
  }

  /** Where the first tag that is still open begins. */
  get firstOpen(): number | undefined {
    return this.#open[0]?.start;
  }

  /** Whether `marker` closes a tag that is open here. */
  closes(marker: string): boolean {
    return (this.#count.get(this.#pairs.get(marker) ?? "") ?? 0) > 0;
  }

  /** Whether `marker` closes a tag that is open around this sequence. */
  closesOutside(marker: string): boolean {
    return this.#outer !== undefined && (this.#outer.closes(marker) || this.#outer.closesOutside(marker));
  }

  take(tag: Tag): void {
    if (this.#opening.has(tag.marker)) {
      this.#open.push(tag);
      this.#add(tag.marker, 1);
      return;
    }
    const opening = this.#pairs.get(tag.marker);
    if (opening === undefined) return;
    if (!this.closes(tag.marker)) {
      this.#problems.push({ at: tag.start, message: `${tag.marker} closes nothing` });
      return;
    }
    for (let top = this.#pop(); top !== undefined && top.marker !== opening; top = this.#pop()) {
      this.#problems.push({ at: top.start, message: `${top.marker} is still open at ${tag.marker}` });
    }
  }

  /** Ends the sequence: reports the tags that are still open. */
  finish(): void {
    for (const { marker, start } of this.#open) {
      this.#problems.push({ at: start, message: `${marker} is never closed` });
    }
  }

  #pop(): Tag | undefined {
    const tag = this.#open.pop();
    if (tag !== undefined) this.#add(tag.marker, -1);
    return tag;
  }

  #add(marker: string, n: number): void {
    this.#count.set(marker, (this.#count.get(marker) ?? 0) + n);
  }
}

export function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

/** Where `wanted` ends if it is at `from`, else -1. White space in it matches any white space, or none. */
export function matchLoosely(wanted: string, text: string, from: number): number {
  let at = from;
  for (let i = 0; i < wanted.length; i += 1) {
    if (isSpace(wanted.charCodeAt(i))) {
      at = skipSpace(text, at);
    } else {
      if (text.charCodeAt(at) !== wanted.charCodeAt(i)) return -1;
      at += 1;
    }
  }
  return at;
}

export type CaptureTypes = ReadonlyMap<string, CaptureType>;

/** The types of the captures in these patterns. */
export function typesOf(...sources: string[]): CaptureTypes {
  const types = new Map<string, CaptureType>([["index", "int"]]);
  for (const { head, tail } of sources.map(compilePattern)) {
    for (const step of [...head, ...(tail ?? [])]) if (step.kind === "capture") types.set(step.name, step.type);
  }
  return types;
}

/**
 * Turns a template into a pattern that matches its results, up to the first placeholder that can stand for any text.
 * Undefined if no valid pattern comes of it.
 */
export function patternOf(template: string, types: CaptureTypes): Pattern | undefined {
  const seen = new Set<string>();
  let source = "";
  for (const [part = "", name] of template.trim().matchAll(/\{([a-z]+)\}|\s+|[^\s{]+|\{/g)) {
    if (name === undefined) {
      source += part.trim() === "" ? "~" : part.replaceAll(/[\\~{]/g, String.raw`\$&`);
      continue;
    }
    const type = types.get(name);
    if (type === undefined) break;
    source += seen.has(name) ? `{${name}}` : `{${name}:${type}}`;
    seen.add(name);
  }
  try {
    return compilePattern(source);
  } catch (error) {
    if (error instanceof PatternError) return undefined;
    throw error;
  }
}

/** The beginning of a text, quoted for a message. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 30 ? `${text.slice(0, 29)}…` : text);
}
