import { describe, expect, it } from "vitest";
import { sequential } from "../../../src/core/dialects/dialect.ts";
import {
  apr,
  npr,
  parallelR1,
  threadweaver,
  threadweaverConclusion,
} from "../../../src/core/dialects/bundled/index.ts";
import { path, textOf } from "../../../src/core/trie/path.ts";
import { segmentOf } from "../../../src/core/trie/trie.ts";
import { completesOf, play, type Line, type Played } from "../play.ts";
import { plan, two, endingOf, threadEndings } from "./support.ts";

describe("threadweaver", () => {
  it("prompts each thread with its own header and splices all but the first without a line feed", () => {
    const played = play(threadweaver, {
      "0": [`think\n${two}`, "</Parallel>\nso 3"],
      "0/1.1": [" one.\n</Thread>"],
      "0/1.2": [" two.\n</Thread>"],
    });
    expect(played.contexts).toEqual({
      "0#0": "Q\n",
      "0/1.1#0": `Q\nthink\n${two}\n<Thread>\n1:`,
      "0/1.2#0": `Q\nthink\n${two}\n<Thread>\n2:`,
      "0#1": `Q\nthink\n${two}\n<Thread>\n1: one.\n</Thread><Thread>\n2: two.\n</Thread>\n`,
    });
    expect(played.text).toBe(
      `Q\nthink\n${two}\n<Thread>\n1: one.\n</Thread><Thread>\n2: two.\n</Thread>\n</Parallel>\nso 3`,
    );
    expect(endingOf(played)).toEqual({ kind: "eos" });
    expect(played.warnings).toEqual([]);
  });

  it("limits no call where nothing is limited, and gives main no name", () => {
    const played = play(threadweaver, { "0": [two, "."], "0/1.1": ["x</Thread>"], "0/1.2": ["y</Thread>"] });
    expect(completesOf(played.effects).map(({ maxTokens }) => maxTokens)).toEqual(Array(4).fill(undefined));
    expect(played.state.sequences.map(({ name, captures }) => [name, captures])).toEqual([
      ["", {}],
      ["1", { id: "1", index: "1" }],
      ["2", { id: "2", index: "2" }],
    ]);
  });

  it("tells of forks, endings, joins and the end, in that order", () => {
    const played = play(threadweaver, { "0": [two, "."], "0/1.1": ["x</Thread>"], "0/1.2": ["y</Thread>"] });
    expect(played.effects.map(({ e }) => e)).toEqual([
      "complete",
      "fork",
      "complete",
      "complete",
      "thread-end",
      "thread-end",
      "join",
      "complete",
      "finish",
    ]);
  });

  it("is told where to stop: at the marker of a fork in main, at that of its end in a thread", () => {
    const played = play(threadweaver, { "0": [two, "."], "0/1.1": ["x</Thread>"], "0/1.2": ["y</Thread>"] });
    expect(completesOf(played.effects).map(({ stops, role, threadId }) => [threadId, role, stops])).toEqual([
      ["0", "body", ["</Outlines>"]],
      ["0/1.1", "body", ["</Thread>"]],
      ["0/1.2", "body", ["</Thread>"]],
      ["0", "body", ["</Outlines>"]],
    ]);
  });

  it("takes a nested plan in a thread for text", () => {
    const played = play(threadweaver, {
      "0": [two, "."],
      "0/1.1": [` ${two}</Thread>`],
      "0/1.2": ["y</Thread>"],
    });
    expect(played.text).toContain(`1: ${two}</Thread>`);
    expect(played.state.forks).toHaveLength(1);
  });

  it("forks again and again, and looks for each plan behind the last join", () => {
    const played = play(threadweaver, {
      "0": [plan("1: a"), `</Parallel>${plan("7: b")}`, "</Outlines>", "end"],
      "0/1.1": ["x</Thread>"],
      "0/2.1": ["y</Thread>"],
    });
    expect(played.contexts["0/2.1#0"]).toMatch(/\n<Thread>\n7:$/);
    // The old plan is not run again at a stray marker.
    expect(played.codes).toEqual(["plan-gap", "plan-without-opener", "plan-empty"]);
    expect(played.state.forks.map(({ forkId }) => forkId)).toEqual(["0/1", "0/2"]);
    expect(endingOf(played)).toEqual({ kind: "eos" });
  });

  it("finds no plan in the prompt", () => {
    const played = play(threadweaver, { "0": ["</Outlines>", "end"] }, { prompt: `${two}\n` });
    expect(played.codes).toEqual(["plan-without-opener", "plan-empty"]);
    expect(played.warnings[0]).toEqual({
      code: "plan-without-opener",
      message: "a plan ended, but there is no <Outlines> before it",
      threadId: "0",
    });
    expect(played.contexts["0#1"]).toBe(`${two}\n</Outlines>`);
  });

  it("goes on without threads behind an empty plan, and keeps what it wrote for the next one", () => {
    const played = play(threadweaver, {
      "0": ["<Outlines></Outlines>", `<Outline>1: a</Outline></Outlines>`, "end"],
      "0/1.1": ["x</Thread>"],
    });
    expect(played.codes).toEqual(["plan-empty"]);
    expect(played.warnings[0]?.message).toBe("no item of the plan can be read, so no threads start");
    expect(played.contexts["0#1"]).toBe("Q\n<Outlines></Outlines>");
    expect(played.state.forks).toHaveLength(1);
  });

  it("runs a plan of one", () => {
    const played = play(threadweaver, { "0": [plan("1: a"), "."], "0/1.1": [" x</Thread>"] });
    expect(played.text).toBe(`Q\n${plan("1: a")}\n<Thread>\n1: x</Thread>\n.`);
  });

  it("runs hierarchical numbers as they stand, each once", () => {
    const played = play(threadweaver, {
      "0": [plan("1.1: a", "1.2: b", "1.1: c"), "."],
      "0/1.1": ["x</Thread>"],
      "0/1.2": ["y</Thread>"],
    });
    expect(played.text).toContain("\n<Thread>\n1.1:x</Thread><Thread>\n1.2:y</Thread>\n.");
    expect(played.codes).toEqual(["plan-duplicate"]);
  });

  it("runs 64 threads, and refuses 65 with a warning", () => {
    const lines = (n: number) => Array.from({ length: n }, (_, i) => `${i + 1}: x`);
    const bodies = Object.fromEntries(lines(64).map((_, i) => [`0/1.${i + 1}`, ["x</Thread>"]]));
    const full = play(threadweaver, { "0": [plan(...lines(64)), "."], ...bodies });
    expect(full.state.sequences).toHaveLength(65);
    expect(full.codes).toEqual([]);

    const refused = play(threadweaver, { "0": [plan(...lines(65)), "."] });
    expect(refused.warnings).toEqual([
      { code: "fork-refused", message: "a fork of 65 is over the limit of 64 threads per fork", threadId: "0" },
    ]);
    expect(refused.text).toBe(`Q\n${plan(...lines(65))}.`);
    expect(refused.effects.some(({ e }) => e === "fork")).toBe(false);
  });

  it("refuses a fork beyond the limit of forks, and one of too many threads, and goes on", () => {
    const played = play(
      threadweaver,
      { "0": [plan("1: a"), two, plan("1: a"), "end"], "0/1.1": ["x</Thread>"] },
      { limits: { forks: 1, threads: 1 } },
    );
    expect(played.warnings.map(({ message }) => message)).toEqual([
      "a fork of 2 is over the limit of 1 threads per fork",
      "a fork of 1 is over the limit of 1 forks per run",
    ]);
    expect(endingOf(played)).toEqual({ kind: "eos" });
  });

  it("lets the others finish when a thread writes its end of sequence, closes the block and ends", () => {
    const played = play(threadweaver, { "0": [two], "0/1.1": [" one"], "0/1.2": [" two</Thread>"] });
    expect(played.text).toBe(`Q\n${two}\n<Thread>\n1: one\n</Thread><Thread>\n2: two</Thread>\n</Parallel>`);
    expect(endingOf(played)).toEqual({ kind: "eos", threadId: "0/1.1" });
    expect(played.warnings).toEqual([
      { code: "thread-ended-run", message: "thread 1 ended by eos: the text ends after the join", threadId: "0" },
    ]);
  });

  it("ends also where a thread has no room left, and names the first such thread", () => {
    const played = play(threadweaver, {
      "0": [two],
      "0/1.1": [{ write: " one", fate: "cut" }],
      "0/1.2": [{ write: " two", fate: "length" }],
    });
    expect(endingOf(played)).toEqual({ kind: "length", limit: "context", threadId: "0/1.2" });
    expect(played.text).toMatch(/1: one\n<\/Thread><Thread>\n2: two\n<\/Thread>\n<\/Parallel>$/);
  });

  it("closes a thread that was cut or that failed, and goes on", () => {
    const played = play(threadweaver, {
      "0": [two, "."],
      "0/1.1": [{ write: " one", fate: "cut" }],
      "0/1.2": [{ write: " two", fate: "failed" }],
    });
    expect(played.text).toMatch(/1: one\n<\/Thread><Thread>\n2: two\n<\/Thread>\n\.$/);
    expect(threadEndings(played)).toEqual([
      ["0/1.1", { kind: "cut", by: "user" }],
      ["0/1.2", { kind: "failed", message: "scripted" }],
    ]);
    expect(endingOf(played)).toEqual({ kind: "eos" });
    expect(played.warnings).toEqual([
      { code: "thread-cut", message: "thread 1 was cut (user)", threadId: "0/1.1" },
      { code: "thread-failed", message: "thread 2 failed: scripted", threadId: "0/1.2" },
    ]);
  });

  it("ends with main, however that ends", () => {
    expect(endingOf(play(threadweaver, { "0": [{ write: "a", fate: "length" }] }))).toEqual({
      kind: "length",
      limit: "context",
    });
    expect(endingOf(play(threadweaver, { "0": [{ write: "a", fate: "failed" }] }))).toEqual({
      kind: "failed",
      message: "scripted",
    });
    expect(endingOf(play(threadweaver, { "0": [{ write: "a", fate: "cut" }] }))).toEqual({ kind: "cut", by: "user" });
  });

  it("keeps the end of sequence of main, which is its last token, and drops that of a thread", () => {
    const played = play(threadweaver, { "0": [two], "0/1.1": ["x"], "0/1.2": ["y</Thread>"] });
    const thread = segmentOf(played.state.trie, played.state.calls[1]?.segment ?? 0);
    expect(thread).toMatchObject({ maker: { by: "model" }, context: 1, sampled: 2 });
    expect(thread.pieces).toHaveLength(2);
    const main = play(threadweaver, { "0": ["x"] });
    expect(path(main.state.trie, main.state.sequences[0]?.head ?? { segment: 0, n: 0 })).toHaveLength(3);
  });

  it("has its conclusion asked for in the older mode", () => {
    const lines = (last: string): Record<string, Line[]> => ({
      "0": [two, "c</Conclusion>\n</Parallel>"],
      "0/1.1": ["x</Thread>"],
      "0/1.2": [last],
    });
    expect(play(threadweaverConclusion, lines("y</Thread>")).contexts["0#1"]).toMatch(/2:y<\/Thread>\n<Conclusion>\n$/);
    expect(play(threadweaverConclusion, lines("y")).text).toMatch(
      /2:y\n<\/Thread>\n<Conclusion>\n<\/Conclusion>\n<\/Parallel>$/,
    );
  });

  it("writes everything in one sequence when it is sequential", () => {
    const text = `${two}\n<Thread>\n1: x</Thread>`;
    const played = play(sequential(threadweaver), { "0": [text] });
    expect(played.text).toBe(`Q\n${text}`);
    expect(completesOf(played.effects)[0]?.stops).toEqual([]);
  });
});

describe("what a call extends", () => {
  const hints = (played: Played) =>
    completesOf(played.effects).map(({ threadId, callIndex, from }) => [
      `${threadId}#${callIndex}`,
      from === undefined ? undefined : textOf(path(played.state.trie, from.shared)),
      from?.call,
    ]);

  it("is its parent's call for a thread, and the first thread's for what follows the join", () => {
    const played = play(threadweaver, {
      "0": [two, "</Outlines>", "."],
      "0/1.1": ["x</Thread>"],
      "0/1.2": ["y</Thread>"],
    });
    expect(hints(played)).toEqual([
      ["0#0", undefined, undefined],
      ["0/1.1#0", `Q\n${two}`, 0],
      ["0/1.2#0", `Q\n${two}`, 0],
      ["0#1", `Q\n${two}\n<Thread>\n1:x</Thread>`, 1],
      ["0#2", `Q\n${two}\n<Thread>\n1:x</Thread><Thread>\n2:y</Thread>\n</Outlines>`, 3],
    ]);
  });

  it("does not reach over an end of sequence that was dropped", () => {
    const played = play(parallelR1, {
      "0": ["<Parallel>", "s</Summary>", "."],
      "0/1.1": ["x"],
      "0/1.2": ["y</Path>"],
    });
    expect(hints(played).at(3)).toEqual(["0#1", "Q\n<Parallel><Path>x", 1]);
    const from = completesOf(played.effects)[3]?.from;
    expect(from?.shared.n).toBe(1);
  });

  it("is main's own call where the first thread is spliced with another header than it was prompted with", () => {
    const header = { prompt: "\n<Thread>\n{id}:", first: "<Thread>\n{id}:", rest: "<Thread>\n{id}:" };
    const played = play(
      { ...threadweaver, context: { kind: "prefix", header } },
      { "0": [two, "."], "0/1.1": ["x</Thread>"], "0/1.2": ["y</Thread>"] },
    );
    expect(hints(played).at(-1)).toEqual(["0#1", `Q\n${two}`, 0]);
    expect(played.text).toBe(`Q\n${two}<Thread>\n1:x</Thread><Thread>\n2:y</Thread>\n.`);
  });

  it("is nothing for a fresh context, and only what is left of it for a text that was rewritten", () => {
    const played = play(
      apr,
      {
        "0": [
          "a\n<Calling Sub Searches>\n<Start Sub Search 0 at level 1> Moving to Node #0\n<End Calling Sub Searches>",
          "",
        ],
        "0/1.1": ["b"],
      },
      { prompt: "Moving to Node #0\nCurrent State: 3:[1], Operations: []", markers: [] },
    );
    expect(hints(played).slice(1)).toEqual([
      ["0/1.1#0", undefined, undefined],
      ["0#1", "Moving to Node #0\nCurrent State: 3:[1], Operations: []a\n", 0],
    ]);
  });

  it("never names a call that was not made", () => {
    const played = play(
      { ...npr, limits: {} },
      { "0": ["<guideline><plan>1:</plan></guideline>", "."], "0/1.1": ["x</step>"] },
      { limits: { threadTokens: 2 } },
    );
    const asked = new Set(completesOf(played.effects).map(({ call }) => call));
    expect(asked.has(2)).toBe(false); // the tail, for which nothing was left
    expect(completesOf(played.effects).at(-1)?.from?.call).toBe(1);
  });
});
