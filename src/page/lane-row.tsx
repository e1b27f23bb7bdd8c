import type { JSX } from "preact";
import type { Facts } from "../trace/timeline/facts.ts";
import { laneOf } from "../trace/timeline/timeline.ts";
import { grouped, laneInWords } from "../trace/timeline/words.ts";
import { visible } from "../visible.ts";
import { Bars } from "./bars.tsx";
import type { Drawing } from "./draw.ts";
import { notesOf, sentenceOf } from "./sentence.ts";

export const rowHeight = 24;

interface Props {
  readonly lane: number;
  readonly row: number;
  readonly top: number;
  readonly drawing: Drawing;
  readonly facts: Facts;
  readonly isOpen: boolean;
  readonly isCurrent: boolean;
  readonly isChosen: boolean;
  readonly onFocus: () => void;
  readonly onChoose: () => void;
  readonly onOpen: (open: boolean) => void;
}

/** One lane: its name in the tree, its bars, its tokens, and what is remarkable. */
export function LaneRow(props: Props): JSX.Element {
  const { lane, row, top, drawing, facts, isOpen, isCurrent, isChosen, onFocus, onChoose, onOpen } = props;
  const { timeline, axis, path } = drawing;
  const { name, plan, depth, tokens, forks, threadId } = laneOf(timeline, lane);
  const notes = notesOf(timeline, facts, lane, axis);
  const hasThreads = forks.length > 0;
  const title = plan.trim() === "" ? threadId : `${threadId}: ${plan.trim()}`;
  return (
    <div
      role="row"
      class={`row${path.has(lane) ? " onpath" : ""}${facts.slowest === lane ? " slowest" : ""}`}
      data-lane={lane}
      aria-rowindex={row + 2}
      aria-level={depth + 1}
      aria-selected={isChosen}
      {...(hasThreads && { "aria-expanded": isOpen })}
      tabIndex={isCurrent ? 0 : -1}
      style={{ transform: `translateY(${top}px)`, height: `${rowHeight}px` }}
      onFocus={onFocus}
      onClick={onChoose}
    >
      <span role="rowheader" class="name" title={visible(title)} style={{ paddingLeft: `${Math.min(depth, 12)}em` }}>
        {hasThreads && (
          <span
            class="twist"
            aria-hidden="true"
            onClick={(event) => {
              event.stopPropagation();
              onOpen(!isOpen);
            }}
          >
            {isOpen ? "▾" : "▸"}
          </span>
        )}
        {visible(laneInWords(laneOf(timeline, lane)).trim() === "" ? threadId : name || threadId)}
      </span>
      <span role="gridcell" class="bars">
        <span class="sr">{visible(sentenceOf(timeline, facts, lane, axis))}</span>
        <Bars drawing={drawing} lane={lane} isOpen={isOpen} height={rowHeight} />
      </span>
      <span role="gridcell" class="tokens">
        {grouped(tokens)}
      </span>
      <span role="gridcell" class="notes" title={visible(notes.join("; "))}>
        {visible(notes.join("; "))}
      </span>
    </div>
  );
}
