import { laneOf, type Axis, type Lane, type PathPart, type Timeline } from "../../trace/timeline/timeline.ts";
import { amountOn, grouped } from "../../trace/timeline/words.ts";
import { visible } from "../../visible.ts";
import { columnsOf, fitStart, padTo } from "../view/columns.ts";
import type { Paint } from "../view/paint.ts";
import { laneColumns, signs } from "./lane-line.ts";

interface Room {
  readonly axis: Axis;
  /** What the whole width stands for: the longest of the runs that are shown together. */
  readonly end: number;
  readonly columns: number;
  readonly paint: Paint;
}

const longestName = 24;

/** A run as one line for each of its lanes. */
export function timelineLines(timeline: Timeline, room: Room): string[] {
  const { lanes, paths } = timeline;
  const { axis, paint, columns } = room;
  const path = Map.groupBy(paths[axis], ({ lane }) => lane);
  const names = branchesOf(timeline).map((branch, index) => `${branch}${visible(laneOf(timeline, index).name)}`);
  const nameWidth = Math.min(longestName, Math.max(...names.map(columnsOf)));
  const tokens = lanes.map((lane) => grouped(lane.tokens));
  const tokenWidth = Math.max("tokens".length, ...tokens.map(({ length }) => length));
  const width = Math.max(10, columns - nameWidth - tokenWidth - 4);
  const ruler = amountOn(axis, room.end);
  const head = `${padTo("", nameWidth)}  0${ruler.padStart(width - 1)}  ${"tokens".padStart(tokenWidth)}`;
  return [
    paint("dim", head),
    ...lanes.map((lane, index) => {
      const name = padTo(fitStart(names[index] ?? "", nameWidth), nameWidth);
      const drawn = painted(lane, path.get(index) ?? [], { ...room, columns: width });
      return `${name}  ${drawn}  ${(tokens[index] ?? "").padStart(tokenWidth)}`;
    }),
  ];
}

/** What the signs mean. */
export function legend(paint: Paint): string {
  const { onPath, writing, waiting, idle, retry, cut } = signs;
  const waited = "waits for a slot or its first token";
  return [
    `${paint("green", onPath)} writes, waited for   ${writing} writes meanwhile   ${waiting} ${waited}`,
    `${idle} waits for threads   ${retry} breaks off and tries again   ${cut} cut`,
  ].join("\n");
}

function painted(lane: Lane, path: readonly PathPart[], { paint, ...room }: Room): string {
  let text = "";
  let run = "";
  let last: keyof typeof signs | undefined;
  for (const sign of [...laneColumns(lane, path, room), undefined]) {
    if (sign !== last && last !== undefined) {
      text += last === "onPath" ? paint("green", run) : last === "retry" || last === "cut" ? paint("red", run) : run;
      run = "";
    }
    if (sign !== undefined) run += signs[sign];
    last = sign;
  }
  return text;
}

/** What stands before the name of each lane: the tree of the threads. */
function branchesOf({ lanes, forks }: Timeline): string[] {
  const indents: string[] = [];
  return lanes.map(({ fork, depth }, index) => {
    if (fork === undefined || depth === 0) {
      indents[index] = "";
      return "";
    }
    const { lane: by, threads = [] } = forks[fork] ?? { lane: 0 };
    const isLast = threads.at(-1) === index && lanes[by]?.forks.at(-1) === fork;
    const indent = indents[by] ?? "";
    indents[index] = `${indent}${isLast ? "   " : "│  "}`;
    return `${indent}${isLast ? "└─ " : "├─ "}`;
  });
}
