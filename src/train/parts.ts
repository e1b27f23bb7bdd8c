import { idsOf } from "../core/trie/path.ts";
import { columnsOf, type Origin, type Segment } from "../core/trie/trie.ts";
import { ThreadweaverError } from "../errors.ts";
import type { Trajectory } from "./trajectory.ts";

/**
 * What one call sampled without a change of the weights or of the odds: nearly always all of it. `start` and `end` count
 * pieces of its segment.
 */
export interface Part {
  readonly segment: Segment;
  /** Counts the parts of its call from 0. */
  readonly number: number;
  readonly call: number;
  readonly threadId: string;
  readonly start: number;
  readonly end: number;
  /** How it was sampled; undefined for a finished text. */
  readonly origin: Origin | undefined;
}

/**
 * All that was sampled, each token once, in the order in which the calls began. Waste is left out, and so is what the
 * runtime wrote.
 *
 * @throws `invalid_option` where the engine returned no token ids.
 */
export function sampledParts({ trie }: Trajectory): Part[] {
  return trie.segments.flatMap((segment) => {
    const { maker, sampled, origins } = segment;
    if (maker.by !== "model") return [];
    const columns = columnsOf(segment);
    const total = sampled ?? columns.length;
    if (total === 0) return [];
    const { call, threadId } = maker;
    if (columns.withoutIds > 0) throw withoutIds(`call ${call} of thread ${threadId} sampled text`);
    const parts: Part[] = [];
    for (const origin of origins.length === 0 ? [undefined] : origins) {
      const start = origin?.from ?? 0;
      const last = parts.at(-1);
      if (start >= total) break;
      if (last !== undefined && isSame(last.origin, origin)) continue;
      if (last !== undefined) parts[parts.length - 1] = { ...last, end: start };
      parts.push({ segment, number: parts.length, call, threadId, start, end: total, origin });
    }
    return parts;
  });
}

/** An attempt that went on after one that broke off, on the same weights and with the same odds, is one part with it. */
function isSame(a: Origin | undefined, b: Origin | undefined): boolean {
  return a?.weightVersion === b?.weightVersion && JSON.stringify(a?.sampling) === JSON.stringify(b?.sampling);
}

/** The ids that were sent before the first token of a call. */
export function contextOf({ trie }: Trajectory, { segment, call, threadId }: Part): readonly number[] {
  // Where the text was encoded again, what was sent is not what stands in the trie.
  const sent = segment.origins[0]?.promptIds;
  if (sent !== undefined) return sent;
  if (segment.parent === null) return [];
  const context = idsOf(trie, segment.parent);
  if ("ids" in context) return context.ids;
  const [missing] = context.missing;
  const text = missing === undefined ? "" : columnsOf(missing).text(0, 1).slice(0, 40);
  throw withoutIds(`the context of call ${call} of thread ${threadId} has text (${JSON.stringify(text)})`);
}

function withoutIds(what: string): ThreadweaverError {
  const message = `${what} without token ids, so it cannot be trained on. Run on an engine that takes and returns ids.`;
  return new ThreadweaverError("invalid_option", message);
}
