import { expect, it } from "vitest";
import { quorum } from "../../../src/run/policies/index.ts";
import { createRunner } from "../../../src/run/runner.ts";
import { scriptedEngine } from "../scripted-engine.ts";

it("two answers are compared once, however often a policy looks at them", async () => {
  let nth = 0;
  const engine = scriptedEngine(() => ({ text: ` ${(nth += 1) % 4}` }));
  const compared: string[] = [];
  const { votes } = await createRunner({ engine }).attempts(
    { prompt: "Q" },
    {
      count: 16,
      policy: quorum(16),
      temperature: 1,
      answer: (text) => text.trim(),
      equal: (a, b) => {
        compared.push(`${a} ${b}`);
        return a === b;
      },
    },
  ).result;
  expect(votes.map(({ weight }) => weight)).toEqual([4, 4, 4, 4]);
  // The votes are counted with a memory of their own.
  const times = Map.groupBy(compared, (pair) => pair);
  expect(Math.max(...[...times.values()].map((some) => some.length))).toBe(2);
  for (const pair of times.keys()) expect(pair[0]).not.toBe(pair[2]);
});
