import { expect, it } from "vitest";
import { inspectLog } from "../../../src/eval/report/inspect.ts";
import { summarize } from "../../../src/eval/summary/summarize.ts";
import { headerWith, sampleWith, small } from "../ledgers.ts";

async function textOf(log: AsyncIterable<string>): Promise<string> {
  const parts: string[] = [];
  for await (const part of log) parts.push(part);
  return parts.join("");
}

it("a log is one JSON value of version 2 with the samples of its arm, and they come last", async () => {
  const text = await textOf(inspectLog(await summarize(headerWith(), small), "fork-join", small));
  const log = JSON.parse(text) as { version: number; samples: { id: string; scores: object }[] };
  expect(Object.keys(log)).toEqual(["version", "status", "eval", "plan", "results", "stats", "samples"]);
  expect(log.version).toBe(2);
  expect(log.samples.map(({ id }) => id)).toEqual(["p1", "p1", "p2", "p2"]);
  expect(log.samples[3]?.scores).toEqual({
    threadweaver: { value: "I", answer: "8", explanation: "found by lastBox, decided by exact" },
  });
});

it("a log is written while its samples come", async () => {
  let taken = 0;
  async function* stream(): AsyncGenerator<ReturnType<typeof sampleWith>> {
    for (const sample of small) {
      taken += 1;
      yield sample;
    }
  }
  const log = inspectLog(await summarize(headerWith(), small), "sequential", stream());
  await log.next();
  expect(taken).toBe(0);
  await log.next();
  expect(taken).toBe(1);
});

it("a log of an arm that the summary does not have is refused", async () => {
  const log = inspectLog(await summarize(headerWith(), small), "other", small);
  await expect(log.next()).rejects.toThrow('arm is "other": expected one of the summary\'s: sequential, fork-join.');
});
