import { readFileSync } from "node:fs";
import { extractAnswer } from "../../src/grade/index.ts";

export interface GradingPair {
  readonly id: string;
  readonly category: string;
  readonly gold: string;
  readonly answer: string;
  /** `box`: what a box holds; `text`: a whole text. */
  readonly form: "box" | "text";
  /** Null: a question of policy. */
  readonly expected: boolean | null;
  readonly note: string | null;
}

export const gradingPairs: readonly GradingPair[] = JSON.parse(
  readFileSync(new URL("../fixtures/grading-pairs.json", import.meta.url), "utf8"),
) as GradingPair[];

/** The answer of a pair as it is compared. */
export function answerOf({ form, answer }: GradingPair): string {
  return form === "box" ? answer : (extractAnswer(answer).answer ?? "");
}
