import { columnsOf, pieceCount, sourcesOf, type Segment, type Trie } from "../../core/trie/trie.ts";
import { treeOf, type Placed } from "../flat/tree.ts";
import { requireRatio } from "../ratio.ts";
import type { RowOptions } from "../rows/row.ts";
import { samplingRow } from "../rows/sampling.ts";
import type { Trajectory } from "../trajectory.ts";
import { trainingUnits, type TrainingUnit } from "../units.ts";
import { Runs, type Run } from "./nodes.ts";
import { returnedThreads } from "./returns.ts";
import type { VerifiersCall, VerifiersLink, VerifiersNode, VerifiersTrace } from "./schema.ts";

/**
 * A trajectory as a trace of the package verifiers: nodes with the tokens that each adds, every sampled token in one
 * node, and typed parents for forks and joins. Each way from a root to a leaf is a sample of its trainer, prime-rl.
 *
 * @throws `invalid_option` where token ids are missing, or what a ratio needs.
 */
export function verifiersTrace(trajectory: Trajectory, options: RowOptions): VerifiersTrace {
  const { trie, tokens } = trajectory;
  const units = trainingUnits(trajectory);
  if (options.ratio ?? true) requireRatio(units);
  const { root, placed } = treeOf(trajectory, "trie");
  const runs = new Runs(root, placed);
  const links = linksOf(trie, placed, runs);
  const unitOf = new Map<number, Sampled>();
  for (const [i, { branch, start, end }] of placed.entries()) {
    const unit = units[i];
    if (unit !== undefined) for (const run of runs.between(branch, start, end)) unitOf.set(run, { unit, start });
  }
  const nodes = runs.all.map((run, i) => nodeOf(trie, run, unitOf.get(i), links.get(i) ?? [], options.advantage));
  const { rolloutId, groupId = rolloutId, reward } = options;
  return {
    version: 1,
    id: rolloutId,
    task: { type: "threadweaver", data: { id: groupId } },
    agent: { config: { harness: { id: "threadweaver" } } },
    nodes,
    calls: placed.map(({ branch, end }, i) => callOf(units[i], runs.endingAt(branch, end) ?? 0)),
    rewards: reward === undefined ? {} : { reward: { score: reward, weight: 1 } },
    metrics: { path_tokens: tokens.criticalPath, total_tokens: tokens.generated },
    info: { source: trajectory.source, sampling_by: trajectory.samplingBy },
    is_completed: placed.every(({ part }) => trajectory.finishOf(part.segment) !== undefined),
  };
}

interface Sampled {
  readonly unit: TrainingUnit;
  /** Where the unit begins in its branch. */
  readonly start: number;
}

function nodeOf(
  trie: Trie,
  { branch, start, end, parent }: Run,
  sampled: Sampled | undefined,
  links: readonly VerifiersLink[],
  advantage: number | undefined,
): VerifiersNode {
  const ids = [...branch.ids.subarray(start, end)];
  const { segment } = branch;
  const isPrompt = segment === undefined || segment.maker.by === "prompt";
  const isSampled = sampled !== undefined;
  return {
    parent,
    semantic_parents: links,
    message: {
      role: isPrompt ? "user" : "assistant",
      content: segment === undefined ? "" : textOfTokens(trie, segment, start, end),
    },
    sampled: isSampled,
    timestamp: 0,
    token_ids: ids,
    mask: ids.map(() => isSampled),
    logprobs: sampled?.unit.logprobs?.slice(start - sampled.start, end - sampled.start) ?? [],
    advantages: isSampled && advantage !== undefined ? ids.map(() => advantage) : null,
  };
}

/** The text of some tokens of a segment. They begin and end with pieces, since nothing parts inside one. */
function textOfTokens(trie: Trie, segment: Segment, start: number, end: number): string {
  let text = "";
  let at = 0;
  for (const source of sourcesOf(trie, { segment, start: 0, end: pieceCount(trie, segment) })) {
    const columns = columnsOf(source.segment);
    for (let n = source.start; n < source.end && at < end; n += 1) {
      if (at >= start) text += columns.text(n, n + 1);
      at += columns.idRange(n, n + 1).length;
    }
  }
  return text;
}

function callOf(unit: TrainingUnit | undefined, node: number): VerifiersCall {
  const finish = unit?.finishReason;
  return {
    node,
    sampling: unit === undefined ? null : samplingRow(unit),
    finish_reason: finish === "stop" || finish === "length" ? finish : null,
  };
}

/** What forked a thread, and which threads came back before a call: by the first node that the call sampled. */
function linksOf(trie: Trie, placed: readonly Placed[], runs: Runs): Map<number, VerifiersLink[]> {
  const links = new Map<number, VerifiersLink[]>();
  const known = new Map<string, Thread>();
  const lastNode = (threadId: string): number | null => {
    const last = known.get(threadId)?.last;
    return last === undefined ? null : runs.endingAt(last.branch, last.end);
  };
  for (const one of placed) {
    const { part, branch, start, end } = one;
    const { threadId } = part;
    const parentId = threadId.slice(0, threadId.lastIndexOf("/"));
    const own: { node: number | null; type: VerifiersLink["type"] }[] = [];
    const { last, out } = threadOf(known, threadId);
    if (last === undefined && parentId !== "") {
      own.push({ node: lastNode(parentId), type: "subagent_call" });
      threadOf(known, parentId).out.push(threadId);
    }
    const returned = last?.part.call === part.call ? [] : returnedThreads(trie, part, last?.part.segment, out);
    for (const thread of returned) own.push({ node: lastNode(thread), type: "subagent_return" });
    const [first] = runs.between(branch, start, end);
    if (first !== undefined) links.set(first, own.filter(hasNode));
    known.set(threadId, { last: one, out: out.filter((thread) => !returned.includes(thread)) });
  }
  return links;
}

interface Thread {
  /** The last that it sampled. */
  readonly last: Placed | undefined;
  /** The threads that it has started and that have not come back. */
  readonly out: string[];
}

function threadOf(known: Map<string, Thread>, threadId: string): Thread {
  const thread = known.get(threadId) ?? { last: undefined, out: [] };
  known.set(threadId, thread);
  return thread;
}

/** A fork that the program planned before main wrote anything has no call that caused it. */
function hasNode(link: { node: number | null }): link is VerifiersLink {
  return link.node !== null;
}
