import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Frames } from "../../src/cli/view/frames.ts";
import { LiveView } from "../../src/cli/view/live-view.ts";
import { PlainView } from "../../src/cli/view/plain-view.ts";
import { duration } from "../../src/cli/view/describe.ts";
import { visible } from "../../src/cli/view/visible.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { Screen } from "./support.ts";

const thread = (id: string, name: string, parent = "0"): RunEvent => ({
  at: 0,
  type: "thread-start",
  id,
  name,
  parent,
  fork: id.replace(/\.\d+$/, ""),
  index: 1,
  depth: 1,
});
const delta = (id: string, text: string): RunEvent => ({ at: 0, type: "delta", id, text, tokens: 1 });

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
    view.event(delta("0", "first"));
    view.event(thread("0/1.1", "1"));
    view.event(delta("0/1.1", "second"));
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
  const write = (events: RunEvent[], text: boolean): string[] => {
    const screen = new Screen();
    const view = new PlainView(screen, { text });
    for (const event of events) view.event(event);
    view.end();
    return screen.written.trimEnd().split("\n");
  };
  const events: RunEvent[] = [
    delta("0", "<think>\nSpl"),
    delta("0", "it\n"),
    { at: 0, type: "fork", id: "0/1", parent: "0", threads: 2 },
    thread("0/1.1", "1"),
    thread("0/1.2", "2"),
    delta("0/1.1", "one "),
    delta("0/1.2", "two\n"),
    delta("0/1.1", "more\n\n"),
    thread("0/1.1/1.1", "a", "0/1.1"),
    delta("0/1.1/1.1", "\u001b[2J"),
    { at: 0, type: "thread-end", id: "0/1.1/1.1", ending: { kind: "eos" }, tokens: 5, ms: 450 },
    { at: 0, type: "join", id: "0/1", parent: "0", removed: 0, inserted: "" },
    delta("0", "the end"),
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
      "main goes on behind the join",
      "  main | the end",
    ]);
  });

  it("tells without text what the threads do", () => {
    expect(write(events, false)).toEqual([
      "main forks into 2 threads",
      "thread 1/a ended by end of sequence: 5 tokens in 0.45 s",
      "main goes on behind the join",
    ]);
  });

  it("does not wait for the end of an endless line", () => {
    expect(write([delta("0", "x".repeat(150)), delta("0", "y".repeat(150)), delta("0", "z")], true)).toEqual([
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
