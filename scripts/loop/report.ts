import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { duration } from "../../src/cli/view/describe.ts";
import { textOf, type Section } from "../../src/eval/report/document.ts";
import { htmlOf } from "../../src/eval/report/html/page.ts";
import { markdownOf } from "../../src/eval/report/markdown.ts";
import type { LoopTasks } from "./data.ts";
import { evaluations } from "./loop.ts";
import { measure, type Measures } from "./measure.ts";
import { plotsOf } from "./plots.ts";
import { readNumbers, type StepNumbers } from "./step-numbers.ts";
import type { Family } from "./tasks/families.ts";

/** Writes `report.md` and `report.html` of a loop that is over, and returns the text of the first. */
export async function writeReport(out: string, size: string, { evaluated, steps }: LoopTasks): Promise<string> {
  const measured = await Promise.all(evaluations.map((name) => measure(join(out, `evaluation-${name}`), evaluated)));
  const numbers = steps.map((_, i) => readNumbers(out, i + 1));
  const lines = readFileSync(join(out, "times.jsonl"), "utf8").trimEnd().split("\n");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the loop wrote it
  const times = lines.map((line) => JSON.parse(line) as PhaseTime);
  const title = `The loop, ${size}`;
  const sections = sectionsOf(evaluated.length, measured, numbers, times);
  const text = markdownOf(title, sections);
  writeFileSync(join(out, "report.md"), text);
  writeFileSync(join(out, "report.html"), htmlOf(title, plotsOf(measured, numbers), sections));
  return text;
}

function sectionsOf(
  problems: number,
  measured: readonly Measures[],
  numbers: readonly StepNumbers[],
  times: readonly PhaseTime[],
): Section[] {
  const about = textOf(
    "A mechanism on a model of 0.92 M parameters; it says nothing of larger ones.",
    `${problems} problems that were never trained on, greedy.`,
    "The sequential twin has the same weights, and its answers begin with the words of texts that do not fork.",
    "Taught: after finished texts, which fork by chance. Self-trained: after its own first right answers.",
    "Reinforced: after P-GRPO. These three on vLLM, in float32.",
    "Embedded: the last weights as a GGUF in float16, in the engine of this library.",
  );
  const steps = ["step", "rollouts right", "mean reward", "equal groups", "critical path", "tokens", "drift", "loss"];
  return [
    {
      title: "Evaluations",
      blocks: [about, { kind: "table", head: ["", ...evaluations, "goal"], rows: rowsOf(measured) }],
    },
    { title: "Steps of P-GRPO", blocks: [{ kind: "table", head: steps, rows: numbers.map(stepRow) }] },
    {
      title: "Where the time went",
      blocks: [
        { kind: "table", head: ["phase", "time", "share"], rows: phases(times) },
        textOf(speeds(times, numbers)),
      ],
    },
  ];
}

function rowsOf(measured: readonly Measures[]): string[][] {
  const row = (what: string, of: (one: Measures) => string, goal = ""): string[] => [what, ...measured.map(of), goal];
  const family = (name: Family): string[] =>
    row(
      `${name}: right, forks`,
      ({ families }) => `${percent(families[name].right)}, ${percent(families[name].forks)}`,
    );
  return [
    row("right, fork-join", ({ right }) => percent(right)),
    row("right, the sequential twin", ({ sequential }) => percent(sequential)),
    row("difference (95 %)", differenceOf),
    family("sums"),
    family("nested"),
    family("mixed"),
    family("chain"),
    row("fork rate on chains", ({ families }) => percent(families.chain.forks), "<= 5 %"),
    row("tokens, on the critical path", ({ tokens, path }) => `${tokens.toFixed(0)}, ${path.toFixed(0)}`),
    row(
      "of right answers: speed-up in tokens, allowed",
      ({ speedUp, allowed }) => `${speedUp.toFixed(3)}, ${allowed.toFixed(3)}`,
    ),
    row("share of what the graphs allow", ({ speedUp, allowed }) => percent(speedUp / allowed), ">= 90 %"),
    row("tokens by those without forks", ({ tokenRatio }) => tokenRatio.toFixed(3), "<= 1.1"),
    row("wall clock by that of the twin", ({ wallClock }) => wallClock.toFixed(3)),
    row("speed-up by the clock, by that in tokens", ({ clockShare }) => clockShare.toFixed(3)),
  ];
}

function differenceOf({ difference: { value, interval } }: Measures): string {
  const points = (share: number): string => (share * 100).toFixed(1);
  return `${points(value)} points${interval === undefined ? "" : `, ${points(interval.low)} to ${points(interval.high)}`}`;
}

function stepRow({ step, sampled, reward, path_tokens, total_tokens, drift, loss }: StepNumbers): string[] {
  const { right, equal, groups } = sampled;
  const cells = [`${step}`, percent(right), reward.toFixed(3), `${equal} of ${groups}`, path_tokens.toFixed(0)];
  return [...cells, total_tokens.toFixed(0), drift.toExponential(1), loss.toFixed(4)];
}

interface PhaseTime {
  readonly phase: string;
  readonly ms: number;
}

function phases(times: readonly PhaseTime[]): string[][] {
  const sums = new Map<string, number>();
  for (const { phase, ms } of times) sums.set(phase, (sums.get(phase) ?? 0) + ms);
  const all = total(times, ({ ms }) => ms);
  return [...sums].map(([phase, ms]) => [phase, duration(ms), percent(ms / all)]);
}

/** Tokens a second. Of training, those of contexts are counted too, as they go through the model. */
function speeds(times: readonly PhaseTime[], numbers: readonly StepNumbers[]): string {
  const seconds = total(times, ({ phase, ms }) => (phase === "rollouts" ? ms / 1000 : 0));
  const trained = total(numbers, ({ tokens }) => tokens) / total(numbers, (one) => one.seconds);
  const sampled = total(numbers, ({ targets }) => targets) / seconds;
  return `Tokens a second: ${sampled.toFixed(0)} of rollouts, ${trained.toFixed(0)} of P-GRPO, contexts included.`;
}

function total<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((sum, value) => sum + of(value), 0);
}

function percent(share: number): string {
  // Of what no answer is right in.
  if (Number.isNaN(share)) return "–";
  return `${(share * 100).toFixed(1)} %`;
}
