import { markersOf } from "../../core/dialects/markers.ts";
import type { Dialect } from "../../core/dialects/schema.ts";
import { layouts } from "./layout.ts";

interface FoundTag {
  readonly marker: string;
  readonly at: number;
}

/** The first tag of the format in a text, if there is one. */
export function targetTag(dialect: Dialect, text: string): FoundTag | undefined {
  return firstOf(markersOf(dialect), text);
}

/** The first tag of another format in which trajectories are written. */
export function foreignTag(dialect: Dialect, text: string): FoundTag | undefined {
  const own = markersOf(dialect);
  const others = layouts.flatMap((layout) => layout.dialect.markers).filter((marker) => !own.includes(marker));
  return firstOf(others, text);
}

function firstOf(markers: readonly string[], text: string): FoundTag | undefined {
  let first: FoundTag | undefined;
  for (const marker of markers) {
    const at = text.indexOf(marker);
    if (at >= 0 && (first === undefined || at < first.at)) first = { marker, at };
  }
  return first;
}
