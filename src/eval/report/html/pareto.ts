import type { Bounded } from "../../statistics/interval.ts";
import type { ArmSummary } from "../../summary/summary.ts";
import { amount, percent } from "../numbers.ts";
import { axes, figure, size } from "./figure.ts";
import { markup, type Markup } from "./markup.ts";
import { linearScale, type Scale } from "./scale.ts";
import { colorOf } from "./style.ts";

interface Dot {
  readonly name: string;
  readonly color: string;
  readonly accuracy: Bounded;
  readonly latency: Bounded;
}

/** Accuracy against latency: up and to the left is better. */
export function paretoFigure(arms: readonly ArmSummary[], of: "criticalPath" | "milliseconds"): Markup[] {
  const dots = arms.flatMap(({ name, accuracy, [of]: latency }, i): Dot[] =>
    accuracy === undefined || latency === undefined ? [] : [{ name, color: colorOf(i), accuracy, latency }],
  );
  if (dots.length === 0) return [];
  const unit = of === "criticalPath" ? "tokens on the critical path" : "milliseconds";
  const [lowest, highest] = extent(dots.map(({ accuracy }) => accuracy));
  const y = linearScale(lowest, highest, size.bottom, size.top);
  const [, widest] = extent(dots.map(({ latency }) => latency));
  const longest = Math.max(...dots.map(({ latency }) => latency.value));
  // The interval of two problems is so wide that the dots would be one.
  const x = linearScale(0, Math.min(widest, 3 * longest), size.left, size.right);
  const labels = labelPlaces(dots.map(({ accuracy }) => y.at(accuracy.value)));
  const front = frontOf(dots).map(({ accuracy, latency }) => `${x.at(latency.value)},${y.at(accuracy.value)}`);
  return [
    figure(
      `Accuracy against ${unit}, with 95 % intervals. Up and to the left is better. No arm is better in both than those on the dashed line.`,
      [
        ...axes({ x, y, xName: unit, yName: "accuracy", yText: percent }),
        markup`<polyline class="front" points="${front.join(" ")}" />`,
        ...dots.map((dot) => crossOf(dot, x, y, unit)),
        ...dots.map((dot, i) => labelOf(dot, x.at(dot.latency.value), labels[i] ?? 0)),
      ],
    ),
  ];
}

function crossOf({ name, color, accuracy, latency }: Dot, x: Scale, y: Scale, unit: string): Markup {
  const [left, top] = [x.at(latency.value), y.at(accuracy.value)];
  const [from, to] = extent([latency]);
  const [low, high] = extent([accuracy]);
  const title = `${name}: ${percent(accuracy.value)}, ${amount(latency.value)} ${unit}`;
  return markup`<g class="${color}"><line x1="${x.at(from)}" x2="${x.at(to)}" y1="${top}" y2="${top}"/>
<line x1="${left}" x2="${left}" y1="${y.at(low)}" y2="${y.at(high)}"/>
<circle cx="${left}" cy="${top}" r="5"><title>${title}</title></circle></g>
`;
}

function labelOf({ name }: Dot, left: number, y: number): Markup {
  const [anchor, beside] = left > (size.left + size.right) / 2 ? (["end", -9] as const) : (["start", 9] as const);
  return markup`<text x="${left + beside}" y="${y}" text-anchor="${anchor}">${name}</text>\n`;
}

/** From the lowest to the highest end of some intervals. */
function extent(numbers: readonly Bounded[]): [number, number] {
  const ends = numbers.flatMap(({ value, interval }) => [value, interval?.low ?? value, interval?.high ?? value]);
  return [Math.min(...ends), Math.max(...ends)];
}

/** Those that no other one beats in accuracy and in latency, the quickest first. */
function frontOf(dots: readonly Dot[]): Dot[] {
  const front: Dot[] = [];
  const ordered = dots.toSorted((a, b) => a.latency.value - b.latency.value || b.accuracy.value - a.accuracy.value);
  for (const dot of ordered) if (dot.accuracy.value > (front.at(-1)?.accuracy.value ?? -1)) front.push(dot);
  return front;
}

/** Heights of labels, so that none stands on another one. */
function labelPlaces(wanted: readonly number[]): number[] {
  const places = wanted.map(() => 0);
  let last = -Infinity;
  for (const i of wanted.map((_, i) => i).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0))) {
    last = Math.max((wanted[i] ?? 0) - 8, last + 14);
    places[i] = last;
  }
  return places;
}
