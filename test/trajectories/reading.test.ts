import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { npr, threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { readNeeds } from "../../src/trajectories/dependencies/read.ts";
import { checkSteps } from "../../src/trajectories/steps/check.ts";
import { readSteps } from "../../src/trajectories/steps/read.ts";
import { numberedLines, readNumbered } from "../../src/trajectories/trace/numbered.ts";
import { readTrace } from "../../src/trajectories/trace/read.ts";
import { runs } from "../core/drive.ts";
import { lines, stepsOf } from "./sources.ts";

const codes = (faults: readonly { code: string }[]) => faults.map(({ code }) => code);

describe("a trace", () => {
  it("comes back from its numbered lines, whatever they are", () => {
    fc.assert(
      fc.property(lines, (all) => {
        expect(readNumbered(numberedLines({ lines: all })).value).toEqual(all);
      }),
      { numRuns: runs(200) },
    );
  });

  it("is refused by line where a number is missing or wrong", () => {
    const { faults } = readNumbered("L1: a\nb\nL4: c");
    expect(faults.map((fault) => fault.lines?.first)).toEqual([2, 3]);
    expect(readNumbered("L1: a\nL2:\nL3: c").value).toEqual(["a", "", "c"]);
  });

  const read = (text: string) => readTrace(text, { dialect: threadweaver });

  it.each([
    ["", "empty"],
    ["<think>\n \n</think>\\boxed{1}", "empty"],
    ["<think>\nfirst", "unfinished"],
    ["a\nb <Thread> \\boxed{1}", "format-tags"],
    ["<think>\na\n</think>\n</think>\n\\boxed{1}", "format-tags"],
    ["<think>\na\n</think>\n<Parallel> \\boxed{1}", "format-tags"],
    ["a\n<guideline> \\boxed{1}", "other-layout"],
    ["I do not know.", "no-answer"],
    ["so \\boxed{1", "no-answer"],
  ])("%j is set aside as %s", (text, code) => {
    expect(codes(read(text).faults)).toEqual([code]);
  });

  it("has what stands between the marks of thinking, or all", () => {
    expect(read("<think>\na\nb\n</think>\n\n\\boxed{1}").value).toMatchObject({ lines: ["a", "b"], answer: "1" });
    expect(read("a\n\\boxed{1}").value?.lines).toEqual(["a", "\\boxed{1}"]);
    expect(read("a\n</think>\\boxed{1}").value?.lines).toEqual(["a"]);
    expect(readTrace("a\nthe <Thread> 5", { dialect: npr }).faults[0]?.message).toMatch(/^Line 2 .*another format/);
    expect(readTrace("a 5", { dialect: npr, answer: "lastNumber" }).value?.answer).toBe("5");
  });
});

/** A text of so many lines. */
const textOf = (count: number) => ({ lines: Array.from({ length: count }, (_, n) => `line ${n + 1}`) });

describe("steps", () => {
  const step = fc.tuple(fc.integer({ min: -1, max: 9 }), fc.integer({ min: -1, max: 9 }));

  it("are accepted exactly when they tile the lines", () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 4 }), fc.integer({ min: 1, max: 7 }), (ranges, count) => {
        const steps = ranges.map(([first, last]) => ({ title: "t", first, last }));
        const covered = ranges.flatMap(([first, last]) =>
          Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i),
        );
        const all = Array.from({ length: count }, (_, i) => i + 1);
        const isTiled = ranges.every(([first, last]) => first <= last) && covered.join() === all.join();
        expect(checkSteps(steps, count).length === 0).toBe(isTiled);
        if (isTiled) accepted += 1;
      }),
      {
        numRuns: runs(3000),
        examples: [
          [
            [
              [1, 2],
              [3, 3],
            ],
            3,
          ],
        ],
      },
    );
    expect(accepted).toBeGreaterThan(0);
  });

  it("that are broken in one way are refused with that fault at its place", () => {
    const cuts = fc.array(fc.boolean(), { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 60 }), cuts, fc.nat(), (count, where, chance) => {
        const steps = stepsOf(count, where);
        fc.pre(steps.length > 1);
        const n = chance % steps.length;
        const one = steps[n]!;
        const lines = { first: one.first, last: one.last };
        expect(checkSteps(steps.toSpliced(n, 1), count)).toMatchObject([{ code: "gap", lines }]);
        const doubled = checkSteps(steps.toSpliced(n, 0, one), count);
        expect(doubled).toMatchObject([{ code: "overlap", lines, item: n + 2 }]);
        const [a, b] = [steps[n]!, steps[(n + 1) % steps.length]!];
        const swapped = steps.with(n, b).with((n + 1) % steps.length, a);
        expect(new Set(codes(checkSteps(swapped, count)))).toEqual(new Set(["order"]));
        const beyond = steps.with(steps.length - 1, { ...steps.at(-1)!, last: count + 1 });
        expect(codes(checkSteps(beyond, count))).toContain("out-of-range");
      }),
      { numRuns: runs(200) },
    );
  });

  it("are read from prose, fences, an object, and lines in several forms", () => {
    const list = '[{"title":"a","lines":[1,2]},{"title":"b [see L1]","lines":"L3-L4"},{"title":"c","lines":"5"}]';
    const wanted = [
      { title: "a", first: 1, last: 2 },
      { title: "b [see L1]", first: 3, last: 4 },
      { title: "c", first: 5, last: 5 },
    ];
    for (const reply of [
      list,
      `Sure! [Here] they are:\n\`\`\`json\n${list}\n\`\`\`\nAnything else?`,
      `{"steps": ${list}}`,
      `${list}\nLines in no step: []`,
      `The form was [{"title":"…","lines":[1,1]}]. Mine:\n${list}`,
    ]) {
      expect(readSteps(reply, textOf(5)).value).toEqual(wanted);
    }
  });

  it.each([
    ["I cannot do that.", "no-json"],
    ['[{"title":"a","lines":[1,2]},', "no-json"],
    ['[{"title":"a "quoted" one","lines":[1,2]}]', "no-json"],
    ['[{"title":"a"}]', "shape"],
    ['[{"title":"a","lines":"all"}]', "shape"],
    ["[]", "none"],
    ['[{"title":"a","lines":[3,1]}]', "reversed"],
  ])("%j is refused as %s", (reply, code) => {
    expect(codes(readSteps(reply, textOf(3)).faults)).toContain(code);
  });

  it("have the empty lines that a model left out: those before them at the beginning, else those after them", () => {
    const lines = ["", "a", " ", "", "b", "c", ""];
    const read = (list: string) => readSteps(list, { lines });
    expect(read('[{"title":"a","lines":"L2"},{"title":"b","lines":"L5-L6"}]').value).toEqual([
      { title: "a", first: 1, last: 4 },
      { title: "b", first: 5, last: 7 },
    ]);
    expect(codes(read('[{"title":"a","lines":"L2"},{"title":"c","lines":"L6"}]').faults)).toEqual(["gap"]);
  });

  it("are looked for in bounded time, whatever the answer is", () => {
    expect(codes(readSteps('[{"'.repeat(50_000), textOf(3)).faults)).toEqual(["no-json"]);
  });
});

describe("needs", () => {
  it("are read with every step once", () => {
    const reply = '[{"step":"S2","needs":["S1",1]},{"step":1,"needs":[]},{"step":3,"needs":[2,1]}]';
    expect(readNeeds(reply, 3).value).toEqual([[], [1], [1, 2]]);
  });

  it.each([
    ['[{"step":1,"needs":[]},{"step":2,"needs":[3]}]', ["unknown"]],
    ['[{"step":1,"needs":[2]},{"step":2,"needs":[1]}]', ["later"]],
    ['[{"step":1,"needs":[1]},{"step":2,"needs":[]}]', ["later"]],
    ['[{"step":1,"needs":[]}]', ["missing"]],
    ['[{"step":1,"needs":[]},{"step":1,"needs":[]},{"step":2,"needs":[]}]', ["repeated"]],
    ['[{"step":1,"needs":[]},{"step":2,"needs":[]},{"step":7,"needs":[]}]', ["unknown"]],
  ])("%s is refused", (reply, wanted) => {
    expect(codes(readNeeds(reply, 2).faults)).toEqual(wanted);
  });

  it("that are accepted have no circles: each step needs earlier ones only", () => {
    const graph = fc.array(fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 3 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(graph, (all) => {
        const reply = JSON.stringify(all.map((needs, i) => ({ step: i + 1, needs })));
        const { value, faults } = readNeeds(reply, all.length);
        const isSound = all.every((needs, i) => needs.every((step) => step >= 1 && step <= i));
        expect(value !== undefined).toBe(isSound);
        if (!isSound) expect(faults.every(({ item }) => item !== undefined)).toBe(true);
      }),
      { numRuns: runs(300) },
    );
  });
});
