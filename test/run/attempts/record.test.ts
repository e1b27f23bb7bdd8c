import { describe, expect, it } from "vitest";
import type { AttemptsOptions } from "../../../src/run/attempts/options.ts";
import type { AttemptsResult } from "../../../src/run/attempts/result.ts";
import { confidence, firstOf, quorum, type JoinPolicy } from "../../../src/run/policies/index.ts";
import { createRunner, type Runner } from "../../../src/run/runner.ts";
import { readTrace } from "../../../src/trace/reader.ts";
import { replayTrace } from "../../../src/trace/replay.ts";
import { createTrace } from "../../../src/trace/writer.ts";
import { temporaryFolder } from "../../trace/support.ts";
import { Record } from "../record.ts";
import { attemptEngine, question, type Script } from "./attempt-engine.ts";

const box = (value: string, sure = 1): Script => ({ text: `\\boxed{${value}}`, sure });
const scripts = [box("4", 4), box("5", 2), box("5", 2.5), box("4", 3.5), { text: "well", end: false, sure: 9 }];
const runnerOf = (): Runner =>
  createRunner({ engine: attemptEngine(scripts), createId: () => "run", random: () => 0.5 });
const options = { count: 5, answer: "lastBox" } as const;

async function recorded(more: Partial<AttemptsOptions>): Promise<{ record: Record; result: AttemptsResult }> {
  const record = new Record();
  const run = runnerOf().attempts(question, { ...options, ...more, recorder: record.recorder });
  return { record, result: await run.result };
}

/** What they came to. Which attempt was cut how soon differs, since a resumed run has other moments. */
const electedBy = ({ answer, votes, attempts }: AttemptsResult) => ({
  answer,
  votes,
  attempts: attempts.map(({ ending, answer: own, voted }) => ({ ending, own, voted })),
});

describe("a record of attempts", () => {
  it.each<[string, Partial<AttemptsOptions>]>([
    ["a quorum", { policy: quorum(2) }],
    ["two policies", { policy: [quorum(4), firstOf(4)] }],
  ])("that %s decided about goes on after any of its inputs, to the same votes", async (_, more) => {
    const { record, result } = await recorded(more);
    expect(result.answer).toBeDefined();
    for (let count = 1; count <= record.inputs.length; count += 1) {
      const again = (await runnerOf().resume(record.upTo(count)).result) as AttemptsResult;
      expect(electedBy(again)).toEqual(electedBy(result));
    }
  });

  it("has the confidence of each token, so what was measured before an interruption counts", async () => {
    const more = { policy: confidence({ warmups: 2, window: 3, percentile: 50 }), count: 4 };
    const { record, result } = await recorded(more);
    expect(result.attempts.map(({ score }) => score)).toEqual([4, 2, 2.5, 3.5]);
    for (let count = 1; count <= record.inputs.length; count += 1) {
      const again = (await runnerOf().resume(record.upTo(count)).result) as AttemptsResult;
      expect(again.attempts.map(({ score, voted }) => [score, voted])).toEqual(
        result.attempts.map(({ score, voted }) => [score, voted]),
      );
    }
  });

  it("needs a function of the program again, of which it has none", async () => {
    const mine: JoinPolicy = {
      name: "mine",
      decide: ({ siblings }) => ({ cut: siblings.filter(({ index }) => index === 4) }),
    };
    const { record, result } = await recorded({
      policy: mine,
      answer: (text) => text.slice(7, 8),
      equal: (a, b) => a === b,
    });
    const half = record.upTo(9);
    expect(() => runnerOf().resume(half)).toThrow(
      /decided by a policy of its own \(mine\) of its program, .* `policy`/,
    );
    expect(() => runnerOf().resume(half, { policy: mine })).toThrow(/`answer`/);
    const again = { policy: mine, answer: (text: string) => text.slice(7, 8), equal: "text" } as const;
    expect(((await runnerOf().resume(half, again).result) as AttemptsResult).answer).toBe(result.answer);
  });

  it("keeps a pattern by which answers are found", async () => {
    const { record, result } = await recorded({ policy: quorum(2), answer: { pattern: /BOXED\{(\d)/i } });
    expect(record.header?.deciders?.answer).toEqual({ pattern: String.raw`BOXED\{(\d)`, flags: "i" });
    const again = (await runnerOf().resume(record.upTo(9)).result) as AttemptsResult;
    expect(again.answer).toBe(result.answer);
  });

  it("is replayed from its file without any policy, and the proof holds", async () => {
    const path = temporaryFolder()("attempts.jsonl");
    const trace = createTrace(path);
    const more = { policy: confidence({ warmups: 2, window: 3, percentile: 50 }), count: 4 };
    await runnerOf().attempts(question, { ...options, ...more, recorder: trace }).result;
    await trace.close();
    expect(replayTrace(await readTrace(path))).toMatchObject({ proof: "equal", differences: [] });
  });

  it("of a run without policies says nothing of any", async () => {
    const record = new Record();
    await createRunner({ engine: attemptEngine([box("1")]) }).fork(question, [{ continue: "x" }], {
      recorder: record.recorder,
    }).result;
    expect(record.header).not.toHaveProperty("deciders");
  });
});
