import { allThreadStops, markersOf, threadStops } from "../dialects/markers.ts";
import type { Dialect } from "../dialects/schema.ts";
import { FAIL, matchAt } from "../scanner/match.ts";
import type { Pattern } from "../scanner/pattern.ts";
import { readPlan, type Plan } from "../machine/plan.ts";
import { fill } from "../dialects/template.ts";
import {
  OpenTags,
  matchLoosely,
  pairsOf,
  patternOf,
  quote,
  readTags,
  skipSpace,
  typesOf,
  type FormatProblem,
  type Tag,
} from "./tags.ts";

type Join = Extract<Dialect["join"], { shape: "append" }>;
type Header = Extract<Dialect["context"], { kind: "prefix" }>["header"];
type Item = Plan["items"][number]["captures"];

/** What an `append` dialect demands of a text. */
interface Format {
  readonly dialect: Dialect;
  readonly join: Join;
  readonly header: Header;
  readonly patterns: { readonly first: Pattern | undefined; readonly rest: Pattern | undefined };
  /** The marker that threads follow. */
  readonly trigger: string | undefined;
  readonly opener: string | undefined;
  readonly pairs: ReadonlyMap<string, string>;
  readonly stops: ReadonlySet<string>;
  /** The tags that a thread's stop marker closes. */
  readonly threadTags: ReadonlySet<string>;
  /** The tag that the model puts around plan and threads. It is the one that `endTail` closes and no header opens. */
  readonly block: string | undefined;
}

interface Reader {
  readonly format: Format;
  readonly text: string;
  readonly tags: readonly Tag[];
  readonly problems: FormatProblem[];
  /** The index of the next tag. */
  next: number;
  /** Up to where the text has been read. */
  at: number;
  thinkingEnded: boolean;
}

/**
 * Checks plans and their threads: they are in order, and each has a header, a body and an end. Then the text after the
 * join.
 */
export function validateThreads(
  dialect: Dialect,
  join: Join,
  header: Header,
  text: string,
  problems: FormatProblem[],
): void {
  const format = formatOf(dialect, join, header);
  const tags = readTags(markersOf(dialect), text);
  const reader: Reader = { format, text, tags, problems, next: 0, at: 0, thinkingEnded: false };
  readSequence(reader, 0);
}

function formatOf(dialect: Dialect, join: Join, header: Header): Format {
  const { trigger, plan } = dialect;
  const markers = markersOf(dialect);
  const stops = allThreadStops(dialect);
  const pairs = pairsOf(markers);
  const types = plan.source === "outline" ? typesOf(plan.item) : typesOf("{id:int}");
  const markersIn = (text: string) => readTags(markers, text).map(({ marker }) => marker);
  const byRuntime = markersIn(header.first + join.endTail);
  const block = markersIn(join.endTail)
    .flatMap((marker) => pairs.get(marker) ?? [])
    .find((open) => !byRuntime.includes(open));
  return {
    dialect,
    join,
    header,
    patterns: { first: patternOf(header.first, types), rest: patternOf(header.rest, types) },
    trigger: trigger.kind === "marker" ? trigger.marker : trigger.kind === "endOfText" ? trigger.lastLine : undefined,
    opener: plan.source === "outline" && plan.after !== "" ? plan.after : undefined,
    pairs,
    stops: new Set(stops),
    threadTags: new Set(stops.flatMap((stop) => pairs.get(stop) ?? [])),
    block,
  };
}

function report({ problems }: Reader, at: number, message: string): void {
  problems.push({ at, message });
}

/** Reads a sequence up to its end. A thread ends at a stop marker, or at a tag that cannot be inside it. */
function readSequence(reader: Reader, depth: number, outer?: OpenTags): Tag | undefined {
  const { format, problems, tags } = reader;
  const open = new OpenTags(format.pairs, problems, outer);
  let plan: { opener: Tag | undefined; from: number } = { opener: undefined, from: reader.at };
  let inPhase = false;
  let tag = tags[reader.next];
  for (; tag !== undefined; tag = tags[reader.next]) {
    const { marker } = tag;
    if (depth > 0 && endsThread(format, marker, open)) break;
    checkSpaceInBlock(reader, open, tag.start);
    checkPlace(reader, tag, open);
    takeTag(reader, tag, open);
    if (marker === format.opener) plan = { opener: tag, from: tag.end };
    if (inPhase && format.dialect.after.kind === "phase") {
      inPhase = !format.dialect.after.stop.includes(marker);
    } else if (marker === format.trigger) {
      inPhase = readFork(reader, tag, plan, depth, open);
      plan = { opener: undefined, from: reader.at };
    }
  }
  open.finish();
  return tag;
}

function endsThread({ stops, threadTags }: Format, marker: string, open: OpenTags): boolean {
  if (stops.has(marker) || threadTags.has(marker)) return true;
  return !open.closes(marker) && open.closesOutside(marker);
}

function takeTag(reader: Reader, tag: Tag, open: OpenTags): void {
  const { thinkingEnd } = reader.format.dialect;
  reader.next += 1;
  reader.at = tag.end;
  open.take(tag);
  if (tag.marker !== thinkingEnd) return;
  if (reader.thinkingEnded) report(reader, tag.start, `${tag.marker} appears a second time`);
  reader.thinkingEnded = true;
}

/** Directly inside a block only tags are allowed. */
function checkSpaceInBlock(reader: Reader, open: OpenTags, upTo: number): void {
  const { format, text } = reader;
  const at = skipSpace(text, reader.at);
  if (format.block === undefined || open.innermost !== format.block || at >= upTo) return;
  report(reader, at, `text directly in ${format.block}: ${quote(text.slice(at, upTo))}`);
}

/** Reports tags of threads outside of threads, and tags of plan items outside of plans. */
function checkPlace(reader: Reader, { marker, start }: Tag, open: OpenTags): void {
  const { dialect, opener, pairs, threadTags } = reader.format;
  if (threadTags.has(marker)) report(reader, start, `${marker} outside the threads of a plan`);
  const item = dialect.plan.source === "outline" ? dialect.plan.tags?.[0] : undefined;
  if (marker === item && opener !== undefined && [...pairs.values()].includes(opener) && open.innermost !== opener) {
    report(reader, start, `${marker} outside ${opener}`);
  }
}

/** Reads the threads after a plan. Returns whether a phase follows them. */
function readFork(
  reader: Reader,
  trigger: Tag,
  plan: { opener: Tag | undefined; from: number },
  depth: number,
  open: OpenTags,
): boolean {
  const { dialect, block, join } = reader.format;
  const { maxDepth } = dialect.thread;
  const start = plan.opener?.start ?? trigger.start;
  if (depth >= maxDepth) {
    const message = maxDepth === 1 ? "threads of this format do not fork" : `forks are ${maxDepth} levels deep at most`;
    report(reader, start, message);
    return false;
  }
  if (block !== undefined && open.innermost !== block) report(reader, start, `a plan outside ${block}`);
  const found = readThreads(reader, readItems(reader, trigger, plan, start), depth, open);
  if (!found) return false;
  const { text } = reader;
  const at = skipSpace(text, reader.at);
  if (matchLoosely(join.tail.trimStart(), text, at) >= 0) return dialect.after.kind === "phase";
  const end = matchLoosely(join.endTail.trimStart(), text, at);
  if (end < 0 || skipSpace(text, end) < text.length)
    report(reader, reader.at, `the threads must be followed by ${quote(join.tail)}`);
  return false;
}

/** The items of the plan, or undefined if its beginning is missing in the text. */
function readItems(
  { format: { dialect, opener, pairs }, text, problems }: Reader,
  trigger: Tag,
  plan: { opener: Tag | undefined; from: number },
  start: number,
): readonly Item[] | undefined {
  const lost = opener !== undefined && plan.opener === undefined;
  if (lost && pairs.get(trigger.marker) === opener) return undefined; // already reported as a tag that closes nothing
  const { items, problems: found } = readPlan(dialect.plan, lost ? undefined : text.slice(plan.from, trigger.start));
  for (const { message } of found) problems.push({ at: start, message });
  if (lost) return undefined;
  if (items.length === 0) problems.push({ at: start, message: "a plan without a readable item" });
  return items.map(({ captures }) => captures);
}

/** Reads all threads that follow. Returns whether there were any. */
function readThreads(reader: Reader, items: readonly Item[] | undefined, depth: number, open: OpenTags): boolean {
  const { dialect } = reader.format;
  const due = new Set(items?.map((item) => item["id"] ?? ""));
  const seen = new Set<string>();
  let n = 0;
  for (
    let header = readHeader(reader, items?.[0], 0);
    header !== undefined;
    header = readHeader(reader, items?.[n], n)
  ) {
    const wanted = items?.[n]?.["id"];
    const name = header.id ?? wanted;
    const called = name === undefined ? "a thread" : `thread ${name}`;
    if (name !== undefined && seen.has(name)) {
      report(reader, header.start, `${called} appears a second time`);
    } else if (items !== undefined && (name === undefined || !due.has(name))) {
      report(reader, header.start, `${called} is not in the plan`);
    } else if (wanted !== undefined && name !== wanted) {
      report(reader, header.start, `${called} appears where thread ${wanted} is expected`);
    }
    if (name !== undefined) seen.add(name);
    n += 1;
    // In a plan of fixed size the id is the place. Beyond the plan there may be no marker.
    const stops = threadStops(dialect, name ?? `${n}`).filter((stop) => reader.format.stops.has(stop));
    readBody(reader, header, called, stops, depth, open);
  }
  const missing = [...due].filter((id) => !seen.has(id));
  if (missing.length > 0) {
    const what = missing.length === 1 ? `thread ${missing[0]} is` : `threads ${missing.join(", ")} are`;
    report(reader, reader.at, `${what} missing`);
  }
  return n > 0;
}

interface Head {
  /** The id in the header; undefined if it has none or is broken. */
  readonly id: string | undefined;
  readonly start: number;
  readonly end: number;
}

/** The header of the next thread, if there is one. It may be that of another thread than `item`. */
function readHeader(reader: Reader, item: Item | undefined, n: number): Head | undefined {
  const { text, tags, format } = reader;
  const start = skipSpace(text, reader.at);
  const which = n === 0 ? "first" : "rest";
  const template = format.header[which];
  const wanted = item === undefined ? undefined : fill(template, item).trim();
  const end = wanted === undefined ? -1 : matchLoosely(wanted, text, start);
  if (end >= 0) return { id: item?.["id"], start, end };
  const captures: Record<string, string> = {};
  const pattern = format.patterns[which];
  const other = pattern === undefined ? FAIL : matchAt(pattern.head, text, start, captures, true);
  // In a plan of fixed size the place is the id.
  const place = format.dialect.plan.source === "fixed" ? captures["index"] : undefined;
  if (other >= 0) return { id: captures["id"] ?? place, start, end: other };

  const tag = tags[reader.next];
  if (tag === undefined) return undefined;
  if (format.threadTags.has(tag.marker) && tag.start > start) {
    report(reader, start, `text before a thread: ${quote(text.slice(start, tag.start))}`);
    reader.at = tag.start;
    return readHeader(reader, item, n);
  }
  const broken = format.threadTags.has(tag.marker) || (item !== undefined && format.stops.has(tag.marker));
  if (!broken) return undefined;
  report(reader, start, `a thread must begin with ${quote(wanted ?? template.trim())}`);
  return { id: item?.["id"], start, end: format.threadTags.has(tag.marker) ? tag.end : start };
}

function readBody(
  reader: Reader,
  header: Head,
  called: string,
  stops: readonly string[],
  depth: number,
  open: OpenTags,
): void {
  const { format, tags, text } = reader;
  for (let tag = tags[reader.next]; tag !== undefined && tag.start < header.end; tag = tags[reader.next]) {
    open.take(tag);
    reader.next += 1;
  }
  reader.at = header.end;
  const stop = readSequence(reader, depth + 1, open);
  const end = stop?.start ?? text.length;
  if (skipSpace(text, header.end) >= end) report(reader, header.start, `${called} is empty`);
  reader.at = end;
  const [close] = stops;
  if (stop !== undefined && stops.includes(stop.marker)) {
    if (open.closes(stop.marker)) open.take(stop); // else its header was broken, which has been reported
    reader.next += 1;
    reader.at = stop.end;
    return;
  }
  if (close !== undefined) {
    report(reader, end, `${called} is not closed by ${close}`);
    open.take({ marker: close, start: end, end });
  }
  // Another thread's end ends it all the same, or all that follows would be reported too.
  if (stop === undefined || !format.stops.has(stop.marker)) return;
  reader.next += 1;
  reader.at = stop.end;
}
