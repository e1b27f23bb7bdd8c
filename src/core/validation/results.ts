import { markersOf } from "../dialects/markers.ts";
import type { Dialect } from "../dialects/schema.ts";
import { literalPattern, type Pattern } from "../scanner/pattern.ts";
import { TextScanner, scanProgram, type ScanEvent, type ScanProgram } from "../scanner/text-scanner.ts";
import { OpenTags, pairsOf, patternOf, quote, readTags, skipSpace, typesOf, type FormatProblem } from "./tags.ts";

type Join<K> = Extract<Dialect["join"], { shape: K }>;

function scan(program: ScanProgram, text: string): ScanEvent[] {
  const scanner = new TextScanner(program);
  return [...scanner.push(text), ...scanner.finish()];
}

/**
 * Checks a text whose plans were replaced by results: each result is there once and well formed, and no plan is left.
 */
export function validateReplaced(
  dialect: Dialect,
  join: Join<"replaceBlock">,
  text: string,
  problems: FormatProblem[],
): void {
  const markers = markersOf(dialect);
  const open = new OpenTags(pairsOf(markers), problems);
  for (const tag of readTags(markers, text)) {
    open.take(tag);
    if (tag.marker === join.from)
      problems.push({ at: tag.start, message: `a plan that was never joined: ${tag.marker}` });
  }
  open.finish();
  checkBlocks(dialect, join, text, problems);
}

type Kind = "open" | "close" | "some" | "none";

function checkBlocks({ plan }: Dialect, join: Join<"replaceBlock">, text: string, problems: FormatProblem[]): void {
  const types = plan.source === "outline" ? typesOf(plan.item) : typesOf("{id:int}");
  const [begin, end] = [join.open.trim(), join.close.trim()];
  const some = patternOf(join.each.some, types);
  const none = patternOf(join.each.none, types);
  if (begin === "" || end === "" || some === undefined || none === undefined) return; // nothing to search for
  const kinds: Kind[] = ["open", "close", "some", "none"];
  const program = scanProgram([literalPattern(begin), literalPattern(end), some, none]);
  let block: { seen: Set<string>; last: Kind; at: number } | undefined;
  for (const event of scan(program, text)) {
    if (event.type !== "match") continue;
    const kind = kinds[event.pattern] ?? "none";
    if (block !== undefined) {
      const from = skipSpace(text, block.at);
      if (block.last === "some" && from >= event.start) {
        problems.push({ at: event.start, message: "a result without a text" });
      } else if (block.last !== "some" && from < event.start) {
        problems.push({ at: from, message: `text between results: ${quote(text.slice(from, event.start))}` });
      }
      block.last = kind;
      block.at = event.end;
    }
    if (kind === "open") {
      block = { seen: new Set(), last: kind, at: event.end };
    } else if (kind === "close") {
      if (block?.seen.size === 0) problems.push({ at: event.start, message: `no result in ${begin}` });
      block = undefined;
    } else if (block === undefined) {
      problems.push({ at: event.start, message: `a result outside ${begin}` });
    } else {
      const id = event.captures["id"] ?? "";
      if (block.seen.has(id)) problems.push({ at: event.start, message: `a second result for ${id}` });
      block.seen.add(id);
    }
  }
}

/** Checks a text with inline forks: each is closed and has an id of its own, and its joins are filled. */
export function validateFilled(
  dialect: Dialect,
  join: Join<"fill">,
  trigger: Extract<Dialect["trigger"], { kind: "inline" }>,
  text: string,
  problems: FormatProblem[],
): void {
  const returned = checkForks(join, trigger, text, problems);
  const markers = markersOf(dialect);
  const open = new OpenTags(pairsOf(markers), problems);
  for (const tag of outside(returned, readTags(markers, text))) open.take(tag);
  open.finish();
}

/** Those that do not begin inside one of the stretches. Both lists must be in the order of the text. */
function outside<T extends Stretch>(stretches: readonly Stretch[], all: readonly T[]): T[] {
  let n = 0;
  return all.filter(({ start }) => {
    while ((stretches[n]?.end ?? Infinity) <= start) n += 1;
    return start < (stretches[n]?.start ?? Infinity);
  });
}

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Checks forks and joins. Returns the stretches that are results of threads, since tags in these are only text. */
function checkForks(
  { each }: Join<"fill">,
  { spawn, wait }: Extract<Dialect["trigger"], { kind: "inline" }>,
  text: string,
  problems: FormatProblem[],
): Stretch[] {
  const program = scanProgram(wait === undefined ? [spawn] : [spawn, wait]);
  const closing = patternOf(each.some.split("{return}").at(-1) ?? "", typesOf(spawn, wait ?? spawn));
  const closings = closing === undefined ? undefined : new Closings(text, closing);
  const hasText = program.holes.length > 0;
  const forked = new Set<string>();
  const returned: Stretch[] = [];
  /** Where the open fork begins, unless it is inside a result. */
  let open: number | undefined;
  const say = (at: number, message: string) => problems.push({ at, message });
  for (const event of scan(program, text)) {
    if (event.type === "text") continue;
    const { start } = event;
    const isReturned = start < (returned.at(-1)?.end ?? 0);
    const isFork = event.pattern === 0;
    if (event.type === "open") {
      open = isReturned ? undefined : start;
    } else if (isFork && hasText ? open !== start : isReturned) {
      continue;
    } else if (event.type === "unclosed") {
      say(start, "a fork that is never closed");
    } else if (isFork) {
      const id = event.captures["id"] ?? "";
      if (forked.has(id)) say(start, `${id} is forked for a second time`);
      forked.add(id);
      open = undefined;
    } else {
      const id = event.captures["id"] ?? "";
      if (open !== undefined) say(open, `a fork that is still open at the join of ${id}`);
      open = undefined;
      if (!forked.has(id)) say(start, `a join of ${id}, which was never forked`);
      const close = closings?.after(id, event.end);
      if (close !== undefined) returned.push({ start: event.end, end: close.end });
      else if (closings !== undefined) say(start, `the join of ${id} is never filled`);
    }
  }
  for (const { start, end } of outside(returned, closings?.all ?? [])) {
    say(start, `${text.slice(start, end)} closes nothing`);
  }
  return returned;
}

/** The places in a text at which results end. */
class Closings {
  readonly all: readonly Closing[];
  /** By id, in reverse order, so that the first one is taken from the end. */
  readonly #byId = new Map<string, Closing[]>();

  constructor(text: string, pattern: Pattern) {
    this.all = scan(scanProgram([pattern]), text).flatMap((event) =>
      event.type === "match" ? [{ id: event.captures["id"] ?? "", start: event.start, end: event.end }] : [],
    );
    for (const closing of this.all.toReversed()) {
      const stack = this.#byId.get(closing.id);
      if (stack === undefined) this.#byId.set(closing.id, [closing]);
      else stack.push(closing);
    }
  }

  /** The first one for `id` after a place. Places must be asked for in order. */
  after(id: string, from: number): Closing | undefined {
    const stack = this.#byId.get(id) ?? [];
    while ((stack.at(-1)?.start ?? from) < from) stack.pop();
    return stack.at(-1);
  }
}

interface Closing extends Stretch {
  readonly id: string;
}
