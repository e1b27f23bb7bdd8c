import { expect } from "vitest";
import type { Dialect } from "../../../src/core/dialects/schema.ts";
import { textBetween } from "../../../src/core/trie/path.ts";
import { endingOf } from "../../../src/core/machine/state.ts";
import { validateFormat } from "../../../src/core/validation/validate.ts";
import { FLAVOURS, type Flavour } from "../../reference/scripted-model.ts";
import { chanceFrom, drive } from "../drive.ts";
import { tidyModel } from "../tidy.ts";

/** Two trajectories as the authors train on them: the released mode, and the older one with a conclusion. */
export const released =
  "<think>\nI need 12*13 + 7*9.\n\n<Parallel>\n<Outlines>\n<Outline>1: Work out the first product.</Outline>\n<Outline>2: Work out the second product.</Outline>\n</Outlines>\n<Thread>\n1: 12*13 = 12*10 + 12*3 = 120 + 36 = 156.\n</Thread><Thread>\n2: 7*9 = 63.\n</Thread>\n</Parallel>\n\nAdding, 156 + 63 = 219.\n</think>\n\nThe result is \\boxed{219}.";
export const concluded =
  "<think>\nSolve x^2 - 5x + 6 = 0 and check it.\n<Parallel>\n<Outlines>\n<Outline>1: Factor the quadratic.</Outline>\n<Outline>2: Use the discriminant.</Outline>\n</Outlines>\n<Thread>\n1: (x-2)(x-3) = 0, so x is 2 or 3.\n</Thread><Thread>\n2: D = 25 - 24 = 1, so x = (5 +/- 1)/2, that is 3 or 2.\n</Thread>\n<Conclusion>\nBoth routes give 2 and 3.\n</Conclusion>\n</Parallel>\nThe larger root is 3.\n<Parallel>\n<Outlines>\n<Outline>1: Substitute 3 into the polynomial.</Outline>\n</Outlines>\n<Thread>\n1: 9 - 15 + 6 = 0.\n</Thread>\n<Conclusion>\nThe root 3 checks.\n</Conclusion>\n</Parallel>\n</think>\n\n\\boxed{3}";

/** What a tidy model makes of a format, with no warning; undefined where its chance gave it one. */
export function tidyText(dialect: Dialect, flavour: Flavour, seed: number): { text: string; forks: number } {
  const driven = drive(dialect, tidyModel(flavour, seed), FLAVOURS[flavour].prompt, chanceFrom(seed));
  const [main] = driven.state.sequences;
  if (main === undefined) throw new Error("no main sequence");
  expect(driven.effects.filter(({ e }) => e === "warning")).toEqual([]);
  expect(endingOf(main)).toEqual({ kind: "eos" });
  return { text: textBetween(driven.state.trie, main.body, main.head), forks: driven.state.forks.length };
}

/** Problems as lines: the text from where they are, and what they say. */
export const told = (dialect: Dialect, text: string) =>
  validateFormat(dialect, text).map(({ at, message }) => `${text.slice(at, at + 12)}| ${message}`);
