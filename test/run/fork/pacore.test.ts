import { expect, it } from "vitest";
import { createRunner } from "../../../src/run/runner.ts";
import { chatEngine, contextsOf } from "./chat-engine.ts";

it("a later round of PaCoRe is a chat in which the last question is asked anew; main's own messages stay", async () => {
  const engine = chatEngine((context) => ({ text: context.includes("## References") ? "hm</think>4" : "x</think>3" }));
  const messages = [
    { role: "system", content: "Be brief.", trusted: true },
    { role: "user", content: "2+1?" },
    { role: "assistant", content: "3" },
    { role: "user", content: "2+2?" },
  ];
  const result = await createRunner({ engine, dialect: "pacore" }).run({ messages }).result;
  const before = "‹system\nBe brief.›\n‹user\n2+1?›\n‹assistant\n3›\n";
  const contexts = contextsOf(engine);
  expect(contexts.slice(0, 4)).toEqual([1, 2, 3, 4].map(() => `${before}‹user\n2+2?›\n‹assistant\n`));
  expect(contexts[4]?.startsWith(`${before}‹user\n## Question\n2+2?\n\n## References\n`)).toBe(true);
  expect(contexts[4]).toContain("### Reference 4\n3\n\n## Task");
  expect(result).toMatchObject({ text: "hm</think>4", reasoning: "hm", content: "4", complete: true });
  expect(result.threads.map(({ threadId }) => threadId)).toEqual(["0/1.1", "0/1.2", "0/1.3", "0/1.4", "0/2.1"]);
  // Attempts are drawn, each by a seed of its own.
  expect(engine.requests.map(({ sampling }) => sampling.temperature)).toEqual([1, 1, 1, 1, 1]);
  expect(new Set(engine.requests.map(({ sampling }) => sampling.seed)).size).toBe(5);
});
