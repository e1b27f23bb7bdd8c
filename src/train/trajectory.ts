import type { FinishReason } from "../core/machine/ending.ts";
import type { Segment, Trie } from "../core/trie/trie.ts";

/**
 * A run that is over, or got so far, as training sees it: what was prompted, sampled and inserted, by whom, and how much
 * of it had to be waited for.
 */
export interface Trajectory {
  readonly trie: Trie;
  /** Where it comes from. A `text` was written by a model that is not known, so its odds are not known either. */
  readonly source: "result" | "trace" | "text";
  /** Who decided how tokens were drawn; see the result of a run. `unknown`: a finished text does not say. */
  readonly samplingBy: "run" | "server" | "unknown";
  /** Generated tokens, each counted once, and those on the longest chain of them. */
  readonly tokens: { readonly generated: number; readonly criticalPath: number };
  /** Why the call that wrote this segment ended; undefined while it runs. */
  readonly finishOf: (segment: Segment) => FinishReason | undefined;
}
