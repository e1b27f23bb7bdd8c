import type { PairSummary } from "../../summary/pair-summary.ts";
import { ratio } from "../numbers.ts";
import { axes, figure, size } from "./figure.ts";
import { markup, type Markup } from "./markup.ts";
import { ratioScale } from "./scale.ts";
import { colorOf } from "./style.ts";

/** More dots than this stand on each other: every nth is drawn, and the caption says so. */
const mostDots = 2000;

/** The speed-up of every problem, in order. */
export function speedUpFigure({ candidate, criticalPath }: PairSummary, series: number): Markup[] {
  const sorted = (criticalPath.all?.byProblem ?? []).toSorted((a, b) => a.ratio - b.ratio);
  if (sorted.length === 0) return [];
  const stride = Math.ceil(sorted.length / mostDots);
  const dots = sorted.filter((_, i) => i % stride === 0);
  const y = ratioScale(
    dots.map((dot) => dot.ratio),
    size.bottom,
    size.top,
  );
  const width = size.right - size.left;
  const marks = dots.map(({ problem, ratio: value }, i) => {
    const x = (size.left + (width * (i + 0.5)) / dots.length).toFixed(1);
    const title = `${problem}: ${ratio(value)}`;
    return markup`<circle class="${colorOf(series)}" cx="${x}" cy="${y.at(value)}" r="3"><title>${title}</title></circle>
`;
  });
  const one = markup`<line class="axis" x1="${size.left}" x2="${size.right}" y1="${y.at(1)}" y2="${y.at(1)}" />`;
  const some = stride === 1 ? "" : ` One problem of ${stride} is drawn.`;
  return [
    figure(
      `Speed-up of ${candidate} in critical-path tokens, problem by problem, from the slowest to the fastest. Above 1 is faster.${some}`,
      [...axes({ y, xName: `${sorted.length} problems`, yName: "speed-up", yText: factor }), one, ...marks],
    ),
  ];
}

function factor(value: number): string {
  return value >= 1 ? `${value}×` : `1/${1 / value}×`;
}
