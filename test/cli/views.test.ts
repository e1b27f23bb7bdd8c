import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Frames } from "../../src/cli/view/frames.ts";
import { LiveView } from "../../src/cli/view/live-view.ts";
import { PlainView } from "../../src/cli/view/plain-view.ts";
import { duration } from "../../src/cli/view/describe.ts";
import { visible } from "../../src/visible.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { Screen } from "./support.ts";

const thread = (threadId: string, name: string, parentId = "0"): RunEvent => ({
  at: 0,
  type: "thread-start",
  threadId,
  name,
  parentId,
  forkId: threadId.replace(/\.\d+$/, ""),
  plan: "part",
  index: 1,
  depth: 1,
  header: "\n<Thread>\n1:",
  splice: "",
});
type TextEvent = Extract<RunEvent, { type: "text" }>;
const text = (threadId: string, inserted: string, by: TextEvent["by"] = "model", removed = 0): TextEvent => ({
  at: 0,
  type: "text",
  threadId,
  removed,
  inserted,
  by,
  tokens: 1,
});

describe("frames", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("are drawn 15 times a second at most, and once more after the last change", () => {
    const drawn: number[] = [];
    const frames = new Frames(() => drawn.push(Date.now()), Date.now);
    const begin = Date.now();
    for (let ms = 0; ms < 1000; ms += 1) {
      frames.request();
      vi.advanceTimersByTime(1);
    }
    expect(drawn[0]).toBe(begin);
    expect(drawn.length).toBeGreaterThan(13);
    expect(drawn.length).toBeLessThanOrEqual(15);
    const before = drawn.length;
    frames.request();
    vi.runAllTimers();
    expect(drawn.length).toBe(before + 1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("are drawn at once on request, and leave no timer behind", () => {
    let drawn = 0;
    const frames = new Frames(() => (drawn += 1), Date.now);
    frames.request();
    frames.request();
    frames.flush();
    expect(drawn).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("the live view", () => {
  it("draws in place and leaves its last frame", () => {
    const screen = new Screen({ isTTY: true });
    const view = new LiveView(screen, () => 0);
    view.event(text("0", "first"));
    view.event(thread("0/1.1", "1"));
    view.event(text("0/1.1", "second"));
    view.end();
    expect(screen.text).toMatch(/first\n[^]*└─ 1 {2}running {5}1 {2}second\n$/);
  });

  it("shows nothing of a run that never began", () => {
    const screen = new Screen({ isTTY: true });
    new LiveView(screen, () => 0).end();
    expect(screen.written).toBe("");
  });
});

describe("the view in lines", () => {
  const write = (events: RunEvent[], withText: boolean): string[] => {
    const screen = new Screen();
    const view = new PlainView(screen, { text: withText });
    for (const event of events) view.event(event);
    view.end();
    return screen.written.trimEnd().split("\n");
  };
  const events: RunEvent[] = [
    text("0", "<think>\nSpl"),
    text("0", "it\n"),
    { at: 0, type: "call-end", call: 0, threadId: "0", ending: { kind: "eos" }, tokens: 2, wasted: 0 },
    { at: 0, type: "fork", forkId: "0/1", threadId: "0", threads: 2, criticalPath: 2 },
    thread("0/1.1", "1"),
    thread("0/1.2", "2"),
    text("0/1.1", "one "),
    text("0/1.2", "two\n"),
    text("0/1.1", "more\n\n"),
    thread("0/1.1/1.1", "a", "0/1.1"),
    text("0/1.1/1.1", "\u001b[2J"),
    {
      at: 0,
      type: "thread-end",
      threadId: "0/1.1/1.1",
      ending: { kind: "eos" },
      tokens: 5,
      criticalPath: 7,
      ms: 450,
    },
    { at: 0, type: "join", forkId: "0/1", threadId: "0", tail: "", criticalPath: 7 },
    text("0", "\n<Thread>\n1:", "runtime"),
    text("0", "one more\n\n", "copy"),
    text("0", "\n", "runtime"),
    text("0", "the end"),
  ];

  it("interleaves what the threads write, in whole lines that say whose they are", () => {
    expect(write(events, true)).toEqual([
      "  main | <think>",
      "  main | Split",
      "main forks into 2 threads",
      "     2 | two",
      "     1 | one more",
      "   1/a | \\x1b[2J",
      "thread 1/a ended by end of sequence: 5 tokens in 0.45 s",
      "main goes on after the join",
      "  main | the end",
    ]);
  });

  it("takes back what was taken back of a line that is not written yet, and no line that is", () => {
    const events = [
      text("0", "first\nsecond"),
      text("0", "", "model", 3),
      text("0", "t"),
      text("0", "x\n", "model", 20),
    ];
    expect(write(events.slice(0, 3), true)).toEqual(["  main | first", "  main | sect"]);
    expect(write(events, true)).toEqual(["  main | first", "  main | x"]);
  });

  it("tells without text what the threads do", () => {
    expect(write(events, false)).toEqual([
      "main forks into 2 threads",
      "thread 1/a ended by end of sequence: 5 tokens in 0.45 s",
      "main goes on after the join",
    ]);
  });

  it("does not wait for the end of an endless line", () => {
    expect(write([text("0", "x".repeat(150)), text("0", "y".repeat(150)), text("0", "z")], true)).toEqual([
      `  main | ${"x".repeat(150)}${"y".repeat(150)}`,
      "  main | z",
    ]);
  });
});

describe("text for a terminal", () => {
  it("shows control characters, direction marks and halves of characters as what they are", () => {
    expect(visible("a\n\u001b[31m\t\u0085\u202e\ud800b")).toBe("a⏎\\x1b[31m\\t\\x85\\u202e\\ud800b");
  });

  it("leaves everything else alone, and what it is told to keep", () => {
    expect(visible("é 思考 🧵 \\n")).toBe("é 思考 🧵 \\n");
    expect(visible("a\n\tb\r", { keep: "\n\t" })).toBe("a\n\tb\\r");
  });
});

describe("a duration", () => {
  it.each([
    [0, "0.00 s"],
    [453, "0.45 s"],
    [12_400, "12 s"],
    [59_600, "1 min 0 s"],
    [185_000, "3 min 5 s"],
    [3_900_000, "1 h 5 min"],
  ])("of %i ms reads %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});
