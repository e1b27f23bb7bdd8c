import { describe, expect, it } from "vitest";
import { columnsOf } from "../../src/cli/view/columns.ts";
import { treeLines } from "../../src/cli/view/tree-lines.ts";
import { createTree, update, type Tree } from "../../src/cli/view/tree.ts";
import type { RunEvent } from "../../src/run/events.ts";
import type { RunResult } from "../../src/run/result.ts";

type Told = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, "at"> : never) : never;

const start = (id: string, name: string, fork = "0/1", parent = "0"): Told => ({
  type: "thread-start",
  id,
  name,
  fork,
  parent,
  index: 1,
  depth: 1,
});
const delta = (id: string, text: string, tokens = text.length): Told => ({ type: "delta", id, text, tokens });
const end = (id: string, tokens: number): Told => ({
  type: "thread-end",
  id,
  tokens,
  ms: 1,
  ending: { kind: "marker", marker: "</Thread>" },
});
const forked: Told[] = [
  delta("0", "<think>\nplan</Outlines>"),
  { type: "fork", id: "0/1", parent: "0", threads: 2 },
  start("0/1.1", "1"),
  start("0/1.2", "2"),
];

function treeOf(events: readonly Told[]): Tree {
  const tree = createTree();
  for (const event of events) update(tree, { at: 0, ...event });
  return tree;
}

function draw(events: readonly Told[], columns = 60, rows = 20): string[] {
  return treeLines(treeOf(events), { columns, rows });
}

describe("the tree of threads", () => {
  it("shows main with its tokens and the end of its text, line feeds visible", () => {
    expect(draw([delta("0", "<think>\nSplit")])).toEqual(["main  running    13  <think>⏎Split"]);
  });

  it("shows each thread below its fork, with what it wrote last", () => {
    expect(draw([...forked, delta("0/1.1", " 64*27"), delta("0/1.2", " 14"), end("0/1.2", 9)])).toEqual([
      "main  running    23  <think>⏎plan</Outlines>",
      "├─ 1  running                6   64*27",
      "└─ 2  ended by </Thread>     9   14",
    ]);
  });

  it("collapses joined threads to one line, and shows main going on from what was inserted", () => {
    const events = [
      ...forked,
      end("0/1.1", 118),
      end("0/1.2", 116),
      { type: "join", id: "0/1", parent: "0", removed: 0, inserted: "\n…</Thread>\n" },
      delta("0", "so"),
    ] satisfies Told[];
    expect(draw(events, 80)).toEqual([
      "main  running    25  <think>⏎plan</Outlines>⏎…</Thread>⏎so",
      "└─ 2 threads joined: 234 tokens, the longest 118",
    ]);
  });

  it("takes away what a join rewrites", () => {
    const join: Told = { type: "join", id: "0/1", parent: "0", removed: 15, inserted: "<results>" };
    expect(draw([...forked, end("0/1.1", 1), end("0/1.2", 1), join])[0]).toMatch(/ {2}<think>⏎<results>$/);
  });

  it("keeps an open fork open behind a joined one", () => {
    const join: Told = { type: "join", id: "0/1", parent: "0", removed: 0, inserted: "" };
    const lines = draw([...forked, join, start("0/2.1", "1", "0/2"), start("0/2.2", "2", "0/2")]);
    expect(lines.map((line) => line.slice(0, 12))).toEqual([
      "main  runnin",
      "├─ 2 threads",
      "├─ 1  runnin",
      "└─ 2  runnin",
    ]);
  });

  it("indents threads of threads", () => {
    const lines = draw([
      ...forked,
      start("0/1.1/1.1", "a", "0/1.1/1", "0/1.1"),
      start("0/1.2/1.1", "b", "0/1.2/1", "0/1.2"),
    ]);
    expect(lines.map((line) => line.slice(0, 7))).toEqual(["main  r", "├─ 1  r", "│  └─ a", "└─ 2  r", "   └─ b"]);
  });

  it("cuts text at the front to fit the width, and counts wide characters twice", () => {
    for (const text of [
      "abcdefghij".repeat(100),
      "思考の並列化".repeat(100),
      "🧵".repeat(300),
      "é\u0301".repeat(300),
    ]) {
      for (const columns of [80, 41, 25, 22]) {
        const [line = ""] = draw([delta("0", text, 5)], columns);
        expect(columnsOf(line)).toBeLessThanOrEqual(columns);
        expect(columnsOf(line)).toBeGreaterThanOrEqual(columns - 1);
      }
    }
    expect(draw([delta("0", "0123456789abcdef", 5)], 31)).toEqual(["main  running     5  …789abcdef"]);
  });

  it("fits terminals of any width", () => {
    for (let columns = 1; columns < 60; columns += 1) {
      for (const line of draw([...forked, delta("0/1.1", "text"), end("0/1.1", 4)], columns)) {
        expect(columnsOf(line)).toBeLessThanOrEqual(columns);
      }
    }
  });

  it("shows the first and the last lines where the terminal is too low", () => {
    const many = Array.from({ length: 30 }, (_, i) => start(`0/1.${i + 1}`, `${i + 1}`));
    const lines = draw([delta("0", "x"), ...many], 60, 5);
    expect(lines.map((line) => line.slice(0, 15).trimEnd())).toEqual([
      "main  running",
      "… 27 more lines",
      "├─ 28  running",
      "├─ 29  running",
      "└─ 30  running",
    ]);
  });

  it("lets no control character of a text, a name or a marker through", () => {
    const evil = "\u001b[2J\u0007\r\n\u202e";
    const lines = draw([
      delta("0", evil),
      start("0/1.1", evil),
      { type: "thread-end", id: "0/1.1", tokens: 1, ms: 1, ending: { kind: "failed", message: evil } },
    ]);
    expect(lines.join("")).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(lines[0]).toContain("\\x1b[2J\\x07\\r⏎\\u202e");
  });

  it("begins where a late listener comes in", () => {
    const place = { id: "0/1.1", fork: "0/1", parent: "0", name: "1", index: 1, depth: 1 };
    const thread = { ...place, text: " 64", tokens: 3, ending: { kind: "eos" } } as const;
    expect(draw([{ type: "catch-up", text: "so far", threads: [thread] }, delta("0/1.1", "*")])).toEqual([
      "main  running     0  so far",
      "└─ 1  ended by end of sequence     4   64*",
    ]);
  });

  it("says how the run ended", () => {
    const ended = (kind: "eos" | "cut"): Told => ({
      type: "run-end",
      result: { ending: kind === "eos" ? { kind } : { kind, by: "user" } } as RunResult,
    });
    expect(draw([delta("0", "x"), ended("eos")])).toEqual(["main  ended by end of sequence     1  x"]);
    expect(draw([delta("0", "x"), ended("cut")])).toEqual(["main  cancelled     1  x"]);
  });
});
