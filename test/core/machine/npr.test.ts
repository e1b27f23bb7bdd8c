import { describe, expect, it } from "vitest";
import { npr } from "../../../src/core/dialects/bundled/index.ts";
import { completesOf, play, type Line } from "../play.ts";
import { endingOf, threadEndings } from "./support.ts";

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
    expect(tails.map(({ maxTokens, stops, sampling, callIndex }) => [maxTokens, stops, sampling, callIndex])).toEqual([
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
    expect(played.state.sequences.map(({ threadId, depth, calls }) => [threadId, depth, calls])).toEqual([
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
    expect(played.codes).toEqual([
      "thread-out-of-tokens",
      "thread-cut",
      "thread-failed",
      "plan-without-opener",
      "plan-empty",
    ]);
  });

  it("ends at an empty guideline", () => {
    const played = play(npr, { "0": ["<guideline></guideline>"] });
    expect(endingOf(played)).toEqual({ kind: "refused", limit: "plan" });
    expect(played.text).toBe("Q\n<guideline></guideline>");
  });

  it("refuses a sixth level and a sixth step, and decoding goes on", () => {
    const lines: Record<string, Line[]> = { "0": [guide("1"), "."] };
    let threadId = "0";
    for (let depth = 1; depth <= 4; depth += 1) {
      threadId += "/1.1";
      lines[threadId] = [guide("1"), "x</step>", "\n"];
    }
    const six = guide("1", "2", "3", "4", "5", "6");
    // What is too deep once is too deep for good: the next guideline is text.
    lines[`${threadId}/1.1`] = [guide("1"), `${six}y</step>`, "\n"];
    const deep = play(npr, lines);
    expect(deep.warnings.map(({ code, message, threadId: at }) => [code, message, at])).toEqual([
      ["fork-refused", "a fork of 1 is over the limit of 5 levels of threads", `${threadId}/1.1`],
    ]);
    expect(deep.text).toContain(`${guide("1")}${six}y</step>\n<takeaway>\n`);
    expect(endingOf(deep)).toEqual({ kind: "eos" });
    const wide = play(npr, { "0": [six, six, "."] });
    expect(wide.warnings.map(({ message }) => message)).toEqual([
      "a fork of 6 is over the limit of 5 threads per fork",
      "a fork of 6 is over the limit of 5 threads per fork",
    ]);
    expect(wide.text).toBe(`Q\n${six}${six}.`);
  });
});
