import { join } from "node:path";
import { markdownOf } from "../../src/eval/report/markdown.ts";
import { textOf } from "../../src/eval/report/document.ts";
import { tasksOf } from "./data.ts";
import { measure, type Measures } from "./measure.ts";
import type { Size } from "./sizes.ts";

/** The evaluations that are compared, by what made their weights. */
const methods = { "self-trained": "SFT and self-training", reinforced: "P-GRPO", grpo: "GRPO with deviation" } as const;

/** What each method gives for each seed, and on the mean of the seeds. */
const numbers: Readonly<Record<string, (one: Measures) => number>> = {
  "right, %": ({ right }) => right * 100,
  "fork-join less sequential, points": ({ difference }) => difference.value * 100,
  "forks on chains, %": ({ families }) => families.chain.forks * 100,
  "forks elsewhere, %": ({ families: { sums, nested, mixed } }) => mean([sums.forks, nested.forks, mixed.forks]) * 100,
  "speed-up in tokens of right answers": ({ speedUp }) => speedUp,
  "share of what the graphs allow, %": ({ speedUp, allowed }) => (speedUp / allowed) * 100,
  "share of the gain that they allow, %": ({ speedUp, allowed }) => ((speedUp - 1) / (allowed - 1)) * 100,
};

/** @param loops folders of loops that are over, each with the seed that it was made with. */
export async function compared(
  loops: readonly { readonly seed: number; readonly folder: string }[],
  size: Size,
): Promise<string> {
  const columns = await Promise.all(
    Object.entries(methods).map(async ([evaluation, name]) => ({
      name,
      measured: await Promise.all(
        loops.map(({ seed, folder }) =>
          measure(join(folder, `evaluation-${evaluation}`), tasksOf(size, seed).evaluated),
        ),
      ),
    })),
  );
  const rows = Object.entries(numbers).map(([what, of]) => [
    what,
    ...columns.map(({ measured }) => {
      const each = measured.map(of);
      const all = each.length > 1 ? ` (${each.map((one) => one.toFixed(2)).join(", ")})` : "";
      return `${mean(each).toFixed(2)}${all}`;
    }),
  ]);
  const about = textOf(
    "The mean over the seeds, and each seed in brackets. P-GRPO and GRPO begin with the weights of the first column, and have the same problems.",
  );
  const table = { kind: "table", head: ["", ...columns.map(({ name }) => name)], rows } as const;
  const title = `P-GRPO and GRPO beside supervised training alone, ${loops.length} ${loops.length === 1 ? "seed" : "seeds"}`;
  return markdownOf(title, [{ title: "Evaluations", blocks: [about, table] }]);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}
