import { describe, expect, it } from "vitest";
import type { Dialect } from "../../../src/core/dialects/schema.ts";
import { asyncthink } from "../../../src/core/dialects/bundled/index.ts";
import { countTokens } from "../../../src/core/measures/tokens.ts";
import { type State } from "../../../src/core/machine/state.ts";
import { segmentOf } from "../../../src/core/trie/trie.ts";
import { textOf } from "../../../src/core/trie/path.ts";
import { completesOf, play, type Line } from "../play.ts";
import { at, piecesOf, endingOf, threadEndings } from "./support.ts";

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
    expect(state.forks[0]?.position).toEqual({ segment: 1, n: 2 });
    expect(completesOf(effects).map(({ threadId, critical }) => [threadId, critical])).toEqual([
      ["0", 0],
      ["0/1.1", 2],
    ]);
  });

  it("cuts main right behind the join, also inside a piece, and counts what came after it as wasted", () => {
    const played = run(
      {
        "0": [["<FORK-1>a</FORK-1>", "<JOIN-1>b", "cd", "e"], "."],
        "0/1.1": ["x"],
      },
      { chance: at(3) },
    );
    expect(played.text).toBe("Q\n<FORK-1>a</FORK-1><JOIN-1>x</JOIN-1>.");
    expect(played.state.calls[0]).toMatchObject({ tokens: 2, wasted: 3 });
    const main = segmentOf(played.state.trie, 1);
    expect(piecesOf(played.state, 1).map((p) => p.text)).toEqual(["<FORK-1>a</FORK-1>", "<JOIN-1>b", "cd", "e", ""]);
    expect([main.context, main.sampled]).toEqual([1, 2]);
    expect(segmentOf(played.state.trie, 4)).toMatchObject({
      parent: { segment: 1, n: 1 },
      maker: { by: "cut", of: { segment: 1, n: 1 } },
    });
    expect(piecesOf(played.state, 4)).toMatchObject([{ text: "<JOIN-1>" }]);
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
      { code: "join-unknown", message: "9 was never forked, so there is nothing to join", threadId: "0" },
    ]);
  });

  it("ignores a second fork with one id", () => {
    const played = run({ "0": ["<FORK-1>a</FORK-1><FORK-1>b</FORK-1><JOIN-1>", "."], "0/1.1": ["x"] });
    expect(played.warnings).toEqual([
      { code: "plan-duplicate", message: "1 was forked before; the first one counts", threadId: "0" },
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
      ["fork-refused", "the fork 2 is over the limit of 1 threads per fork"],
      ["fork-refused", "the fork 4 is over the limit of 1 threads per fork"],
      ["join-unknown", "2 was never forked, so there is nothing to join"],
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
      { code: "spawn-unclosed", message: "a fork was opened but never closed, so it counts as text", threadId: "0" },
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

  it("cuts at a join that only what follows it decides, and counts that as wasted", () => {
    const lines = { "0": [["FORK 12:a;", "JOIN 1", "2", "yz", "w"], "."], "0/1.1": ["x"] };
    const played = play(open, lines, { markers: [] });
    expect(played.text).toBe("Q\nFORK 12:a;JOIN 12=x..");
    expect(played.state.calls[0]).toMatchObject({ tokens: 3, wasted: 1 });
    expect(played.state.sequences[0]?.tokens).toBe(3 + 2);
    expect(countTokens(played.state)).toMatchObject({ generated: 3 + 2 + 2, wasted: 1 });
    expect(segmentOf(played.state.trie, 1)).toMatchObject({ context: 3, sampled: 3 });
    // The same where all comes at once, and the engine writes on.
    const together = play(open, lines, { markers: [], chance: at(4) });
    expect(together.text).toBe(played.text);
    expect(together.state.calls[0]).toMatchObject({ tokens: 3, wasted: 3 });
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
      interrupt: (state: State) => (state.sequences[0]?.phase.is === "waiting" ? { t: "stop" } : undefined),
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
    expect(textOf(piecesOf(played.state, 2))).toBe("7/1: a");
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
