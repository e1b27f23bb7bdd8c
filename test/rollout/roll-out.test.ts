import { describe, expect, it } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { rollOut, wholeDistribution, type Rollout, type RolloutOptions } from "../../src/rollout/index.ts";
import { createRunner } from "../../src/run/runner.ts";
import { criticalTokens } from "../../src/run/policies/index.ts";
import { planned } from "../run/scripted-engine.ts";
import { collected, engineWithOdds } from "./support.ts";

const right = { id: "right", input: { prompt: "Q" }, answer: "12" };
const engine = engineWithOdds(() => ({ text: "So \\boxed{12}" }));
const runner = createRunner({ engine, dialect: threadweaver });

describe("rollouts", () => {
  it("are judged, and sampled from the whole distribution with a seed each", async () => {
    const problems = [right, { ...right, id: "wrong", answer: "13" }];
    const all = await collected(rollOut(runner, problems, { group: 3, seed: 7 }));
    const rollouts = all.filter((one): one is Rollout => "result" in one);
    const judged = rollouts.map(({ id, sample, correct, answer }) => [id, sample, correct, answer].join(" "));
    const ofGroup = (id: string, correct: boolean) => [0, 1, 2].map((sample) => `${id} ${sample} ${correct} 12`);
    expect(judged.toSorted()).toEqual([...ofGroup("right", true), ...ofGroup("wrong", false)]);
    expect(new Set(rollouts.map(({ result }) => result.seed)).size).toBe(6);
    for (const { result } of rollouts) {
      expect(result.samplingBy).toBe("run");
      const [origin] = result.tree.segments.flatMap(({ origins = [] }) => origins);
      expect(origin?.sampling).toEqual(wholeDistribution);
    }
    for (const request of engine.requests) expect(request.logprobs).toBe(true);
  });

  it("have none where there is no answer, and none where the run fails", async () => {
    const silent = createRunner({ engine: engineWithOdds(() => ({ text: "" })), dialect: threadweaver });
    const [one] = await collected(rollOut(silent, [right], { group: 2, extract: "lastBox" }));
    expect(one).toMatchObject({ correct: false, answer: null });
    const bad = [{ ...right, input: { prompt: "<Thread>" } }];
    const failed = await collected(rollOut(runner, bad, { group: 2 }));
    expect(failed).toMatchObject([{ sample: 0, error: { code: "invalid_prompt" } }, { error: {} }]);
  });

  it("keep what a straggler had sampled when a policy cuts it", async () => {
    const slow = planned({ "1": { text: " short.</Thread>" }, "2": { text: " so long.", after: "runOn" } });
    const cutting = createRunner({ engine: engineWithOdds(slow), dialect: threadweaver });
    const options: RolloutOptions = { group: 2, policy: criticalTokens(150) };
    const [one] = await collected(rollOut(cutting, [right], options));
    const { result } = one as Rollout;
    expect(result.incomplete.map(({ threadId }) => threadId)).toContain("0/1.2");
    expect(result.text).toContain("so long.");
  });

  it("refuse a problem whose own options draw its tokens in another way", async () => {
    const own = { ...right, options: { temperature: 0.6 } };
    await expect(rollOut(runner, [own], { group: 2 }).next()).rejects.toThrow(
      /says temperature 0\.6, and rollouts are/,
    );
  });

  it.each([
    [{ group: 1 }, /group: a group has at least two rollouts/],
    [{ temperature: 0.6 }, /Rollouts take no temperature: they are sampled at temperature 1/],
    [{ grading: "nice" }, /grading/],
    [{ grup: 2 }, /grup/],
  ])("refuse %j", async (options, why) => {
    await expect(rollOut(runner, [right], options as RolloutOptions).next()).rejects.toThrow(why);
  });
});
