import { describe, expect, it } from "vitest";
import { apr, asyncthink, parallelR1 } from "../../src/core/dialects/bundled/index.ts";
import type { Dialect } from "../../src/core/dialects/schema.ts";
import { step } from "../../src/core/machine/machine.ts";
import type { Input, UntimedInput } from "../../src/core/machine/protocol.ts";
import { createState } from "../../src/core/machine/state.ts";
import type { Piece } from "../../src/core/trie/piece.ts";
import type { RunEvent } from "../../src/run/events.ts";
import { Reporter } from "../../src/run/listen/reporter.ts";

const vocabulary = { eos: [0], markers: { "<Parallel>": 5, "</Path>": 6, "</Summary>": 7 } };
const pieces = (call: number, ...made: [id: number, text: string][]): UntimedInput => ({
  t: "pieces",
  call,
  pieces: made.map(([id, text]): Piece => ({ ids: [id], text })),
});
const sent = (call: number): UntimedInput => ({ t: "sent", call, attempt: 1, promptTokens: 10 + call });
const ended = (call: number, cachedTokens?: number): UntimedInput => ({
  t: "ended",
  call,
  reason: { kind: "stop" },
  ...(cachedTokens !== undefined && { usage: { cachedTokens } }),
});

/** Two attempts that write nothing. */
const emptyAttempts = (): UntimedInput[] => [
  sent(0),
  pieces(0, [5, "<Parallel>"]),
  sent(1),
  sent(2),
  pieces(1, [0, ""]),
  pieces(2, [0, ""]),
];

/** What is told of some inputs, a millisecond apart; the run began 100 ms before the first. */
function tell(dialect: Dialect, inputs: readonly UntimedInput[]) {
  const state = createState({ dialect });
  const told: RunEvent[] = [];
  const reporter = new Reporter(
    state,
    () => 900,
    (event) => told.push(event),
  );
  const start: UntimedInput = { t: "start", prompt: { ids: [1], text: "Q" }, vocabulary };
  for (const [i, untimed] of [start, ...inputs].entries()) {
    const input: Input = { ...untimed, at: 1000 + i };
    reporter.report(input, step(state, input));
  }
  return { told, reporter };
}

describe("what is told of a run", () => {
  it("is each thing that happens, when it happens, and all that a view needs of it", () => {
    const { told } = tell(parallelR1, [
      sent(0),
      pieces(0, [8, "so "], [5, "<Parallel>"]),
      ended(0),
      sent(1),
      sent(2),
      pieces(2, [9, "b"], [6, "</Path>"]),
      ended(2, 4),
      pieces(1, [9, "a"]),
      pieces(1, [6, "</Path>"], [9, "late"]),
      ended(1),
    ]);
    const a = { threadId: "0/1.1", forkId: "0/1", parentId: "0", name: "1", plan: "", index: 1, depth: 1 };
    const b = { ...a, threadId: "0/1.2", name: "2", index: 2 };
    const path = { header: "<Path>", splice: "<Path>" };
    const main = { threadId: "0", removed: 0, tokens: 2 };
    const marker = { kind: "marker", marker: "</Path>" };
    expect(told).toEqual([
      { type: "call-start", at: 101, call: 0, threadId: "0", role: "body", callIndex: 0, attempt: 1, promptTokens: 10 },
      { type: "call-first-token", at: 102, call: 0, threadId: "0" },
      { type: "text", at: 102, ...main, inserted: "so <Parallel>", by: "model" },
      { type: "fork", at: 102, forkId: "0/1", threadId: "0", threads: 2, criticalPath: 2 },
      { type: "thread-start", at: 102, ...a, ...path },
      { type: "thread-start", at: 102, ...b, ...path },
      {
        type: "call-end",
        at: 103,
        call: 0,
        threadId: "0",
        ending: { kind: "marker", marker: "<Parallel>" },
        tokens: 2,
        wasted: 0,
      },
      {
        type: "call-start",
        at: 104,
        call: 1,
        threadId: "0/1.1",
        role: "body",
        callIndex: 0,
        attempt: 1,
        promptTokens: 11,
      },
      {
        type: "call-start",
        at: 105,
        call: 2,
        threadId: "0/1.2",
        role: "body",
        callIndex: 0,
        attempt: 1,
        promptTokens: 12,
      },
      { type: "call-first-token", at: 106, call: 2, threadId: "0/1.2" },
      { type: "text", at: 106, threadId: "0/1.2", removed: 0, inserted: "b</Path>", by: "model", tokens: 2 },
      { type: "thread-end", at: 106, threadId: "0/1.2", ending: marker, tokens: 2, criticalPath: 4, ms: 4 },
      { type: "call-end", at: 107, call: 2, threadId: "0/1.2", ending: marker, tokens: 2, wasted: 0, cachedTokens: 4 },
      { type: "call-first-token", at: 108, call: 1, threadId: "0/1.1" },
      { type: "text", at: 108, threadId: "0/1.1", removed: 0, inserted: "a", by: "model", tokens: 1 },
      { type: "text", at: 109, threadId: "0/1.1", removed: 0, inserted: "</Path>", by: "model", tokens: 2 },
      { type: "thread-end", at: 109, threadId: "0/1.1", ending: marker, tokens: 2, criticalPath: 4, ms: 7 },
      { type: "join", at: 109, forkId: "0/1", threadId: "0", tail: "</Parallel>\n<Summary>", criticalPath: 4 },
      { type: "text", at: 109, ...main, inserted: "<Path>", by: "runtime" },
      { type: "text", at: 109, ...main, inserted: "a</Path>", by: "copy" },
      { type: "text", at: 109, ...main, inserted: "<Path>", by: "runtime" },
      { type: "text", at: 109, ...main, inserted: "b</Path>", by: "copy" },
      { type: "text", at: 109, ...main, inserted: "</Parallel>\n<Summary>", by: "runtime" },
      { type: "call-end", at: 110, call: 1, threadId: "0/1.1", ending: marker, tokens: 2, wasted: 1 },
    ]);
  });

  it("is what was removed where a text is cut in a piece, and no more than that", () => {
    const { told } = tell(asyncthink, [
      sent(0),
      pieces(0, [8, "a<FORK-1>x</FORK-1>"], [9, "b<JOIN-1>cd"]),
      sent(1),
      pieces(1, [9, "7"], [0, ""]),
    ]);
    const texts = told.flatMap((event) =>
      event.type === "text" ? [[event.threadId, event.removed, event.inserted, event.by]] : [],
    );
    expect(texts).toEqual([
      ["0", 0, "a<FORK-1>x</FORK-1>b<JOIN-1>", "model"],
      ["0/1.1", 0, "7", "model"],
      ["0", 0, "7</JOIN-1>", "runtime"],
    ]);
    expect(told.find(({ type }) => type === "thread-start")).toMatchObject({ header: "", splice: "" });
    expect(told.find(({ type }) => type === "join")).toMatchObject({ tail: "" });
  });

  /** A dialect that replaces a marker, which is found in the text. */
  const guarded = (marker: string, put: string): Dialect => ({
    ...apr,
    trigger: { kind: "endOfText", lastLine: "<End>", guard: { marker, put } },
  });
  const changes = (told: readonly RunEvent[]) =>
    told.flatMap((event) => (event.type === "text" ? [[event.removed, event.inserted, event.by]] : []));

  it("takes back what had been told and is replaced, and tells nothing again that stays", () => {
    const { told } = tell(guarded("<Sub Searches>", "<Calling Sub Searches>"), [
      sent(0),
      pieces(0, [8, "so"], [9, " ab<Sub "]),
      pieces(0, [9, "Searches>c"]),
      sent(1),
      pieces(1, [9, " on"]),
    ]);
    expect(changes(told)).toEqual([
      [0, "so ab<Sub ", "model"],
      [4, "Calling Sub Searches>", "runtime"],
      [0, " on", "model"],
    ]);
  });

  it.each([
    ["\u{1F600}", "\u{1F601}"],
    ["\u{10000}", "\u{10001}"],
  ])("never takes back half of a character: %s, %s", (old, put) => {
    const { told } = tell(guarded(`${old}x`, put), [sent(0), pieces(0, [8, `a${old}`]), pieces(0, [9, "x"])]);
    expect(changes(told)).toEqual([
      [0, `a${old}`, "model"],
      [2, put, "runtime"],
    ]);
  });

  it.each(["\u{10000}", "\u{1F600}", "\uF900", "b"])("takes back no whole character that stays: %s", (kept) => {
    const { told } = tell(guarded(`${kept}xy`, `${kept}z`), [
      sent(0),
      pieces(0, [8, `a${kept}x`]),
      pieces(0, [9, "y"]),
    ]);
    expect(changes(told)).toEqual([
      [0, `a${kept}x`, "model"],
      [1, "z", "runtime"],
    ]);
  });

  it("takes back a line feed also where it is the engine that says the end", () => {
    const { told } = tell(apr, [sent(0), pieces(0, [8, "a"], [9, "\n"]), ended(0)]);
    expect(changes(told)).toEqual([
      [0, "a\n", "model"],
      [1, "", "runtime"],
    ]);
  });

  it("is what is joined, before what follows from that", () => {
    const dialect: Dialect = { ...parallelR1, onThreadEnd: { ...parallelR1.onThreadEnd, eos: "end" } };
    const { told } = tell(dialect, emptyAttempts());
    const since = told.slice(told.findIndex(({ type }) => type === "join"));
    expect(since.map((event) => (event.type === "warning" ? event.code : event.type))).toEqual([
      "join",
      "text",
      "text",
      "text",
      "thread-ended-run",
    ]);
  });

  it("is one text of each writer, however little there is between", () => {
    const dialect: Dialect = { ...parallelR1, thread: { ...parallelR1.thread, close: "" } };
    const { told } = tell(dialect, emptyAttempts());
    expect(changes(told)).toEqual([
      [0, "<Parallel>", "model"],
      [0, "<Path><Path></Parallel>\n<Summary>", "runtime"],
    ]);
  });

  it("ends in what a thread wrote, where nothing is put after it and the run ends with it", () => {
    const dialect: Dialect = {
      ...parallelR1,
      onThreadEnd: { ...parallelR1.onThreadEnd, eos: "end" },
      join: { shape: "append", tail: "", endTail: "" },
    };
    const { told } = tell(dialect, [
      sent(0),
      pieces(0, [5, "<Parallel>"]),
      sent(1),
      sent(2),
      pieces(1, [9, "a"], [6, "</Path>"]),
      pieces(2, [9, "b"], [0, ""]),
    ]);
    const main = told.flatMap((event) => (event.type === "text" && event.threadId === "0" ? [event.inserted] : []));
    expect(main).toEqual(["<Parallel>", "<Path>", "a</Path>", "<Path>", "b</Path>"]);
  });

  it("is of an attempt that broke off only what is known of it", () => {
    const broke = { t: "broke", call: 0, attempt: 1, code: "engine_failed", message: "cut", waitMs: 5 } as const;
    const { told } = tell(parallelR1, [sent(0), broke, { ...broke, attempt: 2, status: 503 }]);
    const retry = { type: "call-retry", call: 0, threadId: "0", code: "engine_failed", message: "cut", waitMs: 5 };
    expect(told.slice(1)).toStrictEqual([
      { ...retry, at: 102, attempt: 1 },
      { ...retry, at: 103, attempt: 2, status: 503 },
    ]);
  });

  it("takes back a line feed that is dropped, and an end of sequence, which has no text, silently", () => {
    const { told } = tell(apr, [sent(0), pieces(0, [8, "a"], [9, "\n"]), pieces(0, [0, ""])]);
    expect(changes(told)).toEqual([
      [0, "a\n", "model"],
      [1, "", "runtime"],
    ]);
  });

  it("of what went before is told as one event, and of what comes then only what is new", () => {
    const { told, reporter } = tell(parallelR1, [
      sent(0),
      pieces(0, [8, "so "], [5, "<Parallel>"]),
      pieces(1, [9, "a"]),
    ]);
    expect(reporter.catchUp()).toEqual({
      type: "catch-up",
      at: 103,
      version: 1,
      text: "so <Parallel>",
      tokens: 2,
      threads: [
        {
          threadId: "0/1.1",
          forkId: "0/1",
          parentId: "0",
          name: "1",
          plan: "",
          index: 1,
          depth: 1,
          text: "a",
          tokens: 1,
        },
        {
          threadId: "0/1.2",
          forkId: "0/1",
          parentId: "0",
          name: "2",
          plan: "",
          index: 2,
          depth: 1,
          text: "",
          tokens: 0,
        },
      ],
    });
    told.length = 0;
    reporter.skip();
    expect(told).toEqual([]);
  });

  it("is no warning's text, but its words, with the thread that it is about", () => {
    const { told } = tell(asyncthink, [sent(0), pieces(0, [8, "<JOIN-9>"])]);
    expect(told.find(({ type }) => type === "warning")).toEqual({
      type: "warning",
      at: 102,
      code: "join-unknown",
      message: "9 was never forked, so there is nothing to join",
      threadId: "0",
    });
  });
});
