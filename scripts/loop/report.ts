import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { duration } from "../../src/cli/view/describe.ts";
import { textOf, type Section } from "../../src/eval/report/document.ts";
import { htmlOf } from "../../src/eval/report/html/page.ts";
import { markdownOf } from "../../src/eval/report/markdown.ts";
import { LoopClock, type PhaseTime } from "./clock.ts";
import { readLines, type LoopTasks } from "./data.ts";
import { evaluations } from "./loop.ts";
import { measure, type Measures } from "./measure.ts";
import { plotsOf } from "./plots.ts";
import { readNumbers, type StepNumbers } from "./step-numbers.ts";
import type { Family } from "./tasks/families.ts";

/** Writes `report.md` and `report.html` of a loop that is over, and returns the text of the first. */
export async function writeReport(out: string, size: string, { evaluated, steps }: LoopTasks): Promise<string> {
  const measured = await Promise.all(evaluations.map((name) => measure(join(out, `evaluation-${name}`), evaluated)));
  const numbers = steps.map((_, i) => readNumbers(out, i + 1));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the trainer wrote them
  const taught = readLines(join(out, "sft-metrics.jsonl")) as StepTime[];
  const title = `The loop, ${size}`;
  const times = LoopClock.read(join(out, "times.jsonl"));
  const sections = sectionsOf(evaluated.length, measured, { times, numbers, taught });
  const text = markdownOf(title, sections);
  writeFileSync(join(out, "report.md"), text);
  writeFileSync(join(out, "report.html"), htmlOf(title, plotsOf(measured, numbers), sections));
  return text;
}

interface StepTime {
  readonly tokens: number;
  readonly seconds: number;
}

/** Where the time of a loop went. */
interface Work {
  readonly times: readonly PhaseTime[];
  readonly numbers: readonly StepNumbers[];
  /** Steps of SFT. */
  readonly taught: readonly StepTime[];
}

function sectionsOf(problems: number, measured: readonly Measures[], work: Work): Section[] {
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
    { title: "Steps of P-GRPO", blocks: [{ kind: "table", head: steps, rows: work.numbers.map(stepRow) }] },
    {
      title: "Where the time went",
      blocks: [
        { kind: "table", head: ["phase", "time", "share"], rows: phases(work) },
        textOf(speeds(work), "Of what was interrupted, the time before is not counted; of SFT it is."),
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
    row("the same without any fork", ({ allowed }) => percent(1 / allowed)),
    row("share of the gain that they allow", ({ speedUp, allowed }) => percent((speedUp - 1) / (allowed - 1))),
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

function phases({ times, taught }: Work): string[][] {
  // Steps of SFT say how long they took, wherever and in how many goes they were made.
  const sums = new Map<string, number>([["sft", total(taught, ({ seconds }) => seconds * 1000)]]);
  for (const { phase, ms } of times) if (phase !== "sft") sums.set(phase, (sums.get(phase) ?? 0) + ms);
  const all = total([...sums.values()], (ms) => ms);
  return [...sums].map(([phase, ms]) => [phase, duration(ms), percent(ms / all)]);
}

/** Tokens a second. Of training, those of contexts are counted too, as they go through the model. */
function speeds({ times, numbers, taught }: Work): string {
  const seconds = total(times, ({ phase, ms }) => (phase === "rollouts" ? ms / 1000 : 0));
  const sampled = total(numbers, ({ targets }) => targets) / seconds;
  const trained = (steps: readonly StepTime[]): string =>
    (total(steps, ({ tokens }) => tokens) / total(steps, (one) => one.seconds)).toFixed(0);
  return `Tokens a second: ${sampled.toFixed(0)} sampled in rollouts; with contexts, ${trained(taught)} of SFT and ${trained(numbers)} of P-GRPO.`;
}

function total<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((sum, value) => sum + of(value), 0);
}

function percent(share: number): string {
  // Of what no answer is right in, or whose right answers could gain nothing.
  if (!Number.isFinite(share)) return "–";
  return `${(share * 100).toFixed(1)} %`;
}
