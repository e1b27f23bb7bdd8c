import { chunkId, indexId, timelineId, type PageBlock, type TextIndex } from "../trace/page/data.ts";
import type { Timeline } from "../trace/timeline/timeline.ts";

/** What the page has of one run. */
export interface Run {
  readonly timeline: Timeline;
  readonly texts: TextStore;
}

/** As many chunks of text are kept as can be on the screen, and some more. */
const kept = 4;

/** The texts of a run: a chunk is read when one of its blocks is wanted. */
export class TextStore {
  readonly index: TextIndex;
  readonly #run: number;
  readonly #chunks = new Map<number, readonly PageBlock[]>();

  constructor(run: number) {
    this.#run = run;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this package wrote the page
    this.index = (read(indexId(run)) as TextIndex | undefined) ?? { lanes: [], lengths: [], chunks: [] };
  }

  block(n: number): PageBlock {
    const chunk = this.index.chunks.findLastIndex((first) => first <= n);
    const blocks = this.#chunks.get(chunk) ?? this.#read(chunk);
    // The one that was asked for last is the last to go.
    this.#chunks.delete(chunk);
    this.#chunks.set(chunk, blocks);
    for (const old of this.#chunks.keys()) if (this.#chunks.size > kept) this.#chunks.delete(old);
    return blocks[n - (this.index.chunks[chunk] ?? 0)] ?? [0, []];
  }

  #read(chunk: number): readonly PageBlock[] {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this package wrote the page
    return (read(chunkId(this.#run, chunk)) as readonly PageBlock[] | undefined) ?? [];
  }
}

export function readRuns(): Run[] {
  const runs: Run[] = [];
  for (let found = read(timelineId(0)); found !== undefined; found = read(timelineId(runs.length))) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this package wrote the page
    runs.push({ timeline: found as Timeline, texts: new TextStore(runs.length) });
  }
  return runs;
}

function read(id: string): unknown {
  const text = document.getElementById(id)?.textContent;
  return text == null ? undefined : JSON.parse(text);
}
