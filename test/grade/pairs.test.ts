import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { equal, policies } from "../../src/grade/index.ts";
import { answerOf, gradingPairs } from "./pairs.ts";

const page = readFileSync(new URL("../../docs/grading.md", import.meta.url), "utf8");
const decided = gradingPairs.filter(({ expected }) => expected !== null);
const open = gradingPairs.filter(({ expected }) => expected === null);

describe("the pairs of answers", () => {
  it("are 254 with a verdict and 55 that are a question of policy", () => {
    expect([decided.length, open.length]).toEqual([254, 55]);
  });

  it.each([policies.default, policies.strict])("that have a verdict get it under the policy $name", (policy) => {
    const wrong = decided.filter((pair) => equal(pair.gold, answerOf(pair), policy).equal !== pair.expected);
    expect(wrong.map(({ id, gold, answer }) => `${id}: ${gold} | ${answer}`)).toEqual([]);
  });

  it.each([policies.default, policies.strict])(
    "get the same verdict the other way round under the policy $name",
    (policy) => {
      for (const pair of gradingPairs) {
        const [gold, answer] = [pair.gold, answerOf(pair)];
        expect(equal(answer, gold, policy).equal, pair.id).toBe(equal(gold, answer, policy).equal);
      }
    },
  );

  it("that are a question of policy are decided as docs/grading.md says, each with a reason", () => {
    const rows = [...page.matchAll(/^\| (\w+-\d{3}) +\|.*\| (yes|no) +\| (yes|no) +\| (.+?) +\|$/gm)];
    const written = rows.map(([, id, normal, strict]) => ({ id, default: normal, strict }));
    const said = (is: boolean): string => (is ? "yes" : "no");
    expect(written).toEqual(
      open.map((pair) => ({
        id: pair.id,
        default: said(equal(pair.gold, answerOf(pair), "default").equal),
        strict: said(equal(pair.gold, answerOf(pair), "strict").equal),
      })),
    );
    for (const [, id, , , reason = ""] of rows) expect(reason.length, id).toBeGreaterThan(15);
  });
});
