import { describe, expect, it } from "vitest";
import { defineDialect, sequential, type Dialect, type DialectInput } from "../../src/core/dialect.ts";
import {
  apr,
  asyncthink,
  npr,
  parallelR1,
  threadweaver,
  threadweaverConclusion,
} from "../../src/core/dialects/index.ts";
import { countTokens } from "../../src/core/latency.ts";
import { step } from "../../src/core/machine.ts";
import { createState, type Effect, type Input, type State } from "../../src/core/state.ts";
import { owners, path, segmentOf, textOf } from "../../src/core/trie.ts";
import { completesOf, play, type Line, type Played } from "./play.ts";

const plan = (...lines: string[]) =>
  `<Parallel>\n<Outlines>\n${lines.map((l) => `<Outline>${l}</Outline>\n`).join("")}</Outlines>`;
const two = plan("1: a", "2: b");

/** The pieces of a text, one for each character. */
const typed = (text: string): string[] => text.split("");

/** A chance that falls on `k` wherever it can: the k-th call goes first, k + 1 pieces come at once. */
const at = (k: number) => (n: number) => Math.min(k, n - 1);

const endingOf = ({ state }: Played) => state.ending;
const threadEndings = ({ state }: Played) => state.sequences.slice(1).map(({ place, ending }) => [place, ending]);

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
    expect(completesOf(played.effects).map(({ stops, role, place }) => [place, role, stops])).toEqual([
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
    expect(played.state.forks.map(({ place }) => place)).toEqual(["0/1", "0/2"]);
    expect(endingOf(played)).toEqual({ kind: "eos" });
  });

  it("finds no plan in the prompt", () => {
    const played = play(threadweaver, { "0": ["</Outlines>", "end"] }, { prompt: `${two}\n` });
    expect(played.codes).toEqual(["plan-without-opener", "plan-empty"]);
    expect(played.warnings[0]).toEqual({
      code: "plan-without-opener",
      message: "a plan ended that no <Outlines> began",
      place: "0",
    });
    expect(played.contexts["0#1"]).toBe(`${two}\n</Outlines>`);
  });

  it("goes on without threads behind an empty plan, and keeps what it wrote for the next one", () => {
    const played = play(threadweaver, {
      "0": ["<Outlines></Outlines>", `<Outline>1: a</Outline></Outlines>`, "end"],
      "0/1.1": ["x</Thread>"],
    });
    expect(played.codes).toEqual(["plan-empty"]);
    expect(played.warnings[0]?.message).toBe("a plan without a readable item: no threads");
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
      { code: "fork-refused", message: "a fork of 65 is over the limit of 64 threads a fork", place: "0" },
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
      "a fork of 2 is over the limit of 1 threads a fork",
      "a fork of 1 is over the limit of 1 forks a run",
    ]);
    expect(endingOf(played)).toEqual({ kind: "eos" });
  });

  it("lets the others finish when a thread writes its end of sequence, closes the block and ends", () => {
    const played = play(threadweaver, { "0": [two], "0/1.1": [" one"], "0/1.2": [" two</Thread>"] });
    expect(played.text).toBe(`Q\n${two}\n<Thread>\n1: one\n</Thread><Thread>\n2: two</Thread>\n</Parallel>`);
    expect(endingOf(played)).toEqual({ kind: "eos", thread: "0/1.1" });
    expect(played.warnings).toEqual([
      { code: "thread-ended-run", message: "thread 1 ended by eos: the text ends behind the join", place: "0" },
    ]);
  });

  it("ends also where a thread has no room left, and names the first such thread", () => {
    const played = play(threadweaver, {
      "0": [two],
      "0/1.1": [{ write: " one", fate: "cut" }],
      "0/1.2": [{ write: " two", fate: "length" }],
    });
    expect(endingOf(played)).toEqual({ kind: "length", limit: "context", thread: "0/1.2" });
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
    expect(played.codes).toEqual([]);
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
    expect(thread).toMatchObject({ maker: { by: "model" }, kept: 1 });
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
    completesOf(played.effects).map(({ place, ordinal, from }) => [
      `${place}#${ordinal}`,
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

describe("parallel-r1", () => {
  it("runs two attempts from the same prompt, then a summary", () => {
    const played = play(parallelR1, {
      "0": ["a<Parallel>", "sum</Summary>", "end"],
      "0/1.1": ["x</Path>"],
      "0/1.2": ["y</Path>"],
    });
    expect(played.contexts["0/1.1#0"]).toBe("Q\na<Parallel><Path>");
    expect(played.contexts["0/1.2#0"]).toBe("Q\na<Parallel><Path>");
    expect(played.contexts["0#1"]).toBe("Q\na<Parallel><Path>x</Path><Path>y</Path></Parallel>\n<Summary>");
    expect(played.text).toBe("Q\na<Parallel><Path>x</Path><Path>y</Path></Parallel>\n<Summary>sum</Summary>end");
    expect(completesOf(played.effects).map(({ role, stops, sampling }) => [role, stops, sampling])).toEqual([
      ["body", ["<Parallel>"], undefined],
      ["body", ["</Path>"], { temperature: 1 }],
      ["body", ["</Path>"], { temperature: 1 }],
      ["after", ["</Summary>"], undefined],
      ["body", ["<Parallel>"], undefined],
    ]);
  });

  it.each([
    ["a summary that ends the sequence is closed and main goes on", "sum", "sum</Summary>."],
    ["so is one without room", { write: "sum", fate: "length" as const }, "sum</Summary>."],
  ])("%s", (_, summary, end) => {
    const played = play(parallelR1, {
      "0": ["<Parallel>", summary, "."],
      "0/1.1": ["x</Path>"],
      "0/1.2": ["y"],
    });
    expect(played.text).toBe(`Q\n<Parallel><Path>x</Path><Path>y</Path></Parallel>\n<Summary>${end}`);
    expect(endingOf(played)).toEqual({ kind: "eos" });
  });

  it("a summary that breaks off ends the run as it is", () => {
    const played = play(parallelR1, {
      "0": ["<Parallel>", { write: "sum", fate: "failed" }],
      "0/1.1": ["x</Path>"],
      "0/1.2": ["y</Path>"],
    });
    expect(played.text).toMatch(/<Summary>sum$/);
    expect(endingOf(played)).toEqual({ kind: "failed", message: "scripted" });
  });

  it("runs four blocks and refuses the fifth", () => {
    const block = ["<Parallel>", "s</Summary>"];
    const paths = Object.fromEntries(
      [1, 2, 3, 4].flatMap((k) => [1, 2].map((i) => [`0/${k}.${i}`, ["x</Path>"]] as const)),
    );
    const played = play(parallelR1, { "0": [...block, ...block, ...block, ...block, "<Parallel>", "."], ...paths });
    expect(played.warnings.map(({ message }) => message)).toEqual(["a fork of 2 is over the limit of 4 forks a run"]);
    expect(played.text).toMatch(/<\/Summary><Parallel>\.$/);
  });

  it("a run's own limits win over the format's", () => {
    const played = play(parallelR1, { "0": ["<Parallel>", "."] }, { limits: { forks: 0 } });
    expect(played.codes).toEqual(["fork-refused"]);
  });
});

describe("npr", () => {
  const guide = (...ids: string[]) => `<guideline>\n${ids.map((id) => `<plan>${id}: a</plan>\n`).join("")}</guideline>`;

  it("keeps one token behind a thread's close, and none if that is the end of sequence", () => {
    const played = play(npr, {
      "0": [guide("1", "2"), "t</takeaway>."],
      "0/1.1": ["x</step>", "\n"],
      "0/1.2": ["y</step>", ""],
    });
    expect(played.contexts["0/1.1#1"]).toBe(`Q\n${guide("1", "2")}\n<step>\n1:x</step>`);
    expect(played.contexts["0#1"]).toBe(`Q\n${guide("1", "2")}\n<step>\n1:x</step>\n<step>\n2:y</step><takeaway>\n`);
    const tails = completesOf(played.effects).filter(({ role }) => role === "tail");
    expect(tails.map(({ maxTokens, stops, sampling, ordinal }) => [maxTokens, stops, sampling, ordinal])).toEqual([
      [1, [], { repetitionPenalty: 1.02 }, 1],
      [1, [], { repetitionPenalty: 1.02 }, 1],
    ]);
    expect(threadEndings(played)).toEqual([
      ["0/1.1", { kind: "marker", marker: "</step>" }],
      ["0/1.2", { kind: "marker", marker: "</step>" }],
    ]);
  });

  it("keeps nothing of a tail that is cut or fails before its token", () => {
    const played = play(npr, {
      "0": [guide("1", "2"), "."],
      "0/1.1": ["x</step>", { write: "", fate: "cut" }],
      "0/1.2": ["y</step>", { write: "", fate: "failed" }],
    });
    expect(played.contexts["0#1"]).toMatch(/1:x<\/step><step>\n2:y<\/step><takeaway>\n$/);
    expect(threadEndings(played).map(([, ending]) => ending)).toEqual([
      { kind: "marker", marker: "</step>" },
      { kind: "marker", marker: "</step>" },
    ]);
  });

  it("lets a step fork again, and joins innermost first", () => {
    const played = play(npr, {
      "0": [guide("1", "2"), "t</takeaway>"],
      "0/1.1": [`p${guide("1.1", "1.2")}`, "u</takeaway>v</step>", "\n"],
      "0/1.1/1.1": ["q</step>", "\n"],
      "0/1.1/1.2": ["r</step>", "\n"],
      "0/1.2": ["w</step>", "\n"],
    });
    expect(played.contexts["0/1.1/1.2#0"]).toBe(
      `Q\n${guide("1", "2")}\n<step>\n1:p${guide("1.1", "1.2")}\n<step>\n1.2:`,
    );
    expect(played.contexts["0/1.1#1"]).toMatch(/1\.1:q<\/step>\n<step>\n1\.2:r<\/step>\n<takeaway>\n$/);
    expect(played.text).toBe(
      `Q\n${guide("1", "2")}\n<step>\n1:p${guide("1.1", "1.2")}\n<step>\n1.1:q</step>\n<step>\n1.2:r</step>\n<takeaway>\n` +
        "u</takeaway>v</step>\n<step>\n2:w</step>\n<takeaway>\nt</takeaway>",
    );
    expect(played.state.sequences.map(({ place, depth, calls }) => [place, depth, calls])).toEqual([
      ["0", 0, 2],
      ["0/1.1", 1, 3],
      ["0/1.2", 1, 2],
      ["0/1.1/1.1", 2, 2],
      ["0/1.1/1.2", 2, 2],
    ]);
  });

  it("closes steps that end in any other way, and goes on", () => {
    const played = play(npr, {
      "0": [guide("1", "2", "3", "4", "5"), "."],
      "0/1.1": ["a"],
      "0/1.2": [{ write: "b", fate: "length" }],
      "0/1.3": [{ write: "c", fate: "cut" }],
      "0/1.4": [{ write: "d", fate: "failed" }],
      "0/1.5": ["e</guideline>"],
    });
    const closed = ["a", "b", "c", "d", "e</guideline>"].map((body, i) => `<step>\n${i + 1}:${body}\n</step>\n`);
    expect(played.contexts["0#1"]).toBe(`Q\n${guide("1", "2", "3", "4", "5")}\n${closed.join("")}<takeaway>\n`);
    expect(threadEndings(played).map(([, ending]) => ending)).toEqual([
      { kind: "eos" },
      { kind: "length", limit: "context" },
      { kind: "cut", by: "user" },
      { kind: "failed", message: "scripted" },
      { kind: "refused", limit: "plan" },
    ]);
    expect(played.codes).toEqual(["plan-without-opener", "plan-empty"]);
  });

  it("ends at an empty guideline", () => {
    const played = play(npr, { "0": ["<guideline></guideline>"] });
    expect(endingOf(played)).toEqual({ kind: "refused", limit: "plan" });
    expect(played.text).toBe("Q\n<guideline></guideline>");
  });

  it("refuses a sixth level and a sixth step, and decoding goes on", () => {
    const lines: Record<string, Line[]> = { "0": [guide("1"), "."] };
    let place = "0";
    for (let depth = 1; depth <= 4; depth += 1) {
      place += "/1.1";
      lines[place] = [guide("1"), "x</step>", "\n"];
    }
    lines[`${place}/1.1`] = [guide("1"), guide("1", "2", "3", "4", "5", "6"), "y</step>", "\n"];
    const played = play(npr, lines);
    expect(played.warnings.map(({ code, message, place: at }) => [code, message, at])).toEqual([
      ["fork-refused", "a fork of 1 is over the limit of 5 levels of threads", `${place}/1.1`],
      ["fork-refused", "a fork of 6 is over the limit of 5 threads a fork", `${place}/1.1`],
    ]);
    expect(played.text).toContain(`${guide("1")}${guide("1", "2", "3", "4", "5", "6")}y</step>\n<takeaway>\n`);
    expect(endingOf(played)).toEqual({ kind: "eos" });
  });
});

describe("apr", () => {
  const prompt = "Moving to Node #0\nCurrent State: 24:[4, 6], Operations: []";
  const call = (...ids: string[]) =>
    `<Calling Sub Searches>\n${ids.map((id, n) => `<Start Sub Search ${n} at level 1> Moving to Node #${id}\n`).join("")}<End Calling Sub Searches>`;
  const made = "\nGenerated Node #0,1: 24:[24] Operation: 4*6=24\n";
  const search = (lines: Record<string, Line[]>, more = {}) => play(apr, lines, { prompt, markers: [], ...more });

  it("puts results in the place of the call, and shows nothing else of the searches", () => {
    const played = search({
      "0": [`${made}${call("0,1", "0")}`, "done"],
      "0/1.1": ["\nx Goal Reached\nway Goal Reached\n"],
      "0/1.2": ["\nnothing"],
    });
    expect(played.contexts["0/1.1#0"]).toBe("Moving to Node #0,1\nCurrent State: 24:[24], Operations: ['4*6=24']");
    expect(played.text).toBe(
      `${prompt}${made}<Sub Searches>\n<Goal Reached in Sub Search 0 at level 1 at Node #0,1>\nway Goal Reached\n\n` +
        "<No Solution in Sub Search 1 at level 1 at Node #0>\n<End Sub Searches>\ndone",
    );
    expect(endingOf(played)).toEqual({ kind: "eos" });
    expect(played.codes).toEqual([]);
  });

  it("replaces a guarded marker wherever it begins in a piece, and goes on", () => {
    for (const head of ["", "ab", "x"]) {
      for (const write of [["a", "b<Sub ", "Searches>c"], typed("ab<Sub Searches>c"), ["ab<Sub Searches>c"]]) {
        const played = search({ "0": [[head, ...write].filter((w) => w !== ""), "end"] });
        expect(completesOf(played.effects).map(({ role }) => role)).toEqual(["body", "body"]);
        expect(played.contexts["0#1"]).toBe(`${prompt}${head}ab<Calling Sub Searches>`);
        expect(played.text).toBe(`${prompt}${head}ab<Calling Sub Searches>end`);
      }
    }
  });

  it("replaces a guard that is one token too, and sends it to nobody", () => {
    const played = search({ "0": ["ab<Sub Searches>c", "end"] }, { markers: ["<Sub Searches>"] });
    expect(played.text).toBe(`${prompt}ab<Calling Sub Searches>end`);
    expect(played.state.calls[0]).toMatchObject({ tokens: 3, surplus: 0, live: false });
    expect(segmentOf(played.state.trie, 1)).toMatchObject({ kept: 2 });
    expect(played.effects.some(({ e }) => e === "cancel")).toBe(false);
  });

  it("ends where the last line asks for nothing", () => {
    expect(search({ "0": [`${call("0")}\nso`] }).state.forks).toHaveLength(0);
    expect(endingOf(search({ "0": ["<End Calling Sub Searches>"] }))).toEqual({ kind: "eos" });
    expect(search({ "0": ["<End Calling Sub Searches>"] }).codes).toEqual(["plan-without-opener", "plan-empty"]);
  });

  it("asks also where something stands behind the marker on the last line, or where the text is cut in two calls", () => {
    expect(search({ "0": [`\n${call("0")} so`, "."], "0/1.1": [""] }).state.forks).toHaveLength(1);
    const guarded = search({
      "0": ["<Sub Searches>", `\n<Start Sub Search 0 at level 1> Moving to Node #0\n<End Calling Sub Searches>`, "."],
      "0/1.1": [""],
    });
    expect(guarded.state.forks).toHaveLength(1);
    expect(guarded.text).toBe(
      `${prompt}<Sub Searches>\n<No Solution in Sub Search 0 at level 1 at Node #0>\n<End Sub Searches>\n.`,
    );
  });

  it("makes no call for a node that nobody wrote down, and gives no solution for it", () => {
    const played = search({ "0": [call("9"), "."] });
    expect(played.warnings).toEqual([
      {
        code: "thread-not-started",
        message: "the plan says nothing from which thread 9 could start",
        place: "0/1.1",
      },
    ]);
    expect(threadEndings(played)).toEqual([["0/1.1", { kind: "refused", limit: "plan" }]]);
    expect(played.text).toContain("<No Solution in Sub Search 0 at level 1 at Node #9>\n");
    expect(completesOf(played.effects)).toHaveLength(2);
  });

  it("gives no solution for a search that failed or was cut, whatever it found", () => {
    const goals = "Goal Reached\nGoal Reached\n";
    const played = search({
      "0": [`${made}${call("0", "0,1")}`, "."],
      "0/1.1": [{ write: goals, fate: "failed" }],
      "0/1.2": [{ write: goals, fate: "cut" }],
    });
    expect(played.text.match(/No Solution/g)).toHaveLength(2);
    const long = search({ "0": [call("0"), "."], "0/1.1": [{ write: goals, fate: "length" }] });
    expect(long.text).toContain("<Goal Reached in Sub Search 0 at level 1 at Node #0>\nGoal Reached\n\n<End");
  });

  it("ends at a call of too many", () => {
    const played = search({ "0": [call("0", "1")] }, { limits: { threads: 1 } });
    expect(endingOf(played)).toEqual({ kind: "refused", limit: "threads" });
    expect(played.text).toBe(`${prompt}${call("0", "1")}`);
    const main = played.state.sequences[0]?.head ?? { segment: 0, n: 0 };
    expect(path(played.state.trie, main).at(-1)?.ids).toHaveLength(1); // the end of sequence is still there
  });

  it("replaces what stands behind the last opener only, and keeps all before it", () => {
    const played = search({ "0": [`a<Calling Sub Searches>b${call("0")}`, "."], "0/1.1": [""] });
    expect(played.text).toContain("a<Calling Sub Searches>b<Sub Searches>\n<No Solution");
  });

  it("cuts through a piece where the call begins in it", () => {
    const whole = call("0");
    const played = search({ "0": [["a\n", `b${whole.slice(0, 9)}`, whole.slice(9)], "."], "0/1.1": [""] });
    expect(played.text).toBe(
      `${prompt}a\nb<Sub Searches>\n<No Solution in Sub Search 0 at level 1 at Node #0>\n<End Sub Searches>\n.`,
    );
    const [, , next] = completesOf(played.effects);
    expect(next?.from?.call).toBe(0);
    expect(textOf(path(played.state.trie, next?.from?.shared ?? { segment: -1, n: 0 }))).toBe(`${prompt}a\n`);
    const cut = played.state.trie.segments.filter(({ maker }) => maker.by === "runtime" && maker.why === "cutPiece");
    expect(cut.map(({ pieces }) => pieces.map((p) => p.text))).toEqual([["b"]]);
  });

  it("finds the call by its token where it has one, and replaces from there on", () => {
    const opener = "<Calling Sub Searches>";
    const body = "<Start Sub Search 0 at level 1> Moving to Node #0\n";
    const played = search(
      { "0": [["a", opener, body, ...typed(opener), "\n<End Calling Sub Searches>"], "."], "0/1.1": [""] },
      { markers: [opener] },
    );
    expect(played.text).toBe(
      `${prompt}a<Sub Searches>\n<No Solution in Sub Search 0 at level 1 at Node #0>\n<End Sub Searches>\n.`,
    );
  });
});

describe("asyncthink", () => {
  const run = (lines: Record<string, Line[]>, more = {}) => play(asyncthink, lines, { markers: [], ...more });

  it("sends a worker off while main goes on, and joins where main asks", () => {
    const played = run({
      "0": ["a<FORK-1>odd</FORK-1>b<JOIN-1>", "c"],
      "0/1.1": ["x<RETURN>7</RETURN>y"],
    });
    expect(played.contexts).toEqual({
      "0#0": "Q\n",
      "0/1.1#0": "odd\n",
      "0#1": "Q\na<FORK-1>odd</FORK-1>b<JOIN-1>7</JOIN-1>",
    });
    expect(played.text).toBe("Q\na<FORK-1>odd</FORK-1>b<JOIN-1>7</JOIN-1>c");
    expect(played.codes).toEqual([]);
  });

  it("starts the worker behind the piece in which its fork is closed", () => {
    const played = run({ "0": [["a<FORK-1>odd</FO", "RK-1>b", "c"]], "0/1.1": ["x"] });
    const { effects, state } = played;
    expect(state.forks[0]?.at).toEqual({ segment: 1, n: 2 });
    expect(completesOf(effects).map(({ place, critical }) => [place, critical])).toEqual([
      ["0", 0],
      ["0/1.1", 2],
    ]);
  });

  it("cuts main right behind the join, also inside a piece, and counts what came after it as surplus", () => {
    const played = run(
      {
        "0": [["<FORK-1>a</FORK-1>", "<JOIN-1>b", "cd", "e"], "."],
        "0/1.1": ["x"],
      },
      { chance: at(3) },
    );
    expect(played.text).toBe("Q\n<FORK-1>a</FORK-1><JOIN-1>x</JOIN-1>.");
    expect(played.state.calls[0]).toMatchObject({ tokens: 2, surplus: 3 });
    const main = segmentOf(played.state.trie, 1);
    expect(main.pieces.map((p) => p.text)).toEqual(["<FORK-1>a</FORK-1>", "<JOIN-1>b", "cd", "e", ""]);
    expect(main.kept).toBe(1);
    expect(segmentOf(played.state.trie, 4)).toMatchObject({
      parent: { segment: 1, n: 1 },
      maker: { by: "runtime", why: "cutPiece" },
      pieces: [{ text: "<JOIN-1>" }],
    });
    expect(played.effects.filter(({ e }) => e === "cancel")).toEqual([{ e: "cancel", call: 0 }]);
  });

  it("gives nothing for a worker that was cut or failed, and the whole text of one without tags", () => {
    const of = (line: Line) => run({ "0": ["<FORK-1>a</FORK-1><JOIN-1>", "."], "0/1.1": [line] }).text;
    expect(of({ write: "x", fate: "cut" })).toMatch(/<JOIN-1><\/JOIN-1>\.$/);
    expect(of({ write: "x", fate: "failed" })).toMatch(/<JOIN-1><\/JOIN-1>\.$/);
    expect(of({ write: "x", fate: "length" })).toMatch(/<JOIN-1>x<\/JOIN-1>\.$/);
    expect(of("x")).toMatch(/<JOIN-1>x<\/JOIN-1>\.$/);
  });

  it("fills the join of an unknown id with nothing, and a second join once more", () => {
    const played = run({
      "0": ["<JOIN-9>", "<FORK-1>a</FORK-1><JOIN-1>", "<JOIN-1>", "."],
      "0/1.1": ["x"],
    });
    expect(played.text).toBe("Q\n<JOIN-9></JOIN-9><FORK-1>a</FORK-1><JOIN-1>x</JOIN-1><JOIN-1>x</JOIN-1>.");
    expect(played.warnings).toEqual([
      { code: "join-unknown", message: "9 was never forked: nothing to join", place: "0" },
    ]);
  });

  it("ignores a second fork with one id", () => {
    const played = run({ "0": ["<FORK-1>a</FORK-1><FORK-1>b</FORK-1><JOIN-1>", "."], "0/1.1": ["x"] });
    expect(played.warnings).toEqual([
      { code: "plan-duplicate", message: "1 was forked before; the first one counts", place: "0" },
    ]);
    expect(played.contexts["0/1.1#0"]).toBe("a\n");
    expect(played.state.sequences).toHaveLength(2);
  });

  it("lets no more workers wait than the limit, joined ones not counted", () => {
    const played = run(
      {
        "0": ["<FORK-1>a</FORK-1><FORK-2>b</FORK-2><JOIN-1>", "<FORK-3>c</FORK-3><FORK-4>d</FORK-4><JOIN-2>", "."],
        "0/1.1": ["x"],
        "0/2.1": ["y"],
      },
      { limits: { threads: 1 } },
    );
    expect(played.warnings.map(({ code, message }) => [code, message])).toEqual([
      ["fork-refused", "the fork 2 is over the limit of 1 threads a fork"],
      ["fork-refused", "the fork 4 is over the limit of 1 threads a fork"],
      ["join-unknown", "2 was never forked: nothing to join"],
    ]);
    expect(played.contexts["0/2.1#0"]).toBe("c\n");
  });

  it("may fork more often in a run than other formats, as long as it joins", () => {
    const rounds = 40;
    const main = Array.from({ length: rounds }, (_, i) => `<FORK-${i}>a</FORK-${i}><JOIN-${i}>`);
    const workers = Object.fromEntries(main.map((_, i) => [`0/${i + 1}.1`, ["x"]]));
    const played = run({ "0": [...main, "."], ...workers });
    expect(played.codes).toEqual([]);
    expect(played.state.forks).toHaveLength(rounds);
  });

  it("says of a fork that is never closed that it is text, however the call ends", () => {
    const unclosed = (lines: Record<string, Line[]>) => run(lines, { chance: at(2) }).codes;
    expect(unclosed({ "0": ["<FORK-1>a"] })).toEqual(["spawn-unclosed"]);
    expect(unclosed({ "0": [{ write: "<FORK-1>a", fate: "length" }] })).toEqual(["spawn-unclosed"]);
    expect(unclosed({ "0": ["<FORK-1>a<FORK-2>b</FORK-2>"], "0/1.1": ["x"] })).toEqual(["spawn-unclosed"]);
    expect(unclosed({ "0": ["<FORK-1>a<JOIN-9>", "."] })).toEqual(["spawn-unclosed", "join-unknown"]);
    const joined = run({ "0": [["<FORK-1>a<JOIN-9></FORK-1><FORK-2>"], "."] });
    expect(joined.warnings.filter(({ code }) => code === "spawn-unclosed")).toEqual([
      { code: "spawn-unclosed", message: "a fork was opened and never closed: it is text", place: "0" },
    ]);
    expect(joined.state.sequences).toHaveLength(1);
  });

  it("cuts workers that nobody joined when main ends", () => {
    const played = run({ "0": ["<FORK-1>a</FORK-1>b"], "0/1.1": ["a long thought"] });
    expect(endingOf(played)).toEqual({ kind: "eos" });
    expect(threadEndings(played)).toEqual([["0/1.1", { kind: "cut", by: "parentCut" }]]);
    expect(played.effects.filter(({ e }) => e === "cancel" || e === "join")).toEqual([{ e: "cancel", call: 1 }]);
  });

  it("does not let workers fork", () => {
    const played = run({ "0": ["<FORK-1>a</FORK-1><JOIN-1>", "."], "0/1.1": ["<FORK-2>b</FORK-2><JOIN-2>"] });
    expect(played.text).toContain("<JOIN-1><FORK-2>b</FORK-2><JOIN-2></JOIN-1>");
    expect(played.codes).toEqual([]);
  });

  const open: Dialect = {
    ...asyncthink,
    trigger: { kind: "inline", spawn: "FORK {id:int}:{text};", wait: "JOIN {id:int}" },
    join: { shape: "fill", each: { some: "={return}.", none: "=." } },
  };

  it("cuts at a join that only what follows it decides, and counts that as surplus", () => {
    const lines = { "0": [["FORK 12:a;", "JOIN 1", "2", "yz", "w"], "."], "0/1.1": ["x"] };
    const played = play(open, lines, { markers: [] });
    expect(played.text).toBe("Q\nFORK 12:a;JOIN 12=x..");
    expect(played.state.calls[0]).toMatchObject({ tokens: 3, surplus: 1 });
    expect(played.state.sequences[0]?.tokens).toBe(3 + 2);
    expect(countTokens(played.state)).toMatchObject({ generated: 3 + 2 + 2, surplus: 1 });
    expect(segmentOf(played.state.trie, 1).kept).toBe(3);
    // The same where all comes at once, and the engine writes on.
    const together = play(open, lines, { markers: [], chance: at(4) });
    expect(together.text).toBe(played.text);
    expect(together.state.calls[0]).toMatchObject({ tokens: 3, surplus: 3 });
  });

  it("keeps nothing of a piece behind the join, wherever in it the join ends", () => {
    const played = play(
      open,
      { "0": [["FORK 1:a;", "b JO", "IN 1 c", "d"], "."], "0/1.1": ["x"] },
      { markers: [], chance: at(1) },
    );
    expect(played.text).toBe("Q\nFORK 1:a;b JOIN 1=x..");
    expect(played.state.calls[0]).toMatchObject({ tokens: 3 });
  });

  it("takes a fork and its join in one piece", () => {
    const played = run({ "0": [["<FORK-1>a</FORK-1><JOIN-1>b"], "."], "0/1.1": ["x"] });
    expect(played.text).toBe("Q\n<FORK-1>a</FORK-1><JOIN-1>x</JOIN-1>.");
    expect(played.codes).toEqual([]);
  });

  it("fills a join at which it is stopped, with nothing where its worker has not returned", () => {
    const lines = { "0": ["<FORK-1>a</FORK-1><FORK-2>b</FORK-2><JOIN-1>"], "0/1.1": ["xyz"], "0/2.1": ["uvw"] };
    const stopped = run(lines, {
      interrupt: (state: State) => (state.sequences[0]?.waiting === undefined ? undefined : { t: "stop" }),
    });
    expect(stopped.text).toBe("Q\n<FORK-1>a</FORK-1><FORK-2>b</FORK-2><JOIN-1></JOIN-1>");
    expect(endingOf(stopped)).toEqual({ kind: "cut", by: "user" });
    const running = run(lines, {
      interrupt: (state: State) => (state.forks.length === 2 ? { t: "stop" } : undefined),
    });
    expect(running.text).toBe("Q\n<FORK-1>a</FORK-1><FORK-2>b</FORK-2>");
    expect(running.effects.some(({ e }) => e === "join")).toBe(false);
  });

  it("may spawn without ever joining, and let workers fork where the format says so", () => {
    const alone: Dialect = { ...asyncthink, trigger: { kind: "inline", spawn: "<FORK-{id:word}>{text}</FORK-{id}>" } };
    const played = play(alone, { "0": ["<FORK-1>a</FORK-1><JOIN-1>b"], "0/1.1": ["x"] }, { markers: [] });
    expect(played.text).toBe("Q\n<FORK-1>a</FORK-1><JOIN-1>b");
    const deep: Dialect = { ...asyncthink, thread: { ...asyncthink.thread, maxDepth: 2 } };
    const nested = play(
      deep,
      {
        "0": ["<FORK-1>a</FORK-1><JOIN-1>", "."],
        "0/1.1": ["<FORK-1>b</FORK-1><JOIN-1>", "y"],
        "0/1.1/1.1": ["x<FORK-1>c</FORK-1>"],
      },
      { markers: [] },
    );
    expect(nested.text).toContain("<JOIN-1><FORK-1>b</FORK-1><JOIN-1>x<FORK-1>c</FORK-1></JOIN-1>y</JOIN-1>.");
    expect(nested.warnings.map(({ message }) => message)).toEqual([
      "the fork 1 is over the limit of 2 levels of threads",
    ]);
  });

  it("counts a worker as the first and only one of its fork", () => {
    const numbered: Dialect = {
      ...asyncthink,
      context: { kind: "text", text: "{id}/{index}: {text}" },
    };
    const played = play(numbered, { "0": ["<FORK-7>a</FORK-7>"], "0/1.1": ["x"] }, { markers: [] });
    expect(textOf(segmentOf(played.state.trie, 2).pieces)).toBe("7/1: a");
    expect(segmentOf(played.state.trie, 2)).toMatchObject({ parent: null, maker: { by: "prompt" } });
  });

  it("sees a join that the end of sequence decides", () => {
    const lines = { "0": ["FORK 1:a;JOIN 1", "."], "0/1.1": ["x"] };
    for (const mode of ["ids", "spelled", "text"] as const) {
      expect(play(open, lines, { markers: [], mode }).text).toBe("Q\nFORK 1:a;JOIN 1=x..");
    }
    const long = { ...lines, "0": [{ write: "FORK 1:a;JOIN 1", fate: "length" as const }, "."] };
    expect(play(open, long, { markers: [] }).text).toBe("Q\nFORK 1:a;JOIN 1=x..");
  });
});

describe("markers that are no tokens", () => {
  const lines: Record<string, Line[]> = {
    "0": [typed(`so ${plan("1: a", "2: b")}`), [" </Para", "llel>\n", "end"]],
    "0/1.1": [["x\n<", "/Thr", "ead> and more"]],
    "0/1.2": [["y</Thread>"]],
  };
  const expected = play(threadweaver, {
    "0": [`so ${plan("1: a", "2: b")}`, " </Parallel>\nend"],
    "0/1.1": ["x\n</Thread>"],
    "0/1.2": ["y</Thread>"],
  });

  it.each(["spelled", "text"] as const)("are found in the text (%s), with the same text in the end", (mode) => {
    for (const late of [0, 1, 2, 3]) {
      const played = play(threadweaver, lines, { mode, chance: at(late), markers: [] });
      expect(played.text).toBe(expected.text);
      expect(played.contexts["0/1.2#0"]).toBe(expected.contexts["0/1.2#0"]);
      expect(endingOf(played)).toEqual({ kind: "eos" });
      expect(played.codes).toEqual([]);
      const first = played.state.calls.find(({ sequence }) => sequence === 1);
      expect(
        segmentOf(played.state.trie, first?.segment ?? 0)
          .pieces.map((p) => p.text)
          .slice(0, 3),
      ).toEqual(["x\n<", "/Thr", "ead> and more"]);
      expect(segmentOf(played.state.trie, first?.segment ?? 0).kept).toBe(2);
    }
  });

  it("are cancelled at the engine, which does not know of them", () => {
    const played = play(threadweaver, lines, { mode: "spelled", markers: [] });
    expect(played.effects.filter(({ e }) => e === "cancel").map((effect) => effect)).toEqual([
      { e: "cancel", call: 0 },
      { e: "cancel", call: 1 },
      { e: "cancel", call: 2 },
    ]);
  });

  it("are text where they do have tokens and were spelled out all the same", () => {
    const spelled = play(threadweaver, { "0": [typed(two)] });
    expect(spelled.state.forks).toHaveLength(0);
    expect(spelled.text).toBe(`Q\n${two}`);
  });
});

describe("limits of tokens", () => {
  const body = (text: string): Line => ({ write: text, fate: "length" });

  it("end a thread that has used up its own, and say which limit it was", () => {
    const played = play(
      threadweaver,
      { "0": [two], "0/1.1": ["abcdefgh"], "0/1.2": ["x</Thread>"] },
      { limits: { threadTokens: 3 } },
    );
    expect(threadEndings(played)).toEqual([
      ["0/1.1", { kind: "length", limit: "threadTokens" }],
      ["0/1.2", { kind: "marker", marker: "</Thread>" }],
    ]);
    expect(played.text).toContain("1:abc\n</Thread>");
    expect(completesOf(played.effects).map(({ maxTokens }) => maxTokens)).toEqual([undefined, 3, 3]);
  });

  it("are told to the engine, less what is used up", () => {
    const played = play(
      threadweaver,
      { "0": [two, "abcdefgh"], "0/1.1": ["x</Thread>"], "0/1.2": ["y</Thread>"] },
      { limits: { runTokens: 60, threadTokens: 10 } },
    );
    const before = [...two.matchAll(/<[^>]*>|[^<]/g)].length;
    expect(completesOf(played.effects).map(({ maxTokens }) => maxTokens)).toEqual([
      60,
      Math.min(10, 60 - before),
      Math.min(10, 60 - before),
      60 - before - 4,
    ]);
  });

  it("end the whole run when it has used up all, and close what is open", () => {
    const before = [...two.matchAll(/<[^>]*>|[^<]/g)].length;
    const played = play(
      threadweaver,
      { "0": [two], "0/1.1": ["abcdefgh"], "0/1.2": ["ijklmnop"] },
      { limits: { runTokens: before + 5 } },
    );
    expect(endingOf(played)).toEqual({ kind: "length", limit: "runTokens", thread: "0/1.1" });
    expect(threadEndings(played).map(([, ending]) => ending)).toEqual([
      { kind: "length", limit: "runTokens" },
      { kind: "length", limit: "runTokens" },
    ]);
    expect(countTokens(played.state).generated).toBe(before + 5);
    expect(played.text).toBe(`Q\n${two}\n<Thread>\n1:abcde\n</Thread><Thread>\n2:\n</Thread>\n</Parallel>`);
  });

  it("leave nothing to a call: then nobody is asked", () => {
    const played = play(threadweaver, {}, { limits: { runTokens: 0 } });
    expect(played.effects).toEqual([{ e: "finish", ending: { kind: "length", limit: "runTokens" } }]);
    expect(played.state.calls[0]).toMatchObject({ live: false, tokens: 0, surplus: 0 });
    const exact = play(npr, { "0": ["<guideline><plan>1:</plan></guideline>"] }, { limits: { runTokens: 6 } });
    expect(endingOf(exact)).toEqual({ kind: "length", limit: "runTokens" });
    expect(completesOf(exact.effects)).toHaveLength(1);
    expect(exact.text).toBe("Q\n<guideline><plan>1:</plan></guideline>\n<step>\n1:\n</step>\n<takeaway>\n");
  });

  it("do not end main by those of a thread", () => {
    const played = play(threadweaver, { "0": ["abcdef"] }, { limits: { threadTokens: 2 } });
    expect(played.text).toBe("Q\nabcdef");
  });

  it("count a thread's tail and what it writes behind its own joins", () => {
    const played = play(
      npr,
      {
        "0": ["<guideline><plan>1:</plan></guideline>", "."],
        "0/1.1": ["<guideline><plan>1:</plan></guideline>", body("abcdef")],
        "0/1.1/1.1": ["x</step>", "\n"],
      },
      { limits: { threadTokens: 9 } },
    );
    expect(played.text).toContain("<takeaway>\nabc\n</step>");
    expect(played.state.sequences[1]).toMatchObject({ tokens: 9, ending: { kind: "length", limit: "threadTokens" } });
  });

  it("take for surplus what an engine writes beyond them", () => {
    const state = createState({ dialect: threadweaver, limits: { runTokens: 2 } });
    step(state, { t: "start", prompt: { ids: [1] }, vocabulary: { eos: [0], markers: {} } });
    const pieces = [
      { ids: [2], text: "a" },
      { ids: [3], text: "b" },
      { ids: [4], text: "c" },
    ];
    expect(step(state, { t: "pieces", call: 0, pieces }).at(-1)).toEqual({
      e: "finish",
      ending: { kind: "length", limit: "runTokens" },
    });
    expect(state.calls[0]).toMatchObject({ tokens: 2, surplus: 1 });
    expect(segmentOf(state.trie, 1).kept).toBe(2);
  });

  it("end a thread at its last token, whatever the engine does next", () => {
    const state = createState({ dialect: threadweaver, limits: { threadTokens: 1 } });
    const markers = { "<Outlines>": 7, "</Outlines>": 8, "</Thread>": 9 };
    step(state, { t: "start", prompt: { ids: [1] }, vocabulary: { eos: [0], markers } });
    const pieces = [
      { ids: [7], text: "<Outlines>" },
      { ids: [2], text: "<Outline>1:</Outline>" },
      { ids: [8], text: "</Outlines>" },
    ];
    step(state, { t: "pieces", call: 0, pieces });
    const effects = step(state, {
      t: "pieces",
      call: 1,
      pieces: [
        { ids: [3], text: "a" },
        { ids: [4], text: "b" },
      ],
    });
    expect(effects.map(({ e }) => e)).toEqual(["thread-end", "join", "warning", "finish"]);
    expect(state.calls[1]).toMatchObject({ tokens: 1, surplus: 1, ending: { kind: "length", limit: "threadTokens" } });
  });

  it("that an engine reports without there being any are its own", () => {
    const state = createState({ dialect: threadweaver });
    step(state, { t: "start", prompt: { ids: [1] }, vocabulary: { eos: [0], markers: {} } });
    expect(step(state, { t: "ended", call: 0, reason: { kind: "length" } })).toEqual([
      { e: "finish", ending: { kind: "length", limit: "runTokens" } },
    ]);
  });

  it("name the tighter of two limits, and the run's where they are equal", () => {
    const limitOf = (threadTokens: number, runTokens: number) =>
      threadEndings(
        play(threadweaver, { "0": [plan("1: a")], "0/1.1": ["abcdefgh"] }, { limits: { threadTokens, runTokens } }),
      )[0]?.[1];
    const before = [...plan("1: a").matchAll(/<[^>]*>|[^<]/g)].length;
    expect(limitOf(2, before + 3)).toEqual({ kind: "length", limit: "threadTokens" });
    expect(limitOf(3, before + 2)).toEqual({ kind: "length", limit: "runTokens" });
    expect(limitOf(2, before + 2)).toEqual({ kind: "length", limit: "runTokens" });
  });
});

describe("cutting from outside", () => {
  const lines = { "0": [two, "."], "0/1.1": ["one</Thread>"], "0/1.2": ["two</Thread>"] };

  it("stops a run at its fork: threads are closed, the block too, and every call is cancelled", () => {
    const played = play(threadweaver, lines, {
      interrupt: (state, n) => (state.forks.length > 0 && n % 3 === 0 ? { t: "stop" } : undefined),
    });
    expect(played.text).toMatch(/<Thread>\n1:\w*\n<\/Thread><Thread>\n2:\w*\n<\/Thread>\n<\/Parallel>$/);
    expect(endingOf(played)).toEqual({ kind: "cut", by: "user" });
    expect(threadEndings(played).map(([, ending]) => ending)).toEqual([
      { kind: "cut", by: "parentCut" },
      { kind: "cut", by: "parentCut" },
    ]);
    expect(played.effects.filter(({ e }) => e === "cancel")).toHaveLength(2);
  });

  it("keeps the whole of a thread that had ended before, and of one that was writing its tail", () => {
    const played = play(
      npr,
      {
        "0": ["<guideline><plan>1:</plan><plan>2:</plan></guideline>"],
        "0/1.1": ["x</step>", "\n"],
        "0/1.2": ["yz</step>", "\n"],
      },
      {
        interrupt: (state) =>
          state.calls.some(({ role, live }) => role === "tail" && live) ? { t: "stop" } : undefined,
      },
    );
    expect(played.text).toMatch(/<step>\n1:x<\/step><step>\n2:y?z?\n<\/step>\n$/);
    expect(played.state.sequences[1]?.ending).toEqual({ kind: "marker", marker: "</step>" });
  });

  it("cuts a parent's threads with it, and joins what they wrote, innermost first", () => {
    const played = play(
      npr,
      {
        "0": ["<guideline><plan>1:</plan><plan>2:</plan></guideline>", "."],
        "0/1.1": ["<guideline><plan>1.1:</plan></guideline>"],
        "0/1.1/1.1": ["abc</step>"],
        "0/1.2": ["d</step>", "\n"],
      },
      {
        interrupt: (state) =>
          state.calls.some(({ sequence, tokens }) => sequence === 3 && tokens === 2)
            ? { t: "cut", sequence: 1, by: "deadline" }
            : undefined,
      },
    );
    expect(played.state.sequences.map(({ ending }) => ending)).toEqual([
      { kind: "eos" },
      { kind: "cut", by: "deadline" },
      { kind: "marker", marker: "</step>" },
      { kind: "cut", by: "parentCut" },
    ]);
    expect(played.text).toContain("\n<step>\n1.1:ab\n</step>\n\n</step>\n<step>\n2:d</step>\n<takeaway>\n.");
  });

  it("does nothing to what has ended", () => {
    const state = createState({ dialect: threadweaver });
    expect(step(state, { t: "stop" })).toEqual([]);
    step(state, { t: "start", prompt: { ids: [1] }, vocabulary: { eos: [0], markers: {} } });
    expect(step(state, { t: "cut", sequence: 0, by: "quorum" })).toEqual([
      { e: "cancel", call: 0 },
      { e: "finish", ending: { kind: "cut", by: "quorum" } },
    ]);
    expect(step(state, { t: "cut", sequence: 0, by: "user" })).toEqual([]);
    expect(step(state, { t: "stop" })).toEqual([]);
    // The engine has not stopped yet.
    expect(step(state, { t: "pieces", call: 0, pieces: [{ ids: [5, 6] }] })).toEqual([]);
    expect(countTokens(state)).toMatchObject({ generated: 0, surplus: 2 });
    expect(step(state, { t: "ended", call: 0, reason: { kind: "stop" } })).toEqual([]);
  });

  it("closes the phase's block too when main is cut in it: it stands behind the join", () => {
    const played = play(
      parallelR1,
      { "0": ["<Parallel>", "sum</Summary>"], "0/1.1": ["x</Path>"], "0/1.2": ["y</Path>"] },
      {
        interrupt: (state) => (state.calls.some((c) => c.role === "after" && c.tokens > 1) ? { t: "stop" } : undefined),
      },
    );
    expect(played.text).toMatch(/<\/Parallel>\n<Summary>s\w+$/);
    expect(endingOf(played)).toEqual({ kind: "cut", by: "user" });
  });
});

describe("a driver's mistake is a RangeError", () => {
  const started = (): State => {
    const state = createState({ dialect: threadweaver });
    step(state, { t: "start", prompt: { ids: [1], text: "Q" }, vocabulary: { eos: [0], markers: {} } });
    return state;
  };

  it.each<[string, Input, string]>([
    [
      "a second start",
      { t: "start", prompt: {}, vocabulary: { eos: [], markers: {} } },
      "the machine has started already",
    ],
    ["pieces of an unknown call", { t: "pieces", call: 7, pieces: [] }, "there is no call 7"],
    ["the end of an unknown call", { t: "ended", call: -1, reason: { kind: "stop" } }, "there is no call -1"],
    ["a cut of an unknown sequence", { t: "cut", sequence: 2, by: "user" }, "there is no sequence 2"],
    ["ids for an unknown segment", { t: "encoded", segment: 5, n: 0, ids: [] }, "the trie has no segment 5"],
    ["ids for an unknown piece", { t: "encoded", segment: 0, n: 1, ids: [] }, "segment 0 has no piece 1"],
  ])("%s", (_, input, message) => {
    expect(() => step(started(), input)).toThrow(new RangeError(message));
  });

  it("anything of a call behind its end", () => {
    const state = started();
    step(state, { t: "ended", call: 0, reason: { kind: "stop" } });
    expect(() => step(state, { t: "pieces", call: 0, pieces: [] })).toThrow(new RangeError("call 0 has ended already"));
    expect(() => step(state, { t: "ended", call: 0, reason: { kind: "stop" } })).toThrow(RangeError);
  });

  it("anything before the start", () => {
    const state = createState({ dialect: threadweaver });
    expect(() => step(state, { t: "pieces", call: 0, pieces: [] })).toThrow(RangeError);
  });
});

describe("how an engine ends a call", () => {
  const end = (reason: Extract<Input, { t: "ended" }>["reason"]): readonly Effect[] => {
    const state = createState({ dialect: threadweaver });
    step(state, { t: "start", prompt: { ids: [1] }, vocabulary: { eos: [0], markers: {} } });
    return step(state, { t: "ended", call: 0, reason });
  };

  it("is taken over, a stop that no marker explains as the end of the sequence", () => {
    expect(end({ kind: "stop" })).toEqual([{ e: "finish", ending: { kind: "eos" } }]);
    expect(end({ kind: "context" })).toEqual([{ e: "finish", ending: { kind: "length", limit: "context" } }]);
    expect(end({ kind: "refused", limit: "context" })).toEqual([
      { e: "finish", ending: { kind: "refused", limit: "context" } },
    ]);
    expect(end({ kind: "failed", message: "gone" })).toEqual([
      { e: "finish", ending: { kind: "failed", message: "gone" } },
    ]);
  });
});

describe("an engine that refuses a call", () => {
  const vocabulary = { eos: [0], markers: { "<Parallel>": 5 } };

  it("ends the summary of parallel-r1 as it is", () => {
    const state = createState({ dialect: parallelR1 });
    step(state, { t: "start", prompt: { ids: [1], text: "Q" }, vocabulary });
    step(state, { t: "pieces", call: 0, pieces: [{ ids: [5], text: "<Parallel>" }] });
    for (const call of [1, 2]) step(state, { t: "ended", call, reason: { kind: "stop" } });
    expect(state.calls[3]?.role).toBe("after");
    expect(step(state, { t: "ended", call: 3, reason: { kind: "refused", limit: "context" } })).toEqual([
      { e: "finish", ending: { kind: "refused", limit: "context" } },
    ]);
    const { head = { segment: 0, n: 0 } } = state.sequences[0] ?? {};
    expect(textOf(path(state.trie, head))).toMatch(/<Summary>$/);
  });

  it("leaves a thread without a result", () => {
    const dialect: Dialect = { ...asyncthink, join: { shape: "fill", each: { some: "some", none: "none" } } };
    const state = createState({ dialect });
    step(state, { t: "start", prompt: { ids: [1], text: "Q" }, vocabulary });
    step(state, { t: "pieces", call: 0, pieces: [{ ids: [2], text: "<FORK-1>a</FORK-1><JOIN-1>" }] });
    step(state, { t: "ended", call: 1, reason: { kind: "refused", limit: "context" } });
    const { head = { segment: 0, n: 0 } } = state.sequences[0] ?? {};
    expect(textOf(path(state.trie, head))).toBe("Q<FORK-1>a</FORK-1><JOIN-1>none");
  });
});

describe("how a call was made", () => {
  it("is kept with what it generated, and what its engine says of it at the end too", () => {
    const state = createState({ dialect: threadweaver });
    step(state, { t: "start", prompt: { ids: [1] }, vocabulary: { eos: [0], markers: {} } });
    expect(step(state, { t: "sent", call: 0, origin: { seed: 7, attempt: 1 } })).toEqual([]);
    expect(segmentOf(state.trie, 1).origin).toEqual({ seed: 7, attempt: 1 });
    step(state, { t: "ended", call: 0, reason: { kind: "stop" }, usage: { cachedTokens: 3, weightVersion: "a" } });
    expect(segmentOf(state.trie, 1).origin).toEqual({ seed: 7, attempt: 1, cachedTokens: 3, weightVersion: "a" });
    expect(() => step(state, { t: "ended", call: 0, reason: { kind: "stop" }, usage: { cachedTokens: 9 } })).toThrow(
      RangeError,
    );
    expect(segmentOf(state.trie, 1).origin?.cachedTokens).toBe(3);
  });

  it("is not made up from what the engine says alone, nor taken away where it says nothing", () => {
    for (const usage of [{ cachedTokens: 3 }, undefined]) {
      const state = createState({ dialect: threadweaver });
      step(state, { t: "start", prompt: { ids: [1] }, vocabulary: { eos: [0], markers: {} } });
      step(state, { t: "ended", call: 0, reason: { kind: "stop" }, usage });
      expect(segmentOf(state.trie, 1).origin).toBeUndefined();
    }
    const state = createState({ dialect: threadweaver });
    step(state, { t: "start", prompt: { ids: [1] }, vocabulary: { eos: [0], markers: {} } });
    step(state, { t: "sent", call: 0, origin: { seed: 7 } });
    step(state, { t: "ended", call: 0, reason: { kind: "stop" } });
    expect(segmentOf(state.trie, 1).origin).toEqual({ seed: 7 });
  });
});

describe("ids that come late", () => {
  it("are put to the piece, with its text where that comes too", () => {
    const state = createState({ dialect: threadweaver });
    const chat = [{ role: "user", content: "hi" }];
    step(state, { t: "start", prompt: { chat }, vocabulary: { eos: [0], markers: {} } });
    expect(step(state, { t: "encoded", segment: 0, n: 0, ids: [1, 2], text: "<hi>" })).toEqual([]);
    expect(segmentOf(state.trie, 0).pieces[0]).toEqual({ chat, ids: [1, 2], text: "<hi>" });
    step(state, { t: "encoded", segment: 0, n: 0, ids: [3] });
    expect(segmentOf(state.trie, 0).pieces[0]).toEqual({ chat, ids: [3], text: "<hi>" });
  });
});

describe("dialects of other shapes", () => {
  const base: DialectInput = {
    name: "toy",
    version: 1,
    summary: "a toy",
    threads: "subtasks",
    exact: { kind: "provisional", tokens: "kept", why: "a toy of the tests" },
    markers: [],
    trigger: { kind: "endOfText", lastLine: "GO" },
    plan: { source: "outline", after: "", item: "#{id:int} {word:word};", empty: "end" },
    refusedFork: "end",
    context: { kind: "prefix", header: { prompt: "", first: "[{id}", rest: "[{id}" } },
    thread: { stop: ["!"], close: "]", keepTail: 0, maxDepth: 1 },
    afterEnding: { eos: "continue", length: "continue", cut: "policy", failed: "policy", refused: "policy" },
    join: { shape: "append", tail: "", endTail: "" },
    after: { kind: "continue" },
  };

  it("take items from anywhere where the plan has no opener", () => {
    const played = play(defineDialect(base), { "0": ["#1 a; #2 b;\nGO", "."], "0/1.1": ["x!"], "0/1.2": ["y"] });
    expect(played.text).toBe("Q\n#1 a; #2 b;\nGO[1x![2y].");
  });

  it("leave no segment where a header is empty", () => {
    const played = play(defineDialect(base), { "0": ["#1 a;\nGO", "."], "0/1.1": ["x!"] });
    expect(played.state.sequences[1]?.body).toEqual(played.state.forks[0]?.at);
    expect(played.state.trie.segments.map(({ maker }) => (maker.by === "runtime" ? maker.why : maker.by))).toEqual([
      "prompt",
      "model",
      "model",
      "header",
      "copy",
      "model",
    ]);
  });

  it("let no thread fork by the end of its text where threads do not fork", () => {
    const played = play(defineDialect(base), { "0": ["#1 a;\nGO", "."], "0/1.1": ["#1 b;\nGO"] });
    expect(threadEndings(played)).toEqual([["0/1.1", { kind: "eos" }]]);
    expect(played.codes).toEqual([]);
  });

  it("show a function that returns the thread's text, its captures, and nothing else", () => {
    const seen: unknown[] = [];
    const dialect = defineDialect({
      ...base,
      context: { kind: "text", text: { fn: "ask" } },
      join: { shape: "replaceBlock", from: "#", open: "(", each: { some: "{return}", none: "-" }, close: ")" },
      returns: { fn: "give" },
      functions: {
        ask: (view) => String(seen.push(["ask", view])),
        give: (view) => String(seen.push(["give", view])),
      },
    });
    const played = play(dialect, { "0": ["#1 a;\nGO", "."], "0/1.1": ["x!"] });
    const captures = { id: "1", word: "a", index: "1" };
    expect(seen).toEqual([
      ["ask", { text: "", history: "Q\n#1 a;\nGO", captures, threads: [] }],
      ["give", { text: "x!", history: "", captures, threads: [] }],
    ]);
    expect(played.text).toBe("Q\n(2).");
  });

  it("never show threads the end of sequence at which the fork was found", () => {
    const played = play(defineDialect(base), { "0": ["#1 a;\nGO", "."], "0/1.1": ["x!"] });
    const { eos } = { eos: played.state.vocabulary.eos[0] };
    for (const { context } of played.sent) expect(context).not.toContain(eos);
    expect(played.contexts["0/1.1#0"]).toBe("Q\n#1 a;\nGO");
  });

  it("keep the end of sequence where nothing forks, even when the engine wrote on behind it", () => {
    const state = createState({ dialect: defineDialect(base) });
    step(state, { t: "start", prompt: { ids: [1], text: "Q" }, vocabulary: { eos: [0], markers: {} } });
    const effects = step(state, {
      t: "pieces",
      call: 0,
      pieces: [
        { ids: [2], text: "GO" },
        { ids: [0], text: "" },
        { ids: [3], text: "more" },
      ],
    });
    expect(effects.at(-1)).toEqual({ e: "finish", ending: { kind: "eos" } });
    expect(state.sequences[0]?.head).toEqual({ segment: 1, n: 2 });
    expect(segmentOf(state.trie, 1).kept).toBe(2);
    expect(countTokens(state)).toMatchObject({ generated: 2, surplus: 1 });
  });

  it("drop the end of sequence where they go on all the same", () => {
    const dialect = defineDialect({ ...base, refusedFork: "continue" });
    const played = play(dialect, { "0": ["#1 a;\nGO", "\nend"] }, { limits: { threads: 0 } });
    expect(played.text).toBe("Q\n#1 a;\nGO\nend");
    expect(played.sent[1]?.context).toHaveLength(1 + "Q\n#1 a;\nGO".length);
    const empty = defineDialect({
      ...base,
      plan: { source: "outline", after: "", item: "#{id:int};", empty: "continue" },
    });
    expect(play(empty, { "0": ["GO", "\nend"] }).text).toBe("Q\nGO\nend");
  });

  it("run threads that fork by the end of their text, to their depth", () => {
    const dialect = defineDialect({ ...base, thread: { stop: ["!"], close: "]", keepTail: 0, maxDepth: 2 } });
    const played = play(dialect, {
      "0": ["#1 a;\nGO", "."],
      "0/1.1": ["#2 b;\nGO", "x!"],
      "0/1.1/1.1": ["#3 c;\nGO"],
    });
    expect(played.text).toBe("Q\n#1 a;\nGO[1#2 b;\nGO[2#3 c;\nGO]x!.");
    expect(threadEndings(played)).toEqual([
      ["0/1.1", { kind: "marker", marker: "!" }],
      ["0/1.1/1.1", { kind: "refused", limit: "depth" }],
    ]);
    expect(played.codes).toEqual(["plan-gap", "plan-gap", "fork-refused"]);
  });

  it("end behind a display join, whose text is a rendering", () => {
    const dialect = defineDialect({
      ...base,
      context: { kind: "text", text: "Do {word} ({index})" },
      join: { shape: "display", render: { fn: "list" } },
      functions: { list: ({ threads }) => threads.map(({ text }) => text).join() },
    });
    const played = play(dialect, { "0": ["#1 a; #2 b;\nGO"], "0/1.1": ["x"], "0/1.2": ["y"] });
    expect([played.contexts["0/1.1#0"], played.contexts["0/1.2#0"]]).toEqual(["Do a (1)", "Do b (2)"]);
    expect(endingOf(played)).toEqual({ kind: "eos" });
    expect(played.text).toBe("Q\n#1 a; #2 b;\nGO");
  });

  it("fork at every marker where the plan is fixed, and number the threads", () => {
    const dialect = defineDialect({
      ...base,
      trigger: { kind: "marker", marker: "=" },
      plan: { source: "fixed", count: 3 },
      context: { kind: "prefix", header: { prompt: "{id}/{index}", first: "{id}", rest: ",{id}" } },
    });
    const played = play(
      dialect,
      { "0": ["a=", "."], "0/1.1": ["x!"], "0/1.2": ["y!"], "0/1.3": ["z!"] },
      { markers: ["=", "!"] },
    );
    expect(played.contexts["0/1.3#0"]).toBe("Q\na=3/3");
    expect(played.text).toBe("Q\na=1x!,2y!,3z!.");
  });

  it("give messages and the beginning of an answer to a chat", () => {
    const dialect = defineDialect({
      ...base,
      context: {
        kind: "chat",
        messages: [
          { role: "system", content: "be {word}" },
          { role: "user", content: { fn: "ask" } },
        ],
        prefill: "So {id}",
      },
      join: { shape: "replaceBlock", from: "#", open: "(", each: { some: "{id}={return}", none: "-" }, close: ")" },
      functions: { ask: ({ history, captures }) => (captures["id"] === "1" ? history : undefined) },
    });
    const played = play(dialect, { "0": ["#1 a;#2 b;\nGO", "."], "0/1.1": ["x"], "0/1.2": ["y"] });
    expect(segmentOf(played.state.trie, 2).pieces[0]).toMatchObject({
      chat: [
        { role: "system", content: "be a" },
        { role: "user", content: "Q\n#1 a;#2 b;\nGO" },
      ],
      prefill: "So 1",
    });
    expect(segmentOf(played.state.trie, 3).pieces[0]?.chat?.[1]).toEqual({ role: "user", content: "" });
    expect(segmentOf(played.state.trie, 3)).toMatchObject({ parent: null, maker: { by: "prompt" } });
    // What stands behind the last `from` goes; the thread that has no closing marker gets one.
    expect(played.text).toBe("Q\n#1 a;(1=x]2=y]).");
  });

  it("leave a text as it is where the block to be replaced is not in it", () => {
    const dialect = defineDialect({
      ...base,
      context: { kind: "text", text: "{id}" },
      join: { shape: "replaceBlock", from: "@@", open: "(", each: { some: "{return}", none: "-" }, close: ")" },
    });
    expect(play(dialect, { "0": ["#1 a;\nGO", "."], "0/1.1": ["x!"] }).text).toBe("Q\n#1 a;\nGO(x!).");
  });

  it("end a parent by what happened to its threads, up to the top", () => {
    const dialect: Dialect = {
      ...npr,
      afterEnding: { eos: "continue", length: "continue", cut: "end", failed: "continue", refused: "continue" },
    };
    const played = play(dialect, {
      "0": ["<guideline><plan>1:</plan></guideline>"],
      "0/1.1": ["<guideline><plan>1:</plan></guideline>"],
      "0/1.1/1.1": [{ write: "x", fate: "cut" }],
    });
    expect(played.text).toMatch(/1:x\n<\/step>\n\n<\/step>\n$/);
    expect(endingOf(played)).toMatchObject({ kind: "cut", by: "user" });
    expect(played.codes).toEqual(["thread-ended-run", "thread-ended-run"]);
  });
});

describe("who made what", () => {
  /** The pieces of main's text, those of one maker made one. */
  const makersOf = ({ state: { trie, sequences } }: Played): [who: string, text: string, copied: boolean][] => {
    const stretches: [string, string, boolean][] = [];
    for (const { piece, maker, copied } of owners(trie, sequences[0]?.head ?? { segment: 0, n: 0 })) {
      const who = maker.by === "model" ? `call ${maker.call}` : maker.by === "runtime" ? maker.why : maker.by;
      const last = stretches.at(-1);
      if (last?.[0] === who && last[2] === copied) last[1] += piece.text ?? "";
      else stretches.push([who, piece.text ?? "", copied]);
    }
    return stretches;
  };

  it("is known of every piece of the joined text", () => {
    const lines = { "0": [plan("1: a", "2: b"), "."], "0/1.1": ["x</Thread>"], "0/1.2": ["y"] };
    expect(makersOf(play(threadweaver, lines))).toEqual([
      ["prompt", "Q\n", false],
      ["call 0", plan("1: a", "2: b"), false],
      ["header", "\n<Thread>\n1:", false],
      ["call 1", "x</Thread>", false],
      ["header", "<Thread>\n2:", false],
      ["call 2", "y", true],
      ["close", "\n</Thread>", true],
      ["tail", "\n</Parallel>", false],
    ]);
  });

  it("is known of summaries that were closed", () => {
    const lines = { "0": ["<Parallel>", "s", "."], "0/1.1": ["x</Path>"], "0/1.2": ["y</Path>"] };
    expect(makersOf(play(parallelR1, lines)).slice(-4)).toEqual([
      ["tail", "</Parallel>\n<Summary>", false],
      ["call 3", "s", false],
      ["close", "</Summary>", false],
      ["call 4", ".", false],
    ]);
  });

  it("is known of results, of what a guard put in, and of the part of a piece that was kept", () => {
    const call = "\n<Start Sub Search 0 at level 1> Moving to Node #9\n<End Calling Sub Searches>";
    const guarded = play(apr, { "0": [["a<Sub Searches>b"], "c", "."] }, { markers: [], prompt: "Q\n" });
    expect(makersOf(guarded)).toEqual([
      ["prompt", "Q\n", false],
      ["cutPiece", "a", false],
      ["substitute", "<Calling Sub Searches>", false],
      ["call 1", "c", false],
    ]);
    const replaced = play(apr, { "0": [`a<Calling Sub Searches>${call}`, "."] }, { markers: [], prompt: "Q\n" });
    expect(makersOf(replaced).map(([who]) => who)).toEqual(["prompt", "call 0", "return", "call 1"]);
    const filled = play(
      asyncthink,
      { "0": ["<FORK-1>a</FORK-1><JOIN-1>", "<JOIN-2>", "."], "0/1.1": ["x"] },
      { markers: [] },
    );
    expect(makersOf(filled).filter(([who]) => who === "return")).toEqual([
      ["return", "x</JOIN-1>", false],
      ["return", "</JOIN-2>", false],
    ]);
  });
});
