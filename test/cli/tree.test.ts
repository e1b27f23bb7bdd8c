import { describe, expect, it } from "vitest";
import { columnsOf } from "../../src/cli/view/columns.ts";
import { treeLines } from "../../src/cli/view/tree-lines.ts";
import { createTree, update, type Tree } from "../../src/cli/view/tree.ts";
import type { RunEvent } from "../../src/run/events.ts";
import type { RunSummary } from "../../src/run/result.ts";

type Untimed = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, "at"> : never) : never;

const start = (threadId: string, name: string, forkId = "0/1", parentId = "0"): Untimed => ({
  type: "thread-start",
  threadId,
  name,
  forkId,
  parentId,
  plan: "part",
  index: 1,
  depth: 1,
  header: "",
  splice: "",
});
/** @param tokens what the sequence has generated so far */
const wrote = (threadId: string, inserted: string, tokens = inserted.length): Untimed => ({
  type: "text",
  threadId,
  removed: 0,
  inserted,
  by: "model",
  tokens,
});
const end = (threadId: string, tokens: number): Untimed => ({
  type: "thread-end",
  threadId,
  tokens,
  criticalPath: tokens,
  ms: 1,
  ending: { kind: "marker", marker: "</Thread>" },
});
const join: Untimed = { type: "join", forkId: "0/1", threadId: "0", tail: "", criticalPath: 1 };
const plan = "<think>\nplan</Outlines>";
const forked: Untimed[] = [
  wrote("0", plan),
  { type: "fork", forkId: "0/1", threadId: "0", threads: 2, criticalPath: plan.length },
  start("0/1.1", "1"),
  start("0/1.2", "2"),
];

function treeOf(events: readonly Untimed[]): Tree {
  const tree = createTree();
  for (const event of events) update(tree, { at: 0, ...event });
  return tree;
}

function draw(events: readonly Untimed[], columns = 60, rows = 20): string[] {
  return treeLines(treeOf(events), { columns, rows });
}

describe("the tree of threads", () => {
  it("shows main with its tokens and the end of its text, line feeds visible", () => {
    expect(draw([wrote("0", "<think>\nSplit")])).toEqual(["main  running    13  <think>⏎Split"]);
  });

  it("shows each thread below its fork, with what it wrote last", () => {
    expect(draw([...forked, wrote("0/1.1", " 64*27"), wrote("0/1.2", " 14"), end("0/1.2", 9)])).toEqual([
      "main  running    23  <think>⏎plan</Outlines>",
      "├─ 1  running                6   64*27",
      "└─ 2  ended by </Thread>     9   14",
    ]);
  });

  it("collapses joined threads to one line, and shows main going on from what was inserted", () => {
    const events: Untimed[] = [
      ...forked,
      end("0/1.1", 118),
      end("0/1.2", 116),
      join,
      { type: "text", threadId: "0", removed: 0, inserted: "\n…", by: "copy", tokens: plan.length },
      { type: "text", threadId: "0", removed: 0, inserted: "</Thread>\n", by: "runtime", tokens: plan.length },
      wrote("0", "so", plan.length + 2),
    ];
    expect(draw(events, 80)).toEqual([
      "main  running    25  <think>⏎plan</Outlines>⏎…</Thread>⏎so",
      "└─ 2 threads joined: 234 tokens, the longest 118",
    ]);
  });

  it("takes away what a join rewrites", () => {
    const rewritten: Untimed = {
      type: "text",
      threadId: "0",
      removed: 15,
      inserted: "<results>",
      by: "runtime",
      tokens: plan.length,
    };
    expect(draw([...forked, end("0/1.1", 1), end("0/1.2", 1), join, rewritten])).toEqual([
      "main  running    23  <think>⏎<results>",
      "└─ 2 threads joined: 2 tokens, the longest 1",
    ]);
  });

  it("takes away as much as was taken back, also in one go with what comes instead, and never more than there is", () => {
    const back = (removed: number, inserted: string): Untimed => ({
      type: "text",
      threadId: "0/1.1",
      removed,
      inserted,
      by: "model",
      tokens: 3,
    });
    const lines = (removed: number, inserted = "") => draw([...forked, wrote("0/1.1", "abc"), back(removed, inserted)]);
    expect(lines(1)[1]).toBe("├─ 1  running     3  ab");
    expect(lines(2, "xyz")[1]).toBe("├─ 1  running     3  axyz");
    expect(lines(700, "z")[1]).toBe("├─ 1  running     3  z");
    expect(lines(0)[0]).toBe("main  running    23  <think>⏎plan</Outlines>");
  });

  it("shows the tokens that a sequence has generated, and none of a text that was put there", () => {
    const put: Untimed = { type: "text", threadId: "0", removed: 0, inserted: "put", by: "runtime", tokens: 7 };
    expect(draw([wrote("0", "a", 3), wrote("0", "b", 7), put])).toEqual(["main  running     7  abput"]);
  });

  it("is not changed by calls, warnings and what it has never heard of", () => {
    const others: Untimed[] = [
      { type: "call-start", call: 0, threadId: "0", role: "body", callIndex: 0, attempt: 1, promptTokens: 9 },
      { type: "call-first-token", call: 0, threadId: "0" },
      { type: "call-end", call: 0, threadId: "0", ending: { kind: "eos" }, tokens: 4, wasted: 0 },
      { type: "warning", code: "thread-cut", message: "thread 1 was cut", threadId: "0/1.1" },
      wrote("0/9.1", "unknown"),
      end("0/9.1", 4),
      { ...join, forkId: "0/9" },
    ];
    expect(draw([...forked, ...others])).toEqual(draw(forked));
  });

  it("keeps an open fork open after a joined one", () => {
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
        const [line = ""] = draw([wrote("0", text, 5)], columns);
        expect(columnsOf(line)).toBeLessThanOrEqual(columns);
        expect(columnsOf(line)).toBeGreaterThanOrEqual(columns - 1);
      }
    }
    expect(draw([wrote("0", "0123456789abcdef", 5)], 31)).toEqual(["main  running     5  …789abcdef"]);
  });

  it("fits terminals of any width", () => {
    for (let columns = 1; columns < 60; columns += 1) {
      for (const line of draw([...forked, wrote("0/1.1", "text"), end("0/1.1", 4)], columns)) {
        expect(columnsOf(line)).toBeLessThanOrEqual(columns);
      }
    }
  });

  it("shows the first and the last lines where the terminal is too low", () => {
    const many = Array.from({ length: 30 }, (_, i) => start(`0/1.${i + 1}`, `${i + 1}`));
    const lines = draw([wrote("0", "x"), ...many], 60, 5);
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
      wrote("0", evil),
      start("0/1.1", evil),
      { ...end("0/1.1", 1), ending: { kind: "failed", message: evil } } as Untimed,
    ]);
    expect(lines.join("")).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(lines[0]).toContain("\\x1b[2J\\x07\\r⏎\\u202e");
  });

  it("begins where a late listener comes in", () => {
    const info = { threadId: "0/1.1", forkId: "0/1", parentId: "0", name: "1", plan: "part", index: 1, depth: 1 };
    const thread = { ...info, text: " 64", tokens: 3, ending: { kind: "eos" } } as const;
    const catchUp: Untimed = { type: "catch-up", version: 1, text: "so far", tokens: 9, threads: [thread] };
    expect(draw([catchUp, wrote("0/1.1", "*", 4)])).toEqual([
      "main  running     9  so far",
      "└─ 1  ended by end of sequence     4   64*",
    ]);
  });

  it("says how the run ended", () => {
    const ended = (kind: "eos" | "cut"): Untimed => ({
      type: "run-end",
      result: { ending: kind === "eos" ? { kind } : { kind, by: "user" } } as RunSummary,
    });
    expect(draw([wrote("0", "x"), ended("eos")])).toEqual(["main  ended by end of sequence     1  x"]);
    expect(draw([wrote("0", "x"), ended("cut")])).toEqual(["main  cancelled     1  x"]);
  });
});
