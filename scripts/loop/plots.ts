import { axes, figure, size } from "../../src/eval/report/html/figure.ts";
import { markup, type Markup } from "../../src/eval/report/html/markup.ts";
import { linearScale } from "../../src/eval/report/html/scale.ts";
import { colorOf } from "../../src/eval/report/html/style.ts";
import { evaluations } from "./loop.ts";
import type { Measures } from "./measure.ts";
import type { StepNumbers } from "./step-numbers.ts";

/** A line over the steps, or over the evaluations. */
interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

/** What changes from one evaluation to the next, and from step to step. */
export function plotsOf(measured: readonly Measures[], numbers: readonly StepNumbers[]): Markup[] {
  const stages = `evaluations: ${evaluations.join(", ")}`;
  const steps = "steps of P-GRPO";
  const shares: Series[] = [
    { name: "right, fork-join", values: measured.map(({ right }) => right) },
    { name: "right, the sequential twin", values: measured.map(({ sequential }) => sequential) },
    { name: "forks on chains", values: measured.map(({ families }) => families.chain.forks) },
    { name: "share of the speed-up that the graphs allow", values: measured.map((one) => one.speedUp / one.allowed) },
  ];
  const rewards: Series[] = [
    { name: "mean reward", values: numbers.map(({ reward }) => reward) },
    { name: "rollouts right", values: numbers.map(({ sampled }) => sampled.right) },
  ];
  const tokens: Series[] = [
    { name: "on the critical path", values: numbers.map((one) => one.path_tokens) },
    { name: "in all", values: numbers.map((one) => one.total_tokens) },
  ];
  return [
    lines("What is right, what forks, and how fast", stages, "share", shares),
    ...(numbers.length === 0
      ? []
      : [
          lines("Rewards of the rollouts", steps, "mean", rewards),
          lines("Tokens of a rollout", steps, "tokens", tokens),
        ]),
  ];
}

function lines(what: string, xName: string, yName: string, series: readonly Series[]): Markup {
  const values = series.flatMap((one) => one.values);
  const count = Math.max(...series.map((one) => one.values.length));
  const x = linearScale(1, Math.max(2, count), size.left, size.right);
  const y = linearScale(Math.min(0, ...values), Math.max(...values), size.bottom, size.top);
  const drawn = series.map((one, n) => {
    const at = one.values.map((value, i) => `${x.at(i + 1)},${y.at(value)}`).join(" ");
    const dots = one.values.map(
      (
        value,
        i,
      ) => markup`<circle class="${colorOf(n)}" cx="${x.at(i + 1)}" cy="${y.at(value)}" r="3"><title>${one.name}, ${i + 1}: ${value}</title></circle>
`,
    );
    const y0 = size.top + 10 + 16 * n;
    const legend = markup`<circle class="${colorOf(n)}" cx="${size.left + 12}" cy="${y0}" r="4"/>
<text class="soft" x="${size.left + 22}" y="${y0 + 4}">${one.name}</text>
`;
    return markup`<polyline class="${colorOf(n)}" fill-opacity="0" points="${at}"/>
${dots}${legend}`;
  });
  return figure(what, [...axes({ x, y, xName, yName, yText: (value) => `${Number(value.toPrecision(6))}` }), ...drawn]);
}
