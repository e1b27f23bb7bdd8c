import {
  columnsOf,
  segmentOf,
  sourcesOf,
  stretches,
  type Position,
  type Segment,
  type Stretch,
  type Trie,
} from "../../core/trie/trie.ts";
import { Block, type ReadingBlock, type Span, type Writer } from "./block.ts";
import type { ForkTexts, LaneText, Texts } from "./texts.ts";

/** The texts of a run in reading order: each thread where it was joined, or else after what its parent had written. */
export function* writtenIn(texts: Texts): Generator<ReadingBlock> {
  const { trie, lanes } = texts;
  const [main] = lanes;
  if (main?.head === undefined) return;
  const way = stretches(trie, main.head);
  const root = segmentOf(trie, 0);
  // A join may have put another beginning in the prompt's place.
  const prompt = way[0]?.segment === root ? [] : [["prompt", textOfRoot(root)] as const];
  yield* laneText(texts, 0, way, prompt);
}

/** @param lead what stands before the thread where it is joined. */
function* threadText(texts: Texts, lane: number, lead: readonly Span[]): Generator<ReadingBlock> {
  const { trie, lanes } = texts;
  const { body, head, from } = lanes[lane] ?? {};
  if (body === undefined || head === undefined) return;
  const context = lead.length > 0 ? lead : contextOf(trie, stretches(trie, body, from));
  yield* laneText(texts, lane, stretches(trie, head, body), context);
}

function* laneText(
  texts: Texts,
  lane: number,
  way: readonly Stretch[],
  lead: readonly Span[],
): Generator<ReadingBlock> {
  const own = texts.lanes[lane];
  if (own === undefined) return;
  const embedded = embeddedIn(texts, own, way);
  const apart = own.forks.filter(({ threads }) => !threads.some((thread) => embedded.lanes.has(thread)));
  const block = new Block(lane);
  for (const [by, text] of lead) yield* block.add(by, text);
  /** Headers that may turn out to be those of a thread. */
  let headers: Span[] = [];
  let until: Position | undefined;
  for (const stretch of way) {
    let { start } = stretch;
    const { segment, end } = stretch;
    if (until !== undefined) {
      if (segment.id !== until.segment) continue;
      start = until.n;
      until = undefined;
    }
    while ((apart[0]?.segment ?? Infinity) < segment.id) yield* forkTexts(texts, block, apart.shift());
    const thread = embedded.at.get(copiedFrom(segment));
    if (thread !== undefined) {
      yield* block.take();
      yield* threadText(texts, thread, headers);
      headers = [];
      continue;
    }
    for (const inside of embedded.within.get(segment.id) ?? []) {
      const { body, head } = texts.lanes[inside] ?? {};
      if (body === undefined || head === undefined || body.n < start || until !== undefined) continue;
      headers = yield* write(texts, block, { segment, start, end: body.n }, headers);
      yield* block.take();
      yield* threadText(texts, inside, headers);
      headers = [];
      if (head.segment === segment.id) start = head.n;
      else until = head;
    }
    if (until === undefined) headers = yield* write(texts, block, { segment, start, end }, headers);
  }
  for (const [by, text] of headers) yield* block.add(by, text);
  for (const fork of apart) yield* forkTexts(texts, block, fork);
  yield* block.last();
}

function* forkTexts(texts: Texts, block: Block, fork: ForkTexts | undefined): Generator<ReadingBlock> {
  yield* block.take();
  for (const thread of fork?.threads ?? []) yield* threadText(texts, thread, []);
}

/** @returns the headers that no text has followed yet. */
function* write(
  { trie, thinking }: Texts,
  block: Block,
  stretch: Stretch,
  headers: Span[],
): Generator<ReadingBlock, Span[]> {
  const { segment, start } = stretch;
  const { maker } = segment;
  const text = textOf(trie, stretch);
  const thought = maker.by === "model" && start === 0 ? thinking(maker.call) : "";
  if (text === "" && thought === "") return headers;
  if (maker.by === "runtime" && maker.why === "header") return [...headers, ["runtime", text]];
  for (const [by, header] of headers) yield* block.add(by, header);
  yield* block.add("thinking", thought);
  yield* block.add(writerOf(segment), text);
  return [];
}

interface Embedded {
  readonly lanes: ReadonlySet<number>;
  /** By where the copied text begins. */
  readonly at: ReadonlyMap<string | undefined, number>;
  /** Threads whose own path is this path, by the segment after which they begin. */
  readonly within: ReadonlyMap<number, readonly number[]>;
}

/** The threads of a lane whose texts are part of its own. */
function embeddedIn({ lanes }: Texts, { forks }: LaneText, way: readonly Stretch[]): Embedded {
  const copied = new Set(way.map(({ segment }) => copiedFrom(segment)));
  const ends = new Map(way.map(({ segment, end }) => [segment.id, end]));
  const isOnWay = ({ segment, n }: Position): boolean => n <= (ends.get(segment) ?? -1);
  const threads = forks.flatMap((fork) => fork.threads);
  const at = new Map<string, number>();
  const within: [segment: number, lane: number][] = [];
  for (const lane of threads) {
    const { body, head } = lanes[lane] ?? {};
    if (body === undefined || head === undefined) continue;
    if (copied.has(keyOf(body))) at.set(keyOf(body), lane);
    else if (isOnWay(body) && isOnWay(head)) within.push([body.segment, lane]);
  }
  const byN = within.toSorted(([, a], [, b]) => (lanes[a]?.body?.n ?? 0) - (lanes[b]?.body?.n ?? 0));
  const grouped = Map.groupBy(byN, ([segment]) => segment);
  return {
    lanes: new Set([...at.values(), ...within.map(([, lane]) => lane)]),
    at,
    within: new Map([...grouped].map(([segment, found]) => [segment, found.map(([, lane]) => lane)])),
  };
}

function copiedFrom({ maker }: Segment): string | undefined {
  return maker.by === "copy" ? keyOf(maker.of.from) : undefined;
}

function keyOf({ segment, n }: Position): string {
  return `${segment}:${n}`;
}

function writerOf({ id, maker }: Segment): Writer {
  if (maker.by === "prompt") return id === 0 ? "prompt" : "runtime";
  return maker.by === "runtime" ? "runtime" : "model";
}

/** What a thread sees besides its parent's text. */
function contextOf(trie: Trie, way: readonly Stretch[]): Span[] {
  const text = way.map((stretch) => textOf(trie, stretch)).join("");
  return text === "" ? [] : [["runtime", text]];
}

function textOf(trie: Trie, stretch: Stretch): string {
  if (stretch.segment.parent === null && stretch.start === 0) return textOfRoot(stretch.segment);
  return sourcesOf(trie, stretch)
    .map(({ segment, start, end }) => columnsOf(segment).text(start, end))
    .join("");
}

/** A chat as its messages, since what its template made of them is for the model. */
function textOfRoot(segment: Segment): string {
  const { chat, prefill = "" } = segment;
  if (chat === undefined) return columnsOf(segment).text(0, columnsOf(segment).length);
  return chat.map(({ role, content }) => `${role}: ${content}\n`).join("") + prefill;
}
