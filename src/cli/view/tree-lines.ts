import { columnsOf, fitEnd, fitStart, padTo } from "./columns.ts";
import { counted, describeEnding } from "./describe.ts";
import { plain, type Paint, type Style } from "./paint.ts";
import type { Fork, Node, Tree } from "./tree.ts";
import { visible } from "../../visible.ts";

export interface Screen {
  readonly columns: number;
  /** Lines that fit; of a tree of more the first and the last ones show. */
  readonly rows: number;
  readonly paint?: Paint;
}

const longestName = 16;
const longestStatus = 32;

/** Draws a tree of threads: a line for main, a line for each thread that runs, a line for each fork that is joined. */
export function treeLines(tree: Tree, screen: Screen): string[] {
  const lines = [nodeLine(tree.main, "", widthsOf([tree.main]), screen), ...forkLines(tree.main, "", screen)];
  if (lines.length <= screen.rows) return lines;
  // What happens now stands at the end.
  const last = Math.max(0, screen.rows - 2);
  const hidden = fitStart(`… ${counted(lines.length - 1 - last, "more line")}`, screen.columns);
  return [...lines.slice(0, 1), hidden, ...lines.slice(lines.length - last)];
}

function forkLines({ forks }: Node, indent: string, screen: Screen): string[] {
  return forks.flatMap((fork, index) => {
    const last = index === forks.length - 1;
    return fork.joined ? [joinedLine(fork, indent, last, screen)] : threadLines(fork, indent, last, screen);
  });
}

function threadLines({ threads }: Fork, indent: string, last: boolean, screen: Screen): string[] {
  const widths = widthsOf(threads);
  return threads.flatMap((thread, index) => {
    const end = last && index === threads.length - 1;
    const line = nodeLine(thread, `${indent}${end ? "└─ " : "├─ "}`, widths, screen);
    return [line, ...forkLines(thread, `${indent}${end ? "   " : "│  "}`, screen)];
  });
}

/** Columns for the names and statuses of lines that stand below each other. */
function widthsOf(nodes: readonly Node[]): Widths {
  return {
    name: Math.min(longestName, Math.max(...nodes.map(({ name }) => columnsOf(visible(name))))),
    status: Math.min(longestStatus, Math.max(...nodes.map((node) => columnsOf(statusOf(node))))),
  };
}

interface Widths {
  readonly name: number;
  readonly status: number;
}

function nodeLine(node: Node, branch: string, widths: Widths, screen: Screen): string {
  const { columns, paint = plain } = screen;
  const name = padTo(fitStart(visible(node.name), widths.name), widths.name);
  const status = padTo(fitStart(statusOf(node), widths.status), widths.status);
  const tokens = `${node.tokens}`.padStart(4);
  const left = `${branch}${name}  ${status}  ${tokens}  `;
  const room = columns - columnsOf(left);
  if (room < 1) return fitStart(left.trimEnd(), columns);
  const tail = fitEnd(visible(node.tail), room);
  return `${branch}${paint("bold", name)}  ${paint(styleOf(node), status)}  ${tokens}  ${paint("dim", tail)}`;
}

function joinedLine({ threads }: Fork, indent: string, last: boolean, { columns, paint = plain }: Screen): string {
  const tokens = threads.map((thread) => thread.tokens);
  const sum = tokens.reduce((a, b) => a + b, 0);
  const text = `${counted(threads.length, "thread")} joined: ${sum} tokens, the longest ${Math.max(...tokens)}`;
  return paint("green", fitStart(`${indent}${last ? "└─ " : "├─ "}${text}`, columns));
}

function statusOf({ ending, isBroken }: Node): string {
  if (ending !== undefined) return describeEnding(ending);
  return isBroken ? "trying again" : "running";
}

function styleOf({ ending, isBroken }: Node): Style {
  if (ending === undefined) return isBroken ? "yellow" : "cyan";
  return ending.kind === "marker" || ending.kind === "eos" ? "green" : "yellow";
}
