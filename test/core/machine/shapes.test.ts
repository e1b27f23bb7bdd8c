import { describe, expect, it } from "vitest";
import { defineDialect } from "../../../src/core/dialects/dialect.ts";
import type { Dialect, DialectInput } from "../../../src/core/dialects/schema.ts";
import { npr } from "../../../src/core/dialects/bundled/index.ts";
import { countTokens } from "../../../src/core/measures/tokens.ts";
import { step } from "../../../src/core/machine/machine.ts";
import { createState } from "../../../src/core/machine/state.ts";
import { segmentOf } from "../../../src/core/trie/trie.ts";
import { play } from "../play.ts";
import { endingOf, threadEndings } from "./support.ts";

describe("dialects of other shapes", () => {
  const base: DialectInput = {
    name: "toy",
    version: 1,
    summary: "a toy",
    threadKind: "subtasks",
    exact: { kind: "provisional", tokens: "kept", why: "a toy of the tests" },
    markers: [],
    trigger: { kind: "endOfText", lastLine: "GO" },
    plan: { source: "outline", after: "", item: "#{id:int} {word:word};", onEmpty: "end" },
    onForkRefused: "end",
    context: { kind: "prefix", header: { prompt: "", first: "[{id}", rest: "[{id}" } },
    thread: { stop: ["!"], close: "]", tailTokens: 0, maxDepth: 1 },
    onThreadEnd: { eos: "continue", length: "continue", cut: "continue", failed: "continue", refused: "continue" },
    join: { shape: "append", tail: "", endTail: "" },
    after: { kind: "continue" },
  };

  it("take items from anywhere where the plan has no opener", () => {
    const played = play(defineDialect(base), { "0": ["#1 a; #2 b;\nGO", "."], "0/1.1": ["x!"], "0/1.2": ["y"] });
    expect(played.text).toBe("Q\n#1 a; #2 b;\nGO[1x![2y].");
  });

  it("leave no segment where a header is empty", () => {
    const played = play(defineDialect(base), { "0": ["#1 a;\nGO", "."], "0/1.1": ["x!"] });
    expect(played.state.sequences[1]?.body).toEqual(played.state.forks[0]?.position);
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
    step(state, { at: 0, t: "start", prompt: { ids: [1], text: "Q" }, vocabulary: { eos: [0], markers: {} } });
    const effects = step(state, {
      at: 0,
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
    expect(segmentOf(state.trie, 1)).toMatchObject({ sampled: 2, context: 2 });
    expect(countTokens(state)).toMatchObject({ generated: 2, wasted: 1 });
  });

  it("drop the end of sequence where they go on all the same", () => {
    const dialect = defineDialect({ ...base, onForkRefused: "continue" });
    const played = play(dialect, { "0": ["#1 a;\nGO", "\nend"] }, { limits: { threads: 0 } });
    expect(played.text).toBe("Q\n#1 a;\nGO\nend");
    expect(played.sent[1]?.context).toHaveLength(1 + "Q\n#1 a;\nGO".length);
    const empty = defineDialect({
      ...base,
      plan: { source: "outline", after: "", item: "#{id:int};", onEmpty: "continue" },
    });
    expect(play(empty, { "0": ["GO", "\nend"] }).text).toBe("Q\nGO\nend");
  });

  it("run threads that fork by the end of their text, to their depth", () => {
    const dialect = defineDialect({ ...base, thread: { stop: ["!"], close: "]", tailTokens: 0, maxDepth: 2 } });
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
    expect(segmentOf(played.state.trie, 2)).toMatchObject({
      chat: [
        { role: "system", content: "be a" },
        { role: "user", content: "Q\n#1 a;#2 b;\nGO" },
      ],
      prefill: "So 1",
    });
    expect(segmentOf(played.state.trie, 3).chat?.[1]).toEqual({ role: "user", content: "" });
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
      onThreadEnd: { eos: "continue", length: "continue", cut: "end", failed: "continue", refused: "continue" },
    };
    const played = play(dialect, {
      "0": ["<guideline><plan>1:</plan></guideline>"],
      "0/1.1": ["<guideline><plan>1:</plan></guideline>"],
      "0/1.1/1.1": [{ write: "x", fate: "cut" }],
    });
    expect(played.text).toMatch(/1:x\n<\/step>\n\n<\/step>\n$/);
    expect(endingOf(played)).toMatchObject({ kind: "cut", by: "user" });
    expect(endingOf(played)?.threadId).toBe("0/1.1/1.1");
    expect(played.codes).toEqual(["thread-cut", "thread-ended-run", "thread-cut", "thread-ended-run"]);
  });
});
