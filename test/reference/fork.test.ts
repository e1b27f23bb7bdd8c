import { describe, expect, it } from "vitest";
import * as fork from "./fork.ts";
import { handwritten, read, script } from "./handwritten.ts";
import { createFlavourVocabulary } from "./scripted-model.ts";

describe("a fork that the program plans", () => {
  const vocabulary = createFlavourVocabulary("fork");
  const planned = {
    branches: [
      { name: "a", text: "Who? " },
      { name: "b", text: "Where? ", maxTokens: 2 },
    ],
    combine: (results: readonly string[]) => `${results.join("+")}=`,
  };
  const lines = script({ "0/1.1": ["me"], "0/1.2": ["here"], "0": ["all"] });
  const model = { ...handwritten(vocabulary, lines), planned };
  const branches = [
    ["0/1.1", "Doc. Who? "],
    ["0/1.2", "Doc. Where? "],
  ];

  it("sends each branch the prompt and its own text", () => {
    expect(read(model, fork.interpret(model, "Doc. "))).toEqual({ calls: branches, final: "Doc. ", ending: "eos" });
  });

  it("goes on from the prompt with what the program makes of the results, within their limits", () => {
    expect(read(model, fork.interpretCombined(model, "Doc. "))).toEqual({
      calls: [...branches, ["0", "Doc. me+he="]],
      final: "Doc. me+he=all",
      ending: "eos",
    });
  });
});
