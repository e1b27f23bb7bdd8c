import { authorsAccelerationRatio, type BlockTags } from "../../core/measures/authors-ratio.ts";
import type { Dialect } from "../../core/dialects/schema.ts";
import type { RunEnding } from "../../core/machine/ending.ts";
import { deserializeTrie } from "../../core/trie/serialize.ts";
import { idsOf } from "../../core/trie/path.ts";
import { validateFormat } from "../../core/validation/validate.ts";
import type { Engine } from "../../engine/engine.ts";
import type { RunResult, RunTree } from "../../run/result.ts";
import type { Sample } from "../ledger/sample.ts";

/** What a run cost, and how it went. */
export type Measured = Pick<
  Sample,
  "ms" | "ending" | "truncated" | "early" | "tokens" | "threads" | "forks" | "threadMs" | "retries"
>;

export function measure(result: RunResult): Measured {
  const { ending, threads, tokens, wallMs, retries } = result;
  const early: Record<string, number> = {};
  for (const { threadId, ending: own } of result.incomplete) {
    if (threadId !== "0") early[inWords(own)] = (early[inWords(own)] ?? 0) + 1;
  }
  const { prompt, generated, inserted, wasted, sent, cached, criticalPath } = tokens;
  const inThreads = threads.reduce((sum, thread) => sum + thread.tokens, 0);
  return {
    ms: wallMs,
    ending: inWords(ending),
    truncated: ending.kind === "length",
    early,
    tokens: { prompt, generated, inserted, wasted, sent, cached: cached ?? null, criticalPath, inThreads },
    threads: threads.length,
    forks: new Set(threads.map(({ forkId }) => forkId)).size,
    threadMs: straggling(result),
    retries,
  };
}

/** An ending in a word or two. */
function inWords(ending: RunEnding): string {
  if (ending.kind === "cut") return `cut: ${ending.by}`;
  return "limit" in ending ? `${ending.kind}: ${ending.limit}` : ending.kind;
}

/** How long threads worked, how long each then waited for the slowest of its fork, and how long main waited for those. */
function straggling({ threads }: RunResult): Sample["threadMs"] {
  const forks = Map.groupBy(threads, ({ forkId }) => forkId);
  let [worked, waited, main] = [0, 0, 0];
  for (const siblings of forks.values()) {
    const slowest = Math.max(...siblings.map(({ ms }) => ms));
    for (const { ms } of siblings) {
      worked += ms;
      waited += slowest - ms;
    }
    if (siblings[0]?.depth === 1) main += slowest;
  }
  return { worked, waited, main };
}

/** Whether a text keeps to its format. */
export function isWellFormed(dialect: Dialect, { text }: RunResult): boolean {
  return validateFormat(dialect, text).length === 0;
}

/** The tags of ThreadWeaver's blocks as tokens. Undefined where a tag is several tokens, or the engine has no ids. */
export async function authorsTags({ tier = "ids", tokenizer }: Engine): Promise<BlockTags | undefined> {
  if (tier !== "ids") return undefined;
  const tags = ["<Parallel>", "</Parallel>", "<Thread>", "</Thread>"];
  const encoded = await Promise.all(tags.map(async (tag) => tokenizer.encode(tag, { controls: "parse" })));
  const [parallelOpen, parallelClose, threadOpen, threadClose] = encoded.map((ids) =>
    ids.length === 1 ? ids[0] : undefined,
  );
  if (parallelOpen === undefined || parallelClose === undefined) return undefined;
  if (threadOpen === undefined || threadClose === undefined) return undefined;
  return { parallelOpen, parallelClose, threadOpen, threadClose };
}

/** The authors' acceleration ratio of what follows the prompt. Null where not all ids are known. */
export function authorsAcceleration({ head, ...tree }: RunTree, promptTokens: number, tags: BlockTags): number | null {
  const path = idsOf(deserializeTrie(tree), head);
  if ("missing" in path) return null;
  return authorsAccelerationRatio(path.ids.slice(promptTokens), tags).accelerationRatio;
}
