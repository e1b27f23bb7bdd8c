import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { threadweaver as dialect } from "../../src/core/dialects/bundled/index.ts";
import { applyEdits } from "../../src/trajectories/edits/apply.ts";
import { changed } from "../../src/trajectories/edits/ledger.ts";
import { readEdits, type Edit } from "../../src/trajectories/edits/read.ts";
import { lineStarts, spanOf } from "../../src/trajectories/trace/trace.ts";
import { runs } from "../core/drive.ts";
import { lines, traceOf } from "./sources.ts";

const trace = traceOf(dialect, ["The first.", "As found above, 48 is even.", "So 48 + 1 = 49.", "The last."], true)!;
const thread = { first: 2, last: 3 };
const edit = (old: string, put = "", reason = "it refers to a sibling"): Edit => ({ old, new: put, reason });
const codesOf = (edits: readonly Edit[], more = {}) =>
  applyEdits(trace, thread, edits, { dialect, maxShare: 1, ...more }).faults.map(({ code }) => code);

describe("edits of a thread", () => {
  it("are entries of the ledger, in the order of the text, with their reasons", () => {
    const edits = [edit("49.", "49 is odd.", "clearer"), edit("As found above, ")];
    const { value } = applyEdits(trace, thread, edits, { dialect, maxShare: 0.5 });
    expect(value?.map(({ removed, reason }) => [removed, reason])).toEqual([
      ["As found above, ", "it refers to a sibling"],
      ["49.", "clearer"],
    ]);
    expect(changed(trace.text, value!, 0, trace.text.length)).toContain(
      "first.\n48 is even.\nSo 48 + 1 = 49 is odd.\n",
    );
  });

  it.each([
    ["a text that is only in another thread", [edit("The first")], ["not-found"]],
    ["a text that is there twice", [edit("48")], ["ambiguous"]],
    ["a text that overlaps itself", [edit("4")], ["ambiguous"]],
    ["two of the same text", [edit("found above"), edit("As found")], ["overlap"]],
    ["one that changes nothing", [edit("49", "49")], ["no-change"]],
    ["one that looks for nothing", [edit("", "x")], ["no-change"]],
    ["one without a reason", [edit("49", "50", " ")], ["no-reason"]],
    ["one that writes a tag", [edit("49", "</Thread>")], ["tags"]],
    ["ones that make a tag together with what stands there", [edit("even", "<Thr"), edit(".\nSo", "ead>")], ["tags"]],
    ["ones that leave nothing", [edit("As found above, 48 is even.\nSo 48 + 1 = 49.")], ["nothing-left"]],
  ])("are refused: %s", (_, edits, wanted) => {
    expect(codesOf(edits)).toEqual(wanted);
  });

  it("are few and small", () => {
    expect(codesOf([edit("As"), edit("So")], { maxEdits: 1 })).toEqual(["too-many"]);
    expect(codesOf([edit("As found above, ")], { maxShare: 0.2 })).toEqual(["too-large"]);
    expect(codesOf([edit("49", "x".repeat(30))], { maxShare: 0.5 })).toEqual(["too-large"]);
  });

  it("give what the same replacements give one after the other, and touch no other line", () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        lines,
        fc.array(fc.tuple(fc.nat(), fc.nat(8), fc.string({ maxLength: 5 })), { maxLength: 4 }),
        (body, cuts) => {
          const source = traceOf(dialect, ["head", ...body, "tail"], true);
          fc.pre(source !== undefined);
          const own = { first: 2, last: source.lines.length - 1 };
          const { from, to } = spanOf(lineStarts(source), own);
          const text = source.text.slice(from, to);
          const edits = cuts.map(([at, length, put]) => edit(text.slice(at % (text.length + 1)).slice(0, length), put));
          const { value, faults } = applyEdits(source, own, edits, { dialect, maxShare: 3 });
          if (value === undefined) {
            expect(faults.length).toBeGreaterThan(0);
            return;
          }
          accepted += 1;
          for (const { at, removed } of value) expect(source.text.startsWith(removed, at)).toBe(true);
          let wanted = text;
          for (const { at, removed, inserted } of value.toReversed()) {
            wanted = wanted.slice(0, at - from) + inserted + wanted.slice(at - from + removed.length);
          }
          const result = changed(source.text, value, 0, source.text.length);
          expect(result).toBe(source.text.slice(0, from) + wanted + source.text.slice(to));
        },
      ),
      { numRuns: runs(300) },
    );
    expect(accepted).toBeGreaterThan(30);
  });

  it("are read from an answer; one without a reason cannot be", () => {
    expect(readEdits('Here: [{"old":"a\\n","new":"","reason":"r"}]').value).toEqual([edit("a\n", "", "r")]);
    expect(readEdits("[]").value).toEqual([]);
    const { faults } = readEdits('[{"old":"a","new":""},{"old":"","new":"","reason":"r"}]');
    expect(faults.map(({ code, item }) => [code, item])).toEqual([
      ["shape", 1],
      ["shape", 2],
    ]);
    expect(readEdits("There is nothing to change.").faults[0]?.code).toBe("no-json");
  });
});
