import type { JSX } from "preact";
import type { Facts } from "../trace/timeline/facts.ts";
import type { Axis } from "../trace/timeline/timeline.ts";
import { amountOn, ratio } from "../trace/timeline/words.ts";
import { visible } from "../visible.ts";
import type { Run } from "./data.ts";

interface Props {
  readonly runs: readonly Run[];
  readonly facts: readonly Facts[];
  readonly axis: Axis;
}

interface Bar {
  readonly kind: "took" | "sequential";
  readonly label: string;
  readonly amount: number;
  readonly text: string;
}

/** How long each run took, and how long its calls would have taken one after the other, as bars on one scale. */
export function Summary({ runs, facts, axis }: Props): JSX.Element {
  const bars = runs.flatMap(({ timeline }, run): Bar[] => {
    const took = timeline.end[axis];
    const name = runs.length === 1 ? "This run" : visible(timeline.about.name);
    const own = { kind: "took" as const, label: name, amount: took, text: amountOn(axis, took) };
    if (timeline.lanes.length === 1) return [own];
    const amount = facts[run]?.sequential[axis] ?? 0;
    const about = axis === "ms" ? "about " : "";
    const times = took === 0 ? "" : `, ${ratio(amount / took)} times as long`;
    const label = runs.length === 1 ? "Its calls one after the other" : `${name}, calls one after the other`;
    return [own, { kind: "sequential", label, amount, text: `${about}${amountOn(axis, amount)}${times}` }];
  });
  const longest = Math.max(1e-3, ...bars.map(({ amount }) => amount));
  return (
    <section aria-label="Summary" class="summary">
      {runs.length === 2 && <p class="headline">{headline(runs, axis)}</p>}
      <dl>
        {bars.map(({ kind, label, amount, text }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              <svg class="bar" width="100%" height="12" aria-hidden="true">
                <rect class={kind} width={`${(100 * amount) / longest}%`} height="12" />
              </svg>
              <span>{text}</span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** `a.jsonl took 1.20 s, b.jsonl 2.00 s: 1.67 times as long`. */
function headline(runs: readonly Run[], axis: Axis): string {
  const sorted = runs
    .map(({ timeline }) => ({ name: visible(timeline.about.name), took: timeline.end[axis] }))
    .toSorted((a, b) => a.took - b.took);
  const [quick, slow] = sorted;
  if (quick === undefined || slow === undefined || quick.took === 0) return "";
  const times = ratio(slow.took / quick.took);
  return `${quick.name} took ${amountOn(axis, quick.took)}, ${slow.name} ${amountOn(axis, slow.took)}: ${times} times as long.`;
}
