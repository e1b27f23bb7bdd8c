import { named, type Fault, type LineRange } from "../fault.ts";
import type { Step } from "./step.ts";

/**
 * Why steps are no steps of a trace. `none`: there is no step. `reversed`: one ends before it begins. `out-of-range`: one has
 * lines that there are not. `gap`: lines are in no step. `overlap`: lines are in several. `order`: steps are not in the
 * order of the text.
 */
export type StepCode = "none" | "reversed" | "out-of-range" | "gap" | "overlap" | "order";

/** Finds all that keeps steps from covering each line exactly once, in order. An empty list means that they do. */
export function checkSteps(steps: readonly Step[], lineCount: number): Fault<StepCode>[] {
  const whole = named({ first: 1, last: lineCount });
  if (steps.length === 0) {
    return [{ code: "none", message: `There is no step. The steps must cover ${whole}.` }];
  }
  const faults = steps.flatMap((step, i) => rangeFault(step, i + 1, lineCount));
  const sound = steps.filter(({ first, last }) => first >= 1 && last <= lineCount && first <= last);
  for (const { first, last, owners } of runsOf(sound, lineCount)) {
    const lines = { first, last };
    const where = named(lines);
    if (owners === 0) {
      const message = `No step has ${where}: each line must be in one step.`;
      faults.push({ code: "gap", lines, message });
    } else if (owners > 1) {
      const numbers = steps.flatMap((step, i) => (step.first <= last && step.last >= first ? [i + 1] : []));
      const message = `Steps ${numbers.join(", ")} all have ${where}: each line must be in one step only.`;
      faults.push({ code: "overlap", lines, item: numbers.at(-1), message });
    }
  }
  return [...faults, ...orderFaults(steps)];
}

function rangeFault({ first, last }: Step, item: number, lineCount: number): Fault<StepCode>[] {
  const lines = { first, last };
  if (first > last) {
    const message = `Step ${item} begins at line ${first} and ends before it, at line ${last}.`;
    return [{ code: "reversed", item, lines, message }];
  }
  if (first >= 1 && last <= lineCount) return [];
  const message = `Step ${item} has ${named(lines)}, but the text has lines 1 to ${lineCount}.`;
  return [{ code: "out-of-range", item, lines, message }];
}

/** Neighbouring lines that equally many steps have, in one pass however many steps there are. */
function runsOf(steps: readonly Step[], lineCount: number): (LineRange & { owners: number })[] {
  const changes = new Int32Array(lineCount + 2);
  for (const { first, last } of steps) {
    changes[first] = (changes[first] ?? 0) + 1;
    changes[last + 1] = (changes[last + 1] ?? 0) - 1;
  }
  const runs: (LineRange & { owners: number })[] = [];
  let owners = 0;
  for (let line = 1; line <= lineCount; line += 1) {
    owners += changes[line] ?? 0;
    const run = runs.at(-1);
    if (run?.owners === owners) runs[runs.length - 1] = { ...run, last: line };
    else runs.push({ first: line, last: line, owners });
  }
  return runs;
}

function orderFaults(steps: readonly Step[]): Fault<StepCode>[] {
  return steps.flatMap((step, i) => {
    const before = steps[i - 1];
    if (before === undefined || before.first <= step.first) return [];
    const message = `Step ${i + 1} begins at line ${step.first}, and step ${i} before it at line ${before.first}: give the steps in the order of the text.`;
    return [{ code: "order", item: i + 1, lines: { first: step.first, last: step.last }, message }];
  });
}
