import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defineDialect } from "../../../src/core/dialects/dialect.ts";
import { apr, asyncthink, dcCot, npr, parallelR1, threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import type { Dialect } from "../../../src/core/dialects/schema.ts";
import { canRehearse, rehearse } from "../../../src/core/rehearsal/example.ts";
import { runs } from "../drive.ts";
import { cast } from "../scenarios.ts";
import { tidyText } from "../validation/support.ts";

const rehearsable = cast.filter(([, dialect]) => canRehearse(dialect));

describe("a replay of a finished text", () => {
  it("is possible where the text holds what every thread wrote", () => {
    const without = cast.filter(([, dialect]) => !canRehearse(dialect)).map(([name]) => name);
    // Results in place of the calls, the last round alone, and what the program planned.
    expect(without).toEqual(["apr", "pacore", "fork", "fork, combined"]);
    const endless = defineDialect({ ...threadweaver, thread: { ...threadweaver.thread, stop: [] } });
    expect(canRehearse(endless)).toBe(false);
    expect(canRehearse({ ...apr, trigger: { kind: "none" } })).toBe(false);
  });

  it.each(rehearsable)("gives every text of a model of %s again, with all its forks", (_, dialect, flavour) => {
    let forked = 0;
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const tidy = tidyText(dialect, flavour, seed);
        const { problem, forks, warnings, threads } = rehearse(dialect, tidy.text);
        expect(problem).toBeUndefined();
        expect(warnings).toEqual([]);
        expect(forks).toBe(tidy.forks);
        expect(threads.length).toBeGreaterThanOrEqual(forks);
        forked += forks;
      }),
      { numRuns: runs(120) },
    );
    expect(forked).toBeGreaterThan(5);
  });

  it("names the threads and what each was to do, at every level", () => {
    const inner = "<guideline>\n<plan>1.1: deep</plan>\n</guideline>\n<step>\n1.1: c</step>\n<takeaway>\nd</takeaway>";
    const text = `<guideline>\n<plan>1: one</plan>\n<plan>2: two</plan>\n</guideline>\n<step>\n1: a${inner}</step>\n<step>\n2: b</step>\n<takeaway>\ne</takeaway>.`;
    expect(rehearse(npr, text)).toEqual({
      forks: 2,
      threads: [
        { threadId: "0/1.1", name: "1", plan: "one" },
        { threadId: "0/1.2", name: "2", plan: "two" },
        { threadId: "0/1.1/1.1", name: "1.1", plan: "deep" },
      ],
      warnings: [],
      problem: undefined,
    });
  });

  const paths = (body: string) => `a<Parallel><Path>x</Path>${body}</Parallel>\n<Summary>s</Summary>end`;
  const fork = "<FORK-1>q</FORK-1> ";

  it.each<[what: string, dialect: Dialect, text: string, from: string, message: string | undefined]>([
    ["nothing", parallelR1, paths("<Path>y</Path>"), "", undefined],
    [
      "a header that is not there",
      parallelR1,
      paths("<Pfad>y</Path>"),
      "<Pfad>y",
      'the header of thread 2: expected "<Path>", found "<Pfad>y</Path></Parallel>\\n<Summary>s</S…"',
    ],
    [
      "a text that ends before its threads",
      parallelR1,
      "a<Parallel><Path>x</Path>",
      "",
      'the header of thread 2: expected "<Path>", found the end of the text',
    ],
    [
      "a thread without an end",
      dcCot,
      "<spawn_workers><worker_1>x<worker_2>y</worker_2><worker_3>z</worker_3></spawn_workers>",
      "x<worker_2>",
      "thread 1, which begins here, is never ended by </worker_1>",
    ],
    [
      "another tail of the join",
      parallelR1,
      paths("<Path>y</Path>").replace("\n<Summary>", "<Summary>"),
      "<Summary>s",
      'what the run gives: expected "\\n<Summary>", found "<Summary>s</Summary>end"',
    ],
    [
      "no header after the token that follows a thread",
      npr,
      "<guideline><plan>1: a</plan><plan>2: b</plan></guideline>\n<step>\n1: x</step>\n<stage>\n2: y</step>",
      "\n<stage>",
      'after thread 1: expected "<step>\\n2:", found "\\n<stage>\\n2: y</step>"',
    ],
    [
      "text after the end of a run",
      { ...dcCot, limits: { ...dcCot.limits, forks: 0 } },
      "a<spawn_workers><worker_1>",
      "<worker_1>",
      'the run has ended: expected no more text, found "<worker_1>"',
    ],
    ["a result that stands where the text waits", asyncthink, `${fork}<JOIN-1>7</JOIN-1>.`, "", undefined],
    [
      "no result there",
      asyncthink,
      `${fork}<JOIN-1>7.`,
      "7.",
      'the result of thread 1: expected one that ends with "</JOIN-1>", found "7."',
    ],
    [
      "a result that is not what the function makes of it",
      { ...asyncthink, functions: { returned: ({ text }) => text.trim() } },
      `${fork}<JOIN-1> 7</JOIN-1>.`,
      " 7</JOIN-1>.",
      'what the run gives: expected "7</JOIN-1>", found " 7</JOIN-1>."',
    ],
  ])("says where and how the two part: %s", (_, dialect, text, from, message) => {
    const { problem } = rehearse(dialect, text);
    expect(problem?.message).toBe(message);
    if (problem !== undefined) expect(text.slice(problem.at)).toMatch(from === "" ? /^$/ : /./);
    if (problem !== undefined && from !== "") expect(text.slice(problem.at).startsWith(from)).toBe(true);
  });

  it("takes a thread without a result for one that failed", () => {
    const each = { some: "[{return}]</JOIN-{id}>", none: "none</JOIN-{id}>" };
    const dialect: Dialect = { ...asyncthink, join: { shape: "fill", each } };
    const { problem, warnings } = rehearse(dialect, `${fork}<JOIN-1>none</JOIN-1>.`);
    expect(problem).toBeUndefined();
    expect(warnings.map(({ code }) => code)).toEqual(["thread-failed"]);
    expect(rehearse(dialect, `${fork}<JOIN-1>[7]</JOIN-1>.`).warnings).toEqual([]);
  });
});
