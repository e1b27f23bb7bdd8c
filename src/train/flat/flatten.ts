import { ThreadweaverError } from "../../errors.ts";
import type { Trajectory } from "../trajectory.ts";
import type { Branch } from "./branch.ts";
import { slicesOf } from "./order.ts";
import { treeOf, type Layout, type Placed } from "./tree.ts";

/**
 * A trajectory as one sequence of tokens in depth-first order, in which shared contexts stand once. A token sees those
 * before it whose `lastDescendant` is not before it: key k is visible to query q where k <= q <= lastDescendant[k].
 */
export interface FlatTrie {
  readonly ids: Int32Array;
  /** How many tokens stand before each in its own context. */
  readonly positions: Int32Array;
  /** The index of the token before each in its own context; -1 for the first. */
  readonly parent: Int32Array;
  /** The index of the last token in whose context each stands. */
  readonly lastDescendant: Int32Array;
  /**
   * What is trained: the output at index `source` predicts the id `target`. A source where threads part has several
   * targets, so labels for each index cannot say this.
   */
  readonly pairs: { readonly source: Int32Array; readonly target: Int32Array; readonly weight: Float64Array };
}

export interface FlattenOptions {
  /** @defaultValue `trie` */
  readonly layout?: Layout | undefined;
  /** Of each token that a call sampled: its advantage, say. @defaultValue 1 */
  readonly weightOf?: ((call: number, threadId: string) => number) | undefined;
}

/**
 * Flattens a trajectory. Loss and gradients of its pairs equal the sum over the rows of its calls. There is never a
 * dense mask: of 40,960 tokens it would have 6.7 GB.
 *
 * @throws `invalid_option` where token ids are missing, or a call was sent no token at all.
 */
export function flatten(
  trajectory: Trajectory,
  { layout = "trie", weightOf = () => 1 }: FlattenOptions = {},
): FlatTrie {
  const { root, placed } = treeOf(trajectory, layout);
  const slices = slicesOf(root);
  const count = slices.reduce((sum, { start, end }) => sum + end - start, 0);
  const ids = new Int32Array(count);
  const positions = new Int32Array(count);
  const parent = new Int32Array(count);
  const index = new FlatIndex();
  let at = 0;
  for (const { branch, start, end } of slices) {
    ids.set(branch.ids.subarray(start, end), at);
    index.add(branch, start, at);
    const before = index.before(branch, start);
    const depth = before < 0 ? 0 : (positions[before] ?? 0) + 1;
    for (let i = 0; i < end - start; i += 1) {
      positions[at + i] = depth + i;
      parent[at + i] = i === 0 ? before : at + i - 1;
    }
    at += end - start;
  }
  return { ids, positions, parent, lastDescendant: lastDescendants(parent), pairs: pairsOf(placed, index, weightOf) };
}

/** Where the tokens of each branch are in the flat sequence. */
class FlatIndex {
  readonly #slices = new Map<Branch, { start: number; at: number }[]>();

  add(branch: Branch, start: number, at: number): void {
    const known = this.#slices.get(branch);
    if (known === undefined) this.#slices.set(branch, [{ start, at }]);
    else known.push({ start, at });
  }

  /** The index of the token before this one of a branch; -1 where there is none. */
  before(branch: Branch, offset: number): number {
    if (offset === 0) return branch.parent === undefined ? -1 : this.before(branch.parent, branch.at);
    const slice = this.#slices.get(branch)?.findLast(({ start }) => start < offset);
    if (slice === undefined) throw new RangeError("a branch was not laid");
    return slice.at + offset - 1 - slice.start;
  }
}

function lastDescendants(parent: Int32Array): Int32Array {
  const last = Int32Array.from(parent, (_, i) => i);
  for (let i = parent.length - 1; i >= 0; i -= 1) {
    const above = parent[i] ?? -1;
    if (above >= 0) last[above] = Math.max(last[above] ?? 0, last[i] ?? 0);
  }
  return last;
}

function pairsOf(
  placed: readonly Placed[],
  index: FlatIndex,
  weightOf: NonNullable<FlattenOptions["weightOf"]>,
): FlatTrie["pairs"] {
  const count = placed.reduce((sum, { start, end }) => sum + end - start, 0);
  const pairs = { source: new Int32Array(count), target: new Int32Array(count), weight: new Float64Array(count) };
  let at = 0;
  for (const { part, branch, start, end } of placed) {
    const weight = weightOf(part.call, part.threadId);
    for (let offset = start; offset < end; offset += 1, at += 1) {
      const source = index.before(branch, offset);
      if (source < 0) throw withoutContext(part.call, part.threadId);
      pairs.source[at] = source;
      pairs.target[at] = branch.ids[offset] ?? 0;
      pairs.weight[at] = weight;
    }
  }
  return pairs;
}

function withoutContext(call: number, threadId: string): ThreadweaverError {
  const message = `call ${call} of thread ${threadId} was sent no token, so nothing predicts its first one: begin prompts with a token.`;
  return new ThreadweaverError("invalid_option", message);
}
