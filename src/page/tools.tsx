import type { JSX } from "preact";
import type { Axis } from "../trace/timeline/timeline.ts";
import { moved, zoomed, type Window } from "./window.ts";

interface Props {
  readonly axis: Axis;
  readonly areTimed: boolean;
  readonly onAxis: (axis: Axis) => void;
  readonly part: Window;
  readonly end: number;
  readonly onPart: (part: Window | undefined) => void;
}

/** What the lanes are laid out along, and which part of it is shown. */
export function Tools({ axis, areTimed, onAxis, part, end, onPart }: Props): JSX.Element {
  const choice = (of: Axis, label: string): JSX.Element => (
    <label>
      <input
        type="radio"
        name="axis"
        checked={axis === of}
        disabled={of === "ms" && !areTimed}
        onChange={() => onAxis(of)}
      />
      {label}
    </label>
  );
  const button = (label: string, sign: string, next: () => Window | undefined): JSX.Element => (
    <button type="button" aria-label={label} title={label} onClick={() => onPart(next())}>
      {sign}
    </button>
  );
  return (
    <div class="tools">
      <fieldset>
        <legend>Along</legend>
        {choice("ms", "time")}
        {choice("tokens", "decode steps")}
      </fieldset>
      <div role="group" aria-label="Part that is shown">
        {button("Earlier", "◀", () => moved(part, -0.5, end))}
        {button("Zoom out", "−", () => zoomed(part, 0.5, end))}
        {button("Zoom in", "+", () => zoomed(part, 2, end))}
        {button("Later", "▶", () => moved(part, 0.5, end))}
        {button("Show all", "all", () => undefined)}
      </div>
    </div>
  );
}
