import { describe, expect, it } from "vitest";
import { things } from "../../scripts/loop/pretrained/facts.ts";
import { makeQuestions, textOf } from "../../scripts/loop/pretrained/questions.ts";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { validateFormat } from "../../src/core/validation/validate.ts";

const [taught, asked] = [makeQuestions(500, 20, false), makeQuestions(200, 21, true)];

/** The things that questions name. */
function namesIn(questions: readonly { ask: string; answer: string }[]): Set<string> {
  const text = questions.map(({ ask, answer }) => `${ask} ${answer}`.toLowerCase()).join(" ");
  return new Set(things.map(({ name }) => name).filter((name) => new RegExp(`\\b${name}\\b`).test(text)));
}

describe("questions for a pretrained model", () => {
  it("have texts in the format, with a thread for each part, and none where there is one part", () => {
    for (const question of [...taught, ...asked]) {
      const text = textOf(question);
      expect(validateFormat(threadweaver, text), text).toEqual([]);
      expect(text.match(/<Thread>/g)?.length ?? 0).toBe(question.parts.length);
      expect(text.endsWith(question.answer)).toBe(true);
    }
  });

  it("have several parts in about six of ten cases", () => {
    const share = taught.filter(({ parts }) => parts.length > 0).length / taught.length;
    expect(share).toBeGreaterThan(0.5);
    expect(share).toBeLessThan(0.7);
  });

  it("are asked of things, and in words, that no text has", () => {
    const shared = [...namesIn(asked)].filter((name) => namesIn(taught).has(name));
    expect(shared).toEqual([]);
    const beginnings = (questions: typeof taught) =>
      new Set(questions.map(({ ask }) => ask.split(" ").slice(0, 2).join(" ")));
    const [old, fresh] = [beginnings(taught), beginnings(asked)];
    expect([...fresh].filter((words) => old.has(words))).toEqual([]);
  });
});
