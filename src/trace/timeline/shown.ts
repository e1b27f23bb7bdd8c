import type { ReadingBlock } from "./block.ts";
import type { Timeline } from "./timeline.ts";

/** A run that can be shown. */
export interface Shown {
  readonly timeline: Timeline;
  /** Its texts in reading order, and who wrote them. */
  readonly reading: () => Iterable<ReadingBlock>;
}
