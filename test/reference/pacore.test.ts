import { describe, expect, it } from "vitest";
import { handwritten, read, script } from "./handwritten.ts";
import * as pacore from "./pacore.ts";
import { createFlavourVocabulary } from "./scripted-model.ts";

describe("pacore", () => {
  const vocabulary = createFlavourVocabulary("pacore");

  it("gives the last round the answers of the first, without their thinking", () => {
    const model = handwritten(
      vocabulary,
      script({
        "0/1.1": ["no</think> 3 "],
        "0/1.2": ["4"],
        "0/1.3": ["4</think>"],
        "0/1.4": ["5"],
        "0/2.1": ["4"],
      }),
    );
    const { calls, final, ending } = read(model, pacore.interpret(model, "2+2?"));
    expect(calls.slice(0, 4)).toEqual([1, 2, 3, 4].map((n) => [`0/1.${n}`, "2+2?"]));
    expect(calls[4]).toEqual([
      "0/2.1",
      "## Question\n2+2?\n\n## References\n" +
        "These are independent answers to the question. Any of them may be wrong.\n\n" +
        "### Reference 1\n3\n\n### Reference 2\n4\n\n### Reference 3\n5\n\n## Task\n" +
        "Compare the references, find out where they are wrong, and answer the question anew.",
    ]);
    expect({ final, ending }).toEqual({ final: "2+2?", ending: "eos" });
  });
});
