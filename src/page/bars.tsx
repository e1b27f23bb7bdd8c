import type { JSX } from "preact";
import { visible } from "../visible.ts";
import { connectorsOf, shapesOf, type Drawing, type Shape } from "./draw.ts";

interface Props {
  readonly drawing: Drawing;
  readonly lane: number;
  readonly isOpen: boolean;
  readonly height: number;
}

/** What a lane did, drawn. */
export function Bars({ drawing, lane, isOpen, height }: Props): JSX.Element {
  const middle = height / 2;
  const ends = { top: [0, middle], bottom: [middle, height], both: [0, height] } as const;
  return (
    <svg width={drawing.width} height={height} aria-hidden="true">
      {connectorsOf(drawing, lane, isOpen).map(({ kind, x, part, lit }, n) => (
        <line
          key={`line ${n}`}
          class={`${kind}-line${lit ? " lit" : ""}`}
          x1={Math.min(x, drawing.width - 1)}
          x2={Math.min(x, drawing.width - 1)}
          y1={ends[part][0]}
          y2={ends[part][1]}
        />
      ))}
      {shapesOf(drawing, lane).map((shape, n) => (
        <rect key={n} class={shape.kind} x={shape.x} width={shape.width} {...place(shape, middle)}>
          <title>{visible(shape.title)}</title>
        </rect>
      ))}
    </svg>
  );
}

/** The critical path is higher than the rest, so that it is seen without colours, too. */
function place({ kind }: Shape, middle: number): { y: number; height: number } {
  const heights: Record<Shape["kind"], number> = {
    idle: 2,
    after: 2,
    queue: 8,
    prefill: 8,
    cached: 4,
    write: 8,
    path: 16,
    fork: 10,
    join: 10,
    retry: 20,
    cut: 20,
  };
  return { y: middle - heights[kind] / 2, height: heights[kind] };
}
