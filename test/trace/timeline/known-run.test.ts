import { describe, expect, it } from "vitest";
import { readTrace } from "../../../src/trace/reader.ts";
import { factsOf } from "../../../src/trace/timeline/facts.ts";
import { figuresOf } from "../../../src/trace/timeline/figures.ts";
import { shownTrace } from "../../../src/trace/timeline/from-trace.ts";
import { phasesOf } from "../../../src/trace/timeline/phases.ts";
import { temporaryFolder } from "../support.ts";
import { prefillMs, stepMs, threads, traceKnownRun } from "./known-run.ts";

async function known() {
  const path = temporaryFolder()("known.jsonl");
  await traceKnownRun(path);
  return shownTrace(await readTrace(path), "known.jsonl");
}

/** Tokens that a thread of the known run writes: its text and the marker that ends it. */
const tokensOf = (name: string): number => (threads[name]?.text.length ?? 0) + 1;
const forked = 560;

describe("the timeline of a run of which every time is known", () => {
  it("says when each thread began and ended", async () => {
    const { timeline } = await known();
    const long = forked + prefillMs + stepMs + stepMs * tokensOf("2") - stepMs;
    expect(timeline.lanes.map(({ name, from, to }) => [name, from.ms, to.ms])).toEqual([
      ["main", 0, 1530],
      ["1", forked, 750],
      ["2", forked, long],
      ["3", forked, 1175],
      ["4", forked, 900],
    ]);
    expect(timeline.forks).toMatchObject([{ forkId: "0/1", at: { ms: forked }, join: { ms: long }, last: { ms: 2 } }]);
  });

  it("follows what was waited for: main, the thread that ended last, main", async () => {
    const { timeline } = await known();
    expect(timeline.paths.ms).toEqual([
      { lane: 0, call: 0, from: 0, to: 560 },
      { lane: 2, call: 0, from: 560, to: 1220 },
      { lane: 0, call: 1, from: 1220, to: 1530 },
    ]);
    expect(timeline.paths.tokens).toEqual([
      { lane: 0, call: 0, from: 0, to: 51 },
      { lane: 2, call: 0, from: 51, to: 112 },
      { lane: 0, call: 1, from: 112, to: 138 },
    ]);
  });

  it("tells the waits of a call apart", async () => {
    const { timeline } = await known();
    const phases = (lane: number) =>
      timeline.lanes[lane]?.calls.flatMap(phasesOf).map(({ is, from, to }) => [is, from, to]);
    // The third thread broke off after five tokens, and went on after a pause.
    expect(phases(3)).toEqual([
      ["prompt", 560, 620],
      ["writes", 620, 660],
      ["pause", 660, 1035],
      ["prompt", 1035, 1095],
      ["writes", 1095, 1175],
    ]);
    // The fourth had to wait for a slot: there are three.
    expect(phases(4)).toEqual([
      ["slot", 560, 750],
      ["prompt", 750, 810],
      ["writes", 810, 900],
    ]);
  });

  it("answers what people ask", async () => {
    const { timeline } = await known();
    expect(factsOf(timeline)).toEqual({
      slowest: 2,
      waits: [{ fork: 0, lane: 2, alone: 45 }],
      // All phases in which an engine worked: 560 + 310 of main, then 190, 660, 240 and 150.
      sequential: { ms: 2110, tokens: 176 },
      prompt: { sent: 469, known: 411, cached: 204 },
      queue: { ms: 190, calls: 1, longest: 190, lane: 4 },
      retries: [
        {
          lane: 3,
          call: 3,
          broke: { at: 660, code: "engine_failed", message: "the connection was closed", status: 503, waitMs: 375 },
        },
      ],
      cut: [4],
      atOnce: 3,
    });
    expect(Object.fromEntries(figuresOf(timeline).map(({ name, value }) => [name, value]))).toEqual({
      Ending: "ended by itself, not complete",
      Took: "1.53 s, 138 steps",
      "One after the other": "176 steps, 1.28 times as many; about 2.11 s at the pace of these calls",
      Threads: "4 in 1 fork, at most 3 calls at once",
      "Slowest thread": "2 (0/1.2): 660 ms, 61 steps",
      "Joins waited for": "0/1: 2 (0/1.2), 45 ms longer than the others",
      "Prompt tokens": "469, 204 of the 411 that the engine speaks of in its cache (50 %)",
      Tokens: "176 generated, 122 inserted, 0 wasted",
      "Waited for a slot": "190 ms in 1 call, the longest 190 ms in 4 (0/1.4)",
      Retries: "3 (0/1.3) at 660 ms: engine_failed 503",
      Cut: "4 (0/1.4): cut by impatient",
      Warnings: "thread-cut (0/1.4)",
    });
  });

  it("says who wrote what, each thread in its place", async () => {
    const { reading } = await known();
    const blocks = [...reading()];
    expect(blocks.map(({ lane }) => lane)).toEqual([0, 1, 2, 3, 4, 0]);
    expect(blocks[0]?.spans.map(([by]) => by)).toEqual(["prompt", "model"]);
    expect(blocks[2]?.spans).toEqual([
      ["runtime", "<Thread>\n2:"],
      ["model", `${threads["2"]?.text}</Thread>`],
    ]);
    // The closer of a thread that was cut is the runtime's.
    expect(blocks[4]?.spans.at(-1)).toEqual(["runtime", "\n</Thread>"]);
  });
});
