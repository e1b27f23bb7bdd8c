import type { ScaleLinear } from "d3-scale";
import type { JSX } from "preact";
import type { Axis } from "../trace/timeline/timeline.ts";
import { grouped, time } from "../trace/timeline/words.ts";

interface Props {
  readonly scale: ScaleLinear<number, number>;
  readonly axis: Axis;
  readonly width: number;
}

/** Round values above the lanes. */
export function Ruler({ scale, axis, width }: Props): JSX.Element {
  const name = axis === "ms" ? "time" : "decode steps";
  const ticks = scale.ticks(Math.max(2, Math.floor(width / 90))).filter((tick) => scale(tick) < width - 40);
  return (
    <>
      <span class="sr">{name}</span>
      <svg class="ruler" width={width} height="20" aria-hidden="true">
        {ticks.map((tick) => (
          <g key={tick} transform={`translate(${scale(tick)} 0)`}>
            <line y1="14" y2="20" />
            <text x={scale(tick) < 10 ? 0 : undefined} y="11" text-anchor={scale(tick) < 10 ? "start" : "middle"}>
              {axis === "ms" ? time(tick) : grouped(tick)}
            </text>
          </g>
        ))}
      </svg>
    </>
  );
}
