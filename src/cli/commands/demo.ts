import { threadweaver } from "../../core/dialects/bundled/index.ts";
import type { RunMode } from "../../run/events.ts";
import type { RunResult } from "../../run/result.ts";
import { createClock } from "../../run/clock.ts";
import { createRunner } from "../../run/runner.ts";
import { bundledModel } from "../../llama/bundled-model.ts";
import { compare } from "../compare.ts";
import { boxedAnswer, demoProblems, valueOf, type DemoFlags } from "../demo/problems.ts";
import { withEngine } from "../engine.ts";
import { exitCodes } from "../exit-codes.ts";
import { painter } from "../view/paint.ts";
import { reportGain, writeText } from "../view/report.ts";
import { viewFor, watch } from "../view/view.ts";
import type { World } from "../world.ts";

/** @param batchCost as the engine has measured it. */
function whySecondsGainLess(batchCost: number | undefined): string {
  const measured = batchCost === undefined ? "" : ` (${batchCost.toFixed(1)} times as long, measured for four)`;
  return `
Seconds gain less than tokens here: for a model this small on a processor, a step
for several threads takes longer than a step for one${measured}.
Where it takes about as long, seconds follow tokens: on vLLM and SGLang, with
this model on two cores, 1.76 times fewer steps took 1.3 to 1.6 times less.
`;
}

/** `threadweaver demo`: the bundled model thinks in threads, then once more without. */
export async function demoCommand(flags: DemoFlags, world: World): Promise<number> {
  const problems = demoProblems(flags);
  const choice = { kind: "llama", model: bundledModel, bundled: true } as const;
  return withEngine(world, choice, async (engine) => {
    const runner = createRunner({ engine, dialect: threadweaver, clock: createClock(() => world.now()) });
    // The first steps of a process are slow; neither mode shall pay for them.
    await runner.run({ prompt: "Q: 11*11+11*11\n" }, { maxTokens: 32, temperature: 0, signal: world.signal }).result;
    for (const problem of problems) {
      await show(problem, world, (mode, lines) => {
        const run = runner.run({ prompt: `Q: ${problem}\n` }, { mode, temperature: 0, signal: world.signal });
        return watch(run, viewFor(world, lines));
      });
    }
    world.stdout.write(whySecondsGainLess(engine.batchCost));
    return exitCodes.ok;
  });
}

type Solve = (mode: RunMode, lines: "text" | "threads") => Promise<RunResult>;

async function show(problem: string, world: World, solve: Solve): Promise<void> {
  const { stdout } = world;
  const paint = painter(stdout);
  stdout.write(`\n${paint("bold", `Q: ${problem}`)}\n`);
  stdout.write("In threads:\n");
  const forkJoin = await solve("fork-join", "text");
  stdout.write("\n");
  writeText(stdout, forkJoin.text);
  stdout.write(`\n${verdict(problem, forkJoin)}\n`);
  stdout.write("\nOnce more, sequentially:\n");
  // Watched as well: what watching costs must not be on one side only.
  const sequential = await solve("sequential", "threads");
  reportGain(stdout, compare({ forkJoin, sequential }));
}

function verdict(problem: string, { content }: RunResult): string {
  const value = valueOf(problem);
  const answer = boxedAnswer(content);
  if (answer === value) return `The answer ${answer} is right: ${problem} = ${value}.`;
  return `The answer ${answer ?? "(none)"} is wrong: ${problem} = ${value}.`;
}
