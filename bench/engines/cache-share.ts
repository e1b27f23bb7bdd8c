import { deserializeTrie } from "../../src/core/trie/serialize.ts";
import { idsOf } from "../../src/core/trie/path.ts";
import { columnsOf, type Trie } from "../../src/core/trie/trie.ts";
import type { ResultWithTree } from "../../src/run/result.ts";

/**
 * How much of what an engine could have served from its cache it did serve: cached prompt tokens over the whole blocks
 * that a call shares with what earlier calls of the run had evaluated. The last token of a prompt is always evaluated.
 */
export function cacheShare({ tree, tokens }: ResultWithTree, block: number): { cached: number; shareable: number } {
  const trie = deserializeTrie(tree);
  const evaluated: number[][] = [];
  let shareable = 0;
  for (const segment of trie.segments) {
    if (segment.maker.by !== "model" || segment.parent === null) continue;
    const prompt = contextIds(trie, segment.parent);
    const shared = Math.max(0, ...evaluated.map((ids) => commonLength(ids, prompt)));
    shareable += Math.floor(Math.min(shared, prompt.length - 1) / block) * block;
    // The last generated token was never evaluated.
    const columns = columnsOf(segment);
    evaluated.push([...prompt, ...columns.idRange(0, columns.length).slice(0, -1)]);
  }
  return { cached: tokens.cached ?? 0, shareable };
}

function contextIds(trie: Trie, at: Parameters<typeof idsOf>[1]): number[] {
  const got = idsOf(trie, at);
  return "ids" in got ? got.ids : [];
}

function commonLength(a: readonly number[], b: readonly number[]): number {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n += 1;
  return n;
}
