import { markup, type Markup } from "./markup.ts";
import type { Scale } from "./scale.ts";

/** Every plot is as large as this, and keeps these margins, in pixels. */
export const size = { width: 520, height: 320, left: 64, right: 488, top: 16, bottom: 270 } as const;

export function figure(caption: string, drawn: readonly Markup[], height: number = size.height): Markup {
  return markup`<figure><svg viewBox="0 0 ${size.width} ${height}" width="${size.width}" height="${height}" role="img" aria-label="${caption}">
${drawn}
</svg><figcaption>${caption}</figcaption></figure>
`;
}

interface Axes {
  readonly x?: Scale;
  readonly y: Scale;
  readonly xName: string;
  readonly yName: string;
  readonly yText: (value: number) => string;
}

/** Two axes with lines at round numbers. Without `x`, the lower one has a name only. */
export function axes({ x, y, xName, yName, yText }: Axes): Markup[] {
  const { left, right, top, bottom } = size;
  return [
    ...y.ticks.map(
      (tick) => markup`<line class="grid" x1="${left}" x2="${right}" y1="${y.at(tick)}" y2="${y.at(tick)}"/>
<text class="soft" x="${left - 6}" y="${y.at(tick) + 4}" text-anchor="end">${yText(tick)}</text>
`,
    ),
    ...(x?.ticks ?? []).map(
      (tick) => markup`<text class="soft" x="${x?.at(tick) ?? 0}" y="${bottom + 18}" text-anchor="middle">${tick}</text>
`,
    ),
    markup`<line class="axis" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>
<text class="soft" x="${(left + right) / 2}" y="${bottom + 38}" text-anchor="middle">${xName}</text>
<text class="soft" x="${-(top + bottom) / 2}" y="14" text-anchor="middle" transform="rotate(-90)">${yName}</text>
`,
  ];
}
