import { describe, expect, it } from "vitest";
import { defineDialect } from "../../../src/core/dialects/dialect.ts";
import type { Dialect } from "../../../src/core/dialects/schema.ts";
import { threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { displayText, sequenceText, currentHead } from "../../../src/core/measures/display.ts";
import { step } from "../../../src/core/machine/machine.ts";
import { createState, type State } from "../../../src/core/machine/state.ts";

/** Skeleton-of-Thought in small: main ends by itself, its points are written out, and nothing is read again. */
const points: Dialect = defineDialect({
  ...threadweaver,
  name: "points",
  trigger: { kind: "endOfText", lastLine: "" },
  plan: { source: "outline", after: "", item: "- {id:word}\n", onEmpty: "end" },
  context: { kind: "text", text: "{id}:" },
  thread: { stop: [], close: "", tailTokens: 0, maxDepth: 1 },
  onThreadEnd: { eos: "continue", length: "continue", cut: "continue", failed: "continue", refused: "continue" },
  join: { shape: "display", render: { fn: "list" } },
  functions: {
    list: ({ text, threads }) => `${text}=> ${threads.map((t) => `${t.captures["id"]}${t.text}`).join("; ")}`,
  },
});

function say(state: State, call: number, text: string, ends = true): void {
  step(state, { at: 0, t: "pieces", call, pieces: Array.from(text, (char) => ({ text: char })) });
  if (ends) step(state, { at: 0, t: "ended", call, reason: { kind: "stop" } });
}

function started(dialect: Dialect): State {
  const state = createState({ dialect });
  step(state, { at: 0, t: "start", prompt: { text: "Q" }, vocabulary: { eos: [], markers: {} } });
  return state;
}

describe("what a person sees of a run", () => {
  it("is nothing before it has begun", () => {
    expect(displayText(createState({ dialect: threadweaver }))).toBe("");
  });

  it("is main's text behind the prompt, also while it is being written", () => {
    const state = started(threadweaver);
    expect(displayText(state)).toBe("");
    say(state, 0, "half", false);
    expect(displayText(state)).toBe("half");
    const [main] = state.sequences;
    if (main === undefined) throw new Error("no main");
    expect(sequenceText(state, main)).toBe("half");
    expect(currentHead(state, main)).toEqual({ segment: 1, n: 4 });
    step(state, { at: 0, t: "ended", call: 0, reason: { kind: "stop" } });
    expect(displayText(state)).toBe("half");
    expect(currentHead(state, main)).toBe(main.head);
  });

  it("of a display join is its rendering, from the text and each thread in plan order", () => {
    const state = started(points);
    say(state, 0, "- sea\n- sky\n");
    expect(state.forks).toHaveLength(1);
    say(state, 2, " is wide");
    expect(displayText(state)).toBe("- sea\n- sky\n=> sea; sky is wide");
    say(state, 1, " is deep");
    expect(state.ending).toEqual({ kind: "eos" });
    expect(displayText(state)).toBe("- sea\n- sky\n=> sea is deep; sky is wide");
  });

  it("of a display dialect that never forked is the text itself", () => {
    const state = started(points);
    say(state, 0, "no points");
    expect(displayText(state)).toBe("no points");
  });
});
