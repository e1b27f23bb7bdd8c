import type { ArmSummary } from "../../summary/summary.ts";
import { amount } from "../numbers.ts";
import { figure, size } from "./figure.ts";
import { markup, type Markup } from "./markup.ts";
import { linearScale } from "./scale.ts";
import { colorOf } from "./style.ts";

/** Bars of several parts, one for each arm that has them. */
interface Stacked {
  readonly caption: string;
  /** Of each part, what a tooltip says after the number. */
  readonly unit: string;
  readonly parts: readonly string[];
  /** Undefined for an arm that nothing is known of. */
  readonly widthsOf: (arm: ArmSummary) => readonly number[] | undefined;
}

const row = 30;

/** Where the tokens of a sample go, arm by arm, and where its time goes. */
export function stackedFigures(arms: readonly ArmSummary[]): Markup[] {
  return [tokens, time].flatMap((what) => stackedFigure(arms, what));
}

const tokens: Stacked = {
  caption: "Where the tokens of a sample go, in the mean. Only those on the critical path are waited for.",
  unit: "tokens",
  parts: ["on the critical path", "off the critical path", "wasted"],
  widthsOf: ({ tokens: used }) =>
    used === undefined ? undefined : [used.criticalPath, used.generated - used.criticalPath, used.wasted],
};

const time: Stacked = {
  caption: "Where the time of a sample goes, in the mean: main alone, or while it waits for threads or attempts.",
  unit: "ms",
  parts: ["main", "threads or attempts"],
  widthsOf: ({ wallClock, waiting }) =>
    wallClock === undefined || waiting === undefined ? undefined : [wallClock.mean - waiting, waiting],
};

function stackedFigure(arms: readonly ArmSummary[], { caption, unit, parts, widthsOf }: Stacked): Markup[] {
  const bars = arms.flatMap((arm) => {
    const widths = widthsOf(arm);
    return widths === undefined ? [] : [{ name: arm.name, widths }];
  });
  if (bars.length === 0) return [];
  const longest = Math.max(...bars.map(({ widths }) => sum(widths)));
  const x = linearScale(0, longest, size.left, size.right);
  const bottom = 24 + bars.length * 2 * row;
  const drawn = bars.map(({ name, widths }, i) => {
    const top = 24 + i * 2 * row;
    const pieces = widths.map((width, part) => {
      const [from, to] = [x.at(sum(widths.slice(0, part))), x.at(sum(widths.slice(0, part + 1)))];
      const title = `${name}: ${amount(width)} ${unit} ${parts[part] ?? ""}`;
      return markup`<rect class="${colorOf(part)}" x="${from}" y="${top + 18}" width="${(to - from).toFixed(1)}" height="${row - 8}"><title>${title}</title></rect>
`;
    });
    return markup`<text x="${size.left}" y="${top + 12}">${name}</text>${pieces}`;
  });
  const legend = parts.map((name, part) => {
    const left = size.left + part * 150;
    return markup`<rect class="${colorOf(part)}" x="${left}" y="2" width="10" height="10"/>
<text class="soft" x="${left + 15}" y="12">${name}</text>
`;
  });
  const ticks = x.ticks.map(
    (tick) => markup`<line class="grid" x1="${x.at(tick)}" x2="${x.at(tick)}" y1="24" y2="${bottom}"/>
<text class="soft" x="${x.at(tick)}" y="${bottom + 18}" text-anchor="middle">${tick}</text>
`,
  );
  return [figure(caption, [...ticks, ...legend, ...drawn], bottom + 26)];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
