import type { JSX } from "preact";
import type { Axis } from "../trace/timeline/timeline.ts";

const meanings: readonly (readonly [kind: string, meaning: string, onlyTimed?: true])[] = [
  ["path", "writes, and is waited for: the critical path"],
  ["write", "writes meanwhile"],
  ["queue", "waits for a slot", true],
  ["prefill", "waits for its first token", true],
  ["cached", "share of its prompt that was cached", true],
  ["idle", "waits for its threads"],
  ["after", "is over, waits for its siblings"],
  ["retry", "broke off, tried again", true],
  ["cut", "cut"],
];

/** What the shapes mean. */
export function Legend({ axis }: { readonly axis: Axis }): JSX.Element {
  const shown = meanings.filter(([, , onlyTimed]) => axis === "ms" || onlyTimed !== true);
  return (
    <ul class="legend" aria-label="What the bars mean">
      {shown.map(([kind, meaning]) => (
        <li key={kind}>
          <svg width="18" height="14" aria-hidden="true">
            <rect
              class={kind}
              {...(kind === "retry" || kind === "cut" ? { x: 8, width: 2 } : { x: 0, width: 18 })}
              {...heights(kind)}
            />
          </svg>
          {meaning}
        </li>
      ))}
    </ul>
  );
}

function heights(kind: string): { y: number; height: number } {
  if (kind === "path" || kind === "retry" || kind === "cut") return { y: 0, height: 14 };
  if (kind === "idle" || kind === "after") return { y: 6, height: 2 };
  return kind === "cached" ? { y: 7, height: 4 } : { y: 3, height: 8 };
}
