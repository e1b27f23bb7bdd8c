import type { Step } from "./step.ts";

/**
 * The same steps, where empty lines that none of them has belong to the step before them; at the beginning, to the first one.
 * Models leave such lines out, and nothing of the text depends on whose they are.
 */
export function withBlankLines(steps: readonly Step[], lines: readonly string[]): Step[] {
  const isBlank = (first: number, last: number): boolean =>
    lines.slice(first - 1, last).every((line) => line.trim() === "");
  return steps.map((step, i) => {
    const before = i === 0 && step.first > 1 && isBlank(1, step.first - 1) ? 1 : step.first;
    const next = steps[i + 1]?.first ?? lines.length + 1;
    const after = next > step.last + 1 && isBlank(step.last + 1, next - 1) ? next - 1 : step.last;
    return { ...step, first: before, last: after };
  });
}
