import { describe, expect, it } from "vitest";
import { pacore } from "../../../src/core/dialects/bundled/index.ts";
import { defineDialect, sequential } from "../../../src/core/dialects/dialect.ts";
import { displayText } from "../../../src/core/measures/display.ts";
import { countTokens } from "../../../src/core/measures/tokens.ts";
import { play } from "../play.ts";
import { endingOf } from "./support.ts";

const asked = (references: string) =>
  "## Question\nQ\n\n\n## References\nThese are independent answers to the question. Any of them may be wrong.\n\n" +
  `${references}\n\n## Task\nCompare the references, find out where they are wrong, and answer the question anew.`;

const round = (...lines: Parameters<typeof play>[1][string][number][]) =>
  Object.fromEntries(lines.map((line, i) => [`0/1.${i + 1}`, [line]]));
const end = { "0/2.1": ["hm</think>So it is 4."] };

describe("PaCoRe", () => {
  it("asks four times for the same, then once more with the answers as references, and shows that", () => {
    const played = play(pacore, { ...round("a</think>3", "4", "b</think>c</think> 4 ", "5"), ...end });
    for (const n of [1, 2, 3, 4]) expect(played.contexts[`0/1.${n}#0`]).toBe("Q\n");
    const references = ["3", "4", "4", "5"].map((text, i) => `### Reference ${i + 1}\n${text}`).join("\n\n");
    expect(played.contexts["0/2.1#0"]).toBe(asked(references));
    expect(displayText(played.state)).toBe("hm</think>So it is 4.");
    expect(endingOf(played)).toEqual({ kind: "eos" });
    expect(played.codes).toEqual([]);
    // Main writes nothing, and stands where its prompt ends.
    expect(played.text).toBe("Q\n");
  });

  it("leaves out what was lost and what is empty, and numbers the others", () => {
    const lost = { write: "half an answ", fate: "failed" } as const;
    const played = play(pacore, { ...round(lost, "x</think> ", { write: "long", fate: "length" }, "5"), ...end });
    expect(played.contexts["0/2.1#0"]).toBe(asked("### Reference 1\nlong\n\n### Reference 2\n5"));
    expect(played.codes).toEqual(["thread-failed", "thread-out-of-tokens"]);
  });

  it("fails where a whole round was lost", () => {
    const lost = { write: "", fate: "failed" } as const;
    const played = play(pacore, round(lost, lost, lost, lost));
    expect(endingOf(played)).toMatchObject({ kind: "failed", threadId: "0/1.4" });
    expect(played.sent).toHaveLength(4);
  });

  it("counts the longest attempt of each round on the critical path", () => {
    const played = play(pacore, { ...round("1", "22", "333", "4"), ...end });
    expect(countTokens(played.state).criticalPath).toBe("333".length + 1 + "hm</think>So it is 4.".length + 1);
  });

  it("has as many rounds as its plan says", () => {
    const dialect = defineDialect({ ...pacore, name: "three", plan: { source: "rounds", counts: [2, 1, 2] } });
    const played = play(dialect, { ...round("1", "2"), "0/2.1": ["3"], "0/3.1": ["4"], "0/3.2": ["5"] });
    expect(played.contexts["0/3.2#0"]).toBe(asked("### Reference 1\n3"));
    expect(displayText(played.state)).toBe("4\n\n5");
  });

  it("starts no attempt where there is no question for it", () => {
    const dialect = defineDialect({
      ...pacore,
      name: "mute",
      functions: { ...pacore.functions, synthesis: () => undefined },
    });
    const played = play(dialect, round("1", "2", "3", "4"));
    expect(played.codes).toEqual(["thread-not-started"]);
    expect(endingOf(played)).toEqual({ kind: "eos" });
  });

  it("answers once in sequential mode", () => {
    const played = play(sequential(pacore), { "0": ["4"] });
    expect(played.text).toBe("Q\n4");
  });

  it("refuses a round that is over the limit", () => {
    const played = play(pacore, {}, { limits: { threads: 3 } });
    expect(endingOf(played)).toEqual({ kind: "refused", limit: "threads" });
    expect(played.sent).toEqual([]);
  });
});
