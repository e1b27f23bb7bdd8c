import { markersOf } from "../../core/dialects/markers.ts";
import type { AssembledText, Insertion } from "../assembly/written.ts";
import { excerpt, type Fault } from "../fault.ts";
import { layoutOf } from "../layout/layout.ts";
import { targetTag } from "../layout/tags.ts";

export type InsertionCode = "insertion";

/** What a format writes besides its tags: numbers of threads, and white space. */
const besidesTags = /^(?:\s|\d{1,3}:)*$/;

/**
 * Finds insertions that are not what they say: structure has tags, numbers of threads and white space only, and other
 * texts have no tags. So nothing of a source can hide in one, and nothing can be added to it.
 */
export function checkInsertions({ dialect: name, text, insertions }: AssembledText): Fault<InsertionCode>[] {
  const { dialect } = layoutOf({ name });
  const markers = markersOf(dialect);
  let from = 0;
  return insertions.flatMap((insertion, i) => {
    const { start, end, kind, instead } = insertion;
    const shown = text.slice(start, end);
    const isPlaced = start >= from && end >= start && end <= text.length;
    from = Math.max(from, end);
    const why = isPlaced ? wrong(kind, shown) : "is not after the one before it";
    if (why === undefined && (instead === "" || instead === "\n")) return [];
    const message = `Insertion ${i + 1} (${kind}) at ${start} ${why ?? "stands for text of the source"}: ${excerpt(shown)}.`;
    return [{ code: "insertion", item: i + 1, at: start, message }];
  });

  function wrong(kind: Insertion["kind"], shown: string): string | undefined {
    if (kind !== "structure") return targetTag(dialect, shown) === undefined ? undefined : "has a tag";
    const rest = markers.reduce((left, marker) => left.replaceAll(marker, "\n"), shown);
    return besidesTags.test(rest) ? undefined : "has more than tags and numbers of threads";
  }
}
