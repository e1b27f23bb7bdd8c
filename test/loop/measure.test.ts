import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { tasksOf, textsOf } from "../../scripts/loop/data.ts";
import { evaluations, stepFolder } from "../../scripts/loop/loop.ts";
import { measure, tokensOf } from "../../scripts/loop/measure.ts";
import { writeReport } from "../../scripts/loop/report.ts";
import { sizes } from "../../scripts/loop/sizes.ts";
import type { Task } from "../../scripts/loop/tasks/tasks.ts";
import { headerWith, sampleWith } from "../eval/ledgers.ts";

const tasks = tasksOf({ ...sizes.smoke, evaluated: 10 }, 20);

/** An evaluation in which sequential is always right, and fork-join forks everywhere, and errs on chains. */
function evaluation(folder: string, some: readonly Task[]): string {
  const arms = { sequential: [] as object[], "fork-join": [] as object[] };
  for (const task of some) {
    const generated = tokensOf(task.sequential);
    const own = { problem: task.id };
    arms.sequential.push(sampleWith({ ...own, ms: 1000, tokens: { generated, criticalPath: generated } }));
    arms["fork-join"].push(
      sampleWith({
        ...own,
        arm: "fork-join",
        ms: 700,
        score: task.family === "chain" ? 0 : 1,
        forks: 1,
        tokens: { generated, criticalPath: Math.round(generated / 2) },
      }),
    );
  }
  for (const [arm, samples] of Object.entries(arms)) {
    mkdirSync(join(folder, arm), { recursive: true });
    const lines = [headerWith(), ...samples].map((line) => `${JSON.stringify(line)}\n`);
    writeFileSync(join(folder, arm, "samples.jsonl"), lines.join(""));
  }
  return folder;
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "threadweaver-loop-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe("what an evaluation of the loop says", () => {
  it("is counted by family, and against what the graphs allow", async () => {
    const measures = await measure(evaluation(temporary(), tasks.evaluated), tasks.evaluated);
    expect(measures).toMatchObject({ problems: 10, right: 0.7, sequential: 1, tokenRatio: 1, wallClock: 0.7 });
    expect(measures.difference.value).toBeCloseTo(-0.3, 12);
    expect(measures.families.chain).toEqual({ problems: 3, right: 0, forks: 1 });
    expect(measures.families.sums).toEqual({ problems: 3, right: 1, forks: 1 });
    expect(measures.speedUp).toBeCloseTo(2, 1);
    const right = tasks.evaluated.filter(({ family }) => family !== "chain");
    const graph = (of: "path" | "total") => right.reduce((sum, task) => sum + task.graph[of], 0);
    expect(measures.clockShare).toBeCloseTo(1 / 0.7 / 2, 2);
    expect(measures.allowed).toBeCloseTo(graph("total") / graph("path"), 12);
  });

  it("is refused where an answer is missing", async () => {
    const folder = evaluation(temporary(), tasks.evaluated.slice(1));
    await expect(measure(folder, tasks.evaluated)).rejects.toThrow(/has no answers to sums-0/);
  });

  it("stands in the report beside the goals, with every step and the time of each phase", async () => {
    const out = temporary();
    for (const name of evaluations) evaluation(join(out, `evaluation-${name}`), tasks.evaluated);
    for (const [i] of tasks.steps.entries()) {
      const folder = stepFolder(out, "p-grpo", i + 1);
      mkdirSync(join(folder, "checkpoint"), { recursive: true });
      const sampled = { right: 0.5, groups: 4, equal: 1 };
      const own = { step: i + 1, loss: -0.01, drift: 1e-6, reward: 0.2, path_tokens: 250, total_tokens: 400 };
      const spent = { targets: 1000, tokens: 3000, seconds: 2 };
      writeFileSync(join(folder, "sampled.json"), JSON.stringify(sampled));
      writeFileSync(join(folder, "checkpoint", "numbers.json"), JSON.stringify({ ...own, ...spent }));
    }
    const phases = [
      { phase: "rollouts", ms: 6000 },
      { phase: "p-grpo", ms: 2000 },
    ];
    writeFileSync(join(out, "times.jsonl"), phases.map((phase) => `${JSON.stringify(phase)}\n`).join(""));
    writeFileSync(join(out, "sft-metrics.jsonl"), `${JSON.stringify({ tokens: 2000, seconds: 1 })}\n`.repeat(2));
    const text = await writeReport(out, "smoke", tasks);
    expect(readFileSync(join(out, "report.md"), "utf8")).toBe(text);
    expect(text).toContain("| right, fork-join | 70.0 % | 70.0 % | 70.0 % | 70.0 % |  |");
    expect(text).toContain("| fork rate on chains | 100.0 % | 100.0 % | 100.0 % | 100.0 % | \\<= 5 % |");
    expect(text).toContain("| 3 | 50.0 % | 0.200 | 1 of 4 | 250 | 400 | 1.0e-6 | -0.0100 |");
    expect(text).toContain("| rollouts | 6.00 s | 60.0 % |");
    const page = readFileSync(join(out, "report.html"), "utf8");
    expect(page.match(/<figure>/g)).toHaveLength(3);
    expect(page).toContain("<title>mean reward, 3: 0.2</title>");
    expect(text).toContain("| sft | 2.00 s | 20.0 % |");
    expect(text).toContain("Tokens a second: 500 sampled in rollouts; with contexts, 2000 of SFT and 1500 of P-GRPO.");
    const [share, bare, gain] = [
      "share of what the graphs allow",
      "the same without any fork",
      "share of the gain",
    ].map((name) => Number(new RegExp(`\\| ${name}[^|]*\\| ([\\d.]+) %`).exec(text)?.[1]));
    expect(gain).toBeCloseTo((((share ?? 0) - (bare ?? 0)) / (100 - (bare ?? 0))) * 100, 0);
  });
});

describe("the tasks of a loop", () => {
  it("are in one of its parts only, and every text is a solution of its task", () => {
    const parts = [tasks.evaluated, tasks.taught, tasks.own, ...tasks.steps];
    const prompts = parts.flatMap((part) => part.map(({ prompt }) => prompt));
    expect(new Set(prompts).size).toBe(prompts.length);
    expect(parts.map((part) => part.length)).toEqual([10, 60, 4, 4, 4, 4]);
    const texts = textsOf(tasks.taught, 20) as { text: string }[];
    const isForked = texts.map(({ text }) => text.includes("<Parallel>"));
    expect(isForked.filter(Boolean).length).toBeGreaterThan(15);
    expect(isForked.filter(Boolean).length).toBeLessThan(45);
    for (const [i, { text }] of texts.entries()) {
      const { sequential, parallel, decoy } = tasks.taught[i]!;
      expect([sequential, parallel, decoy]).toContain(text);
    }
  });
});
