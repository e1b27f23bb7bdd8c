import type { ReadingBlock, Span } from "../timeline/block.ts";
import type { Shown } from "../timeline/shown.ts";
import type { Timeline } from "../timeline/timeline.ts";

/** A block of text as the page has it: its lane, and who wrote what. */
export type PageBlock = readonly [lane: number, spans: readonly Span[]];

/** Where the blocks of a run's texts are. */
export interface TextIndex {
  /** By block: its lane, and its length in code units. */
  readonly lanes: readonly number[];
  readonly lengths: readonly number[];
  /** By chunk: its first block. */
  readonly chunks: readonly number[];
}

/** The ids of the page's data. */
export const timelineId = (run: number): string => `run-${run}`;
export const indexId = (run: number): string => `run-${run}-texts`;
export const chunkId = (run: number, chunk: number): string => `run-${run}-texts-${chunk}`;

/** A chunk has at least so many code units of text, unless it is the last one: the page reads one as a whole. */
const chunkLength = 200_000;

/** One piece of the page's data: JSON under an id. */
interface Datum {
  readonly id: string;
  readonly json: string;
}

/** The data of one run, in pieces that a page can read when it needs them. */
export function* dataOf({ timeline, reading }: Shown, run: number): Generator<Datum> {
  yield datum(timelineId(run), timeline satisfies Timeline);
  const index = { lanes: [] as number[], lengths: [] as number[], chunks: [] as number[] };
  let blocks: PageBlock[] = [];
  let length = 0;
  for (const block of reading()) {
    if (blocks.length === 0) index.chunks.push(index.lanes.length);
    const own = lengthOf(block);
    index.lanes.push(block.lane);
    index.lengths.push(own);
    blocks.push([block.lane, block.spans]);
    length += own;
    if (length < chunkLength) continue;
    yield datum(chunkId(run, index.chunks.length - 1), blocks);
    [blocks, length] = [[], 0];
  }
  if (blocks.length > 0) yield datum(chunkId(run, index.chunks.length - 1), blocks);
  yield datum(indexId(run), index satisfies TextIndex);
}

function lengthOf({ spans }: ReadingBlock): number {
  return spans.reduce((sum, [, text]) => sum + text.length, 0);
}

/** `<` is written so that no text can end the element that it stands in. */
function datum(id: string, value: unknown): Datum {
  return { id, json: JSON.stringify(value).replaceAll("<", String.raw`\u003c`) };
}
