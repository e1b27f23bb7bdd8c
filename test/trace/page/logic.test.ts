import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectorsOf, shapesOf, type Drawing } from "../../../src/page/draw.ts";
import { moveFrom } from "../../../src/page/keys.ts";
import { ancestorsOf, openRows } from "../../../src/page/rows.ts";
import { sentenceOf } from "../../../src/page/sentence.ts";
import { moved, zoomed } from "../../../src/page/window.ts";
import { readTrace } from "../../../src/trace/reader.ts";
import { factsOf } from "../../../src/trace/timeline/facts.ts";
import { shownTrace } from "../../../src/trace/timeline/from-trace.ts";
import type { Timeline } from "../../../src/trace/timeline/timeline.ts";
import { temporaryFolder } from "../support.ts";
import { traceKnownRun } from "../timeline/known-run.ts";

async function known(): Promise<Timeline> {
  const path = temporaryFolder()("known.jsonl");
  await traceKnownRun(path);
  return shownTrace(await readTrace(path), "known.jsonl").timeline;
}

/** A pixel a millisecond. */
function drawingOf(timeline: Timeline, from = 0, width = 1530): Drawing {
  const path = Map.groupBy(timeline.paths.ms, ({ lane }) => lane);
  return { timeline, axis: "ms", at: (ms) => ms - from, width, path };
}

describe("the picture of a lane", () => {
  it("has a shape for each thing that it did", async () => {
    const shapes = shapesOf(drawingOf(await known()), 3).map(({ kind, x, width }) => [kind, x, width]);
    expect(shapes).toEqual([
      ["idle", 560, 615],
      ["after", 1175, 45],
      ["prefill", 560, 60],
      ["cached", 560, 30],
      ["write", 620, 40],
      ["queue", 660, 375],
      ["prefill", 1035, 60],
      ["cached", 1035, expect.closeTo(60 * (31 / 63))],
      ["write", 1095, 80],
      ["retry", 660, 2],
    ]);
  });

  it("leaves out what lies beside the part that is shown", async () => {
    const shapes = shapesOf(drawingOf(await known(), 1100, 50), 3).map(({ kind, x, width }) => [kind, x, width]);
    expect(shapes).toEqual([
      ["idle", -1, 52],
      ["write", -1, 52],
    ]);
  });

  it("lights the way to the thread that was waited for, and no further", async () => {
    const drawing = drawingOf(await known());
    const lit = [0, 1, 2, 3, 4].map((lane) =>
      connectorsOf(drawing, lane, true)
        .filter((line) => line.lit)
        .map(({ kind }) => kind),
    );
    expect(lit).toEqual([["fork", "join"], ["fork", "join", "fork", "join"], ["fork", "join"], [], []]);
    expect(connectorsOf(drawing, 0, false)).toEqual([]);
  });
});

describe("the tree of lanes", () => {
  it("hides what is below a closed lane, and finds what has to be open", async () => {
    const timeline = await known();
    expect(openRows(timeline, new Set())).toEqual([0, 1, 2, 3, 4]);
    expect(openRows(timeline, new Set([0]))).toEqual([0]);
    expect(ancestorsOf(timeline, 4)).toEqual([0]);
  });

  it("is moved in with the keys that trees have", async () => {
    const timeline = await known();
    const press = (key: string, lane: number, closed: ReadonlySet<number> = new Set()): unknown =>
      moveFrom(key, lane, { timeline, rows: openRows(timeline, closed), closed });
    expect(["ArrowDown", "ArrowUp", "Home", "End", "PageDown", "PageUp"].map((key) => press(key, 2))).toEqual([
      { lane: 3 },
      { lane: 1 },
      { lane: 0 },
      { lane: 4 },
      { lane: 4 },
      { lane: 0 },
    ]);
    expect(press("ArrowLeft", 2)).toEqual({ lane: 0 });
    expect(press("ArrowLeft", 0)).toEqual({ open: false });
    expect(press("ArrowRight", 0, new Set([0]))).toEqual({ open: true });
    expect(press("ArrowRight", 0)).toEqual({ lane: 1 });
    expect(press("ArrowRight", 2)).toBeUndefined();
    expect(press("Enter", 2)).toEqual({ choose: true });
    expect(["+", "-", "0", "x"].map((key) => press(key, 2))).toEqual([
      { zoom: 2 },
      { zoom: 0.5 },
      { zoom: 0 },
      undefined,
    ]);
  });
});

describe("the part that is shown", () => {
  it("stays inside of the run, however it is moved and zoomed", () => {
    const step = fc.oneof(
      fc.record({ zoom: fc.double({ min: 0.1, max: 10, noNaN: true }) }),
      fc.record({ move: fc.double({ min: -2, max: 2, noNaN: true }) }),
    );
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 1, max: 1e7 }), (steps, end) => {
        let part = { from: 0, to: end };
        for (const next of steps) part = "zoom" in next ? zoomed(part, next.zoom, end) : moved(part, next.move, end);
        expect(part.from).toBeGreaterThanOrEqual(0);
        expect(part.to).toBeGreaterThan(part.from);
        expect(part.to).toBeLessThanOrEqual(end * (1 + 1e-9));
      }),
    );
  });
});

describe("a lane in words", () => {
  it("says what the picture shows", async () => {
    const timeline = await known();
    expect(sentenceOf(timeline, factsOf(timeline), 4, "ms")).toBe(
      "from 560 ms to 900 ms; not on the critical path; cut by impatient; queued 190 ms",
    );
    expect(sentenceOf(timeline, factsOf(timeline, "tokens"), 0, "tokens")).toBe(
      "from 0 steps to 138 steps; on the critical path for 77 steps; join waited for 2 (0/1.2); 86 of 174 prompt tokens cached",
    );
  });
});
