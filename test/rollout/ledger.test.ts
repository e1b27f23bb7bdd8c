import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { threadweaver } from "../../src/core/dialects/bundled/index.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import {
  groupRows,
  ledgerRows,
  ledgerTries,
  rollOut,
  RolloutLedger,
  RolloutReader,
  scoreLedger,
  type Rollout,
} from "../../src/rollout/index.ts";
import { createRunner } from "../../src/run/runner.ts";
import { planned } from "../run/scripted-engine.ts";
import { collected, engineWithOdds } from "./support.ts";

const settings = { model: "scripted", group: 2, seed: 1, weightVersion: "step-3" };
const answers = planned({ "1": { text: " one.</Thread>" }, "2": { text: " two.</Thread>" } });

async function rollouts(): Promise<Rollout[]> {
  const runner = createRunner({ engine: engineWithOdds(answers), dialect: threadweaver });
  const problems = ["a", "b"].map((id) => ({ id, input: { prompt: "Q" }, answer: id }));
  const all = await collected(rollOut(runner, problems, { group: 2, seed: 1 }));
  // So that the rewards of a group differ.
  return all.filter((one): one is Rollout => "result" in one).map((one) => ({ ...one, correct: one.sample === 0 }));
}

function file(): string {
  const folder = mkdtempSync(join(tmpdir(), "threadweaver-rollouts-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "rollouts.jsonl");
}

describe("a ledger of rollouts", () => {
  it("gives the rows that its groups give, and tries whose pairs are in their order", async () => {
    const path = file();
    const made = await rollouts();
    const ledger = await RolloutLedger.open(path, settings);
    for (const one of made) ledger.write(one);
    ledger.close();
    const reader = await RolloutReader.open(path);
    const scores = await scoreLedger(reader);
    expect(scores.summary).toMatchObject({ rollouts: 4, right: 0.5, groups: 2, incomplete: 0, equal: 0, used: 4 });
    const rows = await collected(ledgerRows(reader, scores));
    const expected = ["a", "b"].flatMap(
      (id) =>
        groupRows(
          made.filter((one) => one.id === id),
          { weightVersion: "step-3" },
        ).rows,
    );
    const sorted = (some: typeof rows) => some.toSorted((x, y) => (x.rollout_id < y.rollout_id ? -1 : 1));
    expect(sorted(rows)).toEqual(JSON.parse(JSON.stringify(sorted(expected))));
    const tries = await collected(ledgerTries(reader, scores));
    for (const { rollout_id, target, weight } of tries) {
      const own = rows.filter((row) => row.rollout_id === rollout_id);
      expect(target).toEqual(own.flatMap((row) => row.response_ids));
      expect(new Set(weight)).toEqual(new Set([own[0]?.advantage]));
    }
  });

  it("is gone on with: what failed and what was torn is made again, and nothing else", async () => {
    const path = file();
    const [a, b, c] = await rollouts();
    const ledger = await RolloutLedger.open(path, settings);
    ledger.write(a!);
    ledger.write({ id: b!.id, sample: b!.sample, error: new ThreadweaverError("engine_failed", "it broke off") });
    ledger.write(c!);
    ledger.close();
    const whole = readFileSync(path);
    truncateSync(path, whole.length - 20);
    const again = await RolloutLedger.open(path, settings, { resume: true });
    expect([a, b, c].map((one) => again.has(one!))).toEqual([true, false, false]);
    again.write(b!);
    again.write(c!);
    again.close();
    appendFileSync(path, "{}\n");
    const reader = await RolloutReader.open(path);
    expect((await collected(reader.rollouts())).map(({ id, sample }) => [id, sample])).toEqual(
      [a, b, c].map((one) => [one!.id, one!.sample]),
    );
    const { summary } = await scoreLedger(reader);
    expect(summary).toMatchObject({ rollouts: 3, groups: 2, incomplete: 1, used: 2 });
    expect((await scoreLedger(reader, { atLeast: 1, dropEqual: true })).summary).toMatchObject({
      incomplete: 0,
      used: 2,
    });
  });

  it("refuses other settings, and files that are no ledger", async () => {
    const path = file();
    (await RolloutLedger.open(path, settings)).close();
    await expect(RolloutLedger.open(path, settings)).rejects.toThrow(/exists/);
    const others = { ...settings, group: 4, weightVersion: null };
    await expect(RolloutLedger.open(path, others, { resume: true })).rejects.toThrow(
      'other settings. group: 2 there, 4 now; weightVersion: "step-3" there, null now.',
    );
    appendFileSync(`${path}.other`, "{}\n");
    await expect(RolloutReader.open(`${path}.other`)).rejects.toThrow(/is no ledger of rollouts/);
    await expect(RolloutLedger.open(`${path}.other`, settings, { resume: true })).rejects.toThrow(/no ledger/);
  });
});
