import { scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Facts } from "../trace/timeline/facts.ts";
import type { Axis, Timeline } from "../trace/timeline/timeline.ts";
import { grouped } from "../trace/timeline/words.ts";
import { visible } from "../visible.ts";
import type { Drawing } from "./draw.ts";
import { LaneRow, rowHeight } from "./lane-row.tsx";
import { moveFrom } from "./keys.ts";
import { ancestorsOf, openRows } from "./rows.ts";
import { Ruler } from "./ruler.tsx";
import { useVirtual } from "./use-virtual.ts";
import { useWidth } from "./use-width.ts";
import { zoomed, type Window } from "./window.ts";

interface Props {
  readonly run: number;
  readonly timeline: Timeline;
  readonly facts: Facts;
  readonly axis: Axis;
  readonly part: Window;
  readonly end: number;
  readonly onPart: (part: Window | undefined) => void;
  readonly chosen: number | undefined;
  readonly onChoose: (lane: number) => void;
}

/** The lanes of a run: a tree whose rows have bars. Arrow keys move in it. */
export function Lanes({ run, timeline, facts, axis, part, end, onPart, chosen, onChoose }: Props): JSX.Element {
  const [closed, setClosed] = useState<ReadonlySet<number>>(new Set());
  const rows = useMemo(() => openRows(timeline, closed), [timeline, closed]);
  const [current, setCurrent] = useState(0);
  const moved = useRef(false);
  const list = useRef<HTMLDivElement>(null);
  const [bars, width] = useWidth();
  const virtual = useVirtual({
    count: rows.length,
    getScrollElement: () => list.current,
    estimateSize: () => rowHeight,
    getItemKey: (n) => rows[n] ?? n,
  });
  const path = useMemo(() => Map.groupBy(timeline.paths[axis], ({ lane }) => lane), [timeline, axis]);
  const scale = scaleLinear([part.from, part.to], [0, width]);
  const drawing: Drawing = { timeline, axis, at: (value) => scale(value), width, path };
  useLayoutEffect(() => {
    if (!moved.current) return;
    const row = list.current?.querySelector<HTMLElement>(`[data-lane="${current}"]`);
    if (row == null) return;
    moved.current = false;
    row.focus({ preventScroll: true });
  });
  // What is chosen in the texts is shown here, too.
  useEffect(() => {
    if (chosen === undefined) return;
    const above = ancestorsOf(timeline, chosen);
    const stillClosed = new Set([...closed].filter((lane) => !above.includes(lane)));
    if (stillClosed.size < closed.size) setClosed(stillClosed);
    setCurrent(chosen);
    virtual.scrollToIndex(openRows(timeline, stillClosed).indexOf(chosen));
  }, [chosen]);
  const goTo = (lane: number): void => {
    moved.current = true;
    setCurrent(lane);
    virtual.scrollToIndex(Math.max(0, rows.indexOf(lane)));
  };
  const setOpen = (lane: number, open: boolean): void => {
    setClosed((before) => new Set(open ? [...before].filter((other) => other !== lane) : [...before, lane]));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = moveFrom(event.key, current, { timeline, rows, closed });
    if (next === undefined) return;
    event.preventDefault();
    if ("lane" in next) goTo(next.lane);
    else if ("open" in next) setOpen(current, next.open);
    else if ("zoom" in next) onPart(next.zoom === 0 ? undefined : zoomed(part, next.zoom, end));
    else onChoose(current);
  };
  const onWheel = (event: WheelEvent): void => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const left = bars.current?.getBoundingClientRect().left ?? 0;
    onPart(zoomed(part, event.deltaY < 0 ? 1.25 : 0.8, end, scale.invert(event.clientX - left)));
  };
  const { about, lanes } = timeline;
  const title = `run-${run}-title`;
  return (
    <section aria-labelledby={title} class="run">
      <h2 id={title}>{visible(about.name)}</h2>
      <p class="about">
        {visible([about.dialect, about.mode, about.model, `seed ${about.seed}`].filter(Boolean).join(" · "))}
      </p>
      {about.missing.map((sentence) => (
        <p class="missing" key={sentence}>
          {visible(sentence)}
        </p>
      ))}
      <div
        role="treegrid"
        aria-labelledby={title}
        aria-rowcount={rows.length + 1}
        class="lanes"
        onKeyDown={onKeyDown}
        onWheel={onWheel}
      >
        <div role="rowgroup">
          <div role="row" aria-rowindex={1} class="row head">
            <span role="columnheader" class="name">
              {grouped(lanes.length - 1)} threads
            </span>
            <span role="columnheader" class="bars" ref={bars}>
              <Ruler scale={scale} axis={axis} width={width} />
            </span>
            <span role="columnheader" class="tokens">
              tokens
            </span>
            <span role="columnheader" class="notes">
              notes
            </span>
          </div>
        </div>
        <div role="rowgroup" class="list" ref={list} tabIndex={-1}>
          <div role="presentation" class="all" style={{ height: `${virtual.getTotalSize()}px` }}>
            {virtual.getVirtualItems().map(({ index, start }) => {
              const lane = rows[index] ?? 0;
              return (
                <LaneRow
                  key={lane}
                  lane={lane}
                  row={index}
                  top={start}
                  drawing={drawing}
                  facts={facts}
                  isOpen={!closed.has(lane)}
                  isCurrent={lane === current || (index === 0 && !rows.includes(current))}
                  isChosen={lane === chosen}
                  onFocus={() => setCurrent(lane)}
                  onChoose={() => onChoose(lane)}
                  onOpen={(open) => setOpen(lane, open)}
                />
              );
            })}
          </div>
        </div>
      </div>
    </section>
  );
}
