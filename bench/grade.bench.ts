import { readFileSync } from "node:fs";
import { equal, extractAnswer } from "../src/grade/index.ts";
import { alternate, report } from "./measure.ts";

interface Pair {
  readonly gold: string;
  readonly answer: string;
  readonly form: "box" | "text";
}

const fixture = new URL("../test/fixtures/grading-pairs.json", import.meta.url);
const pairs = JSON.parse(readFileSync(fixture, "utf8")) as Pair[];
const plain = Array.from({ length: 300 }, (_, i) => [String(i), `\\boxed{${i}.0}`] as const);
const rounds = 20;

/** Pairs a second: the mixed pairs of the tests, hostile ones among them, and whole numbers in boxes, as AIME has them. */
export async function gradeBench(): Promise<void> {
  const ms = await alternate({
    "the mixed pairs": () => {
      for (let i = 0; i < rounds; i += 1) for (const { gold, answer } of pairs) equal(gold, answer);
    },
    "whole numbers, found in boxes": () => {
      for (let i = 0; i < rounds; i += 1) {
        for (const [gold, text] of plain) equal(gold, extractAnswer(text).answer ?? "");
      }
    },
  });
  const perSecond = (name: string, count: number): string =>
    `${Math.round((count * rounds * 1000) / (ms[name] ?? 1))} pairs/s`;
  report("grade: the mixed pairs", perSecond("the mixed pairs", pairs.length), "goal >= 3000 pairs/s");
  report("grade: whole numbers, found in boxes", perSecond("whole numbers, found in boxes", plain.length));
}
