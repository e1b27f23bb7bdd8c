import type { Dialect } from "../dialects/schema.ts";
import { compilePattern, type Pattern } from "../scanner/pattern.ts";
import { TextScanner, literalProgram, scanProgram } from "../scanner/text-scanner.ts";
import type { WarningCode } from "./state.ts";

/** What a plan declares: one entry a thread, in order, each with at least `id` and `index` (from 1). */
export interface Plan {
  items: Readonly<Record<string, string>>[];
  problems: { code: WarningCode; message: string }[];
}

/**
 * Reads a plan. `scope` is the text behind the last opener, undefined where there was none. Duplicates: the first wins.
 * Whatever the text looks like, there is an outcome, and where it is not well formed also a problem.
 */
export function readPlan(plan: Dialect["plan"], scope: string | undefined): Plan {
  if (plan.source === "fixed") {
    return {
      items: Array.from({ length: plan.count }, (_, i) => ({ id: `${i + 1}`, index: `${i + 1}` })),
      problems: [],
    };
  }
  if (plan.source === "inline") return { items: [], problems: [] };
  if (scope === undefined) {
    return {
      items: [],
      problems: [{ code: "plan-without-opener", message: `a plan ended that no ${plan.after} began` }],
    };
  }
  const problems: Plan["problems"] = [];
  const pattern = compilePattern(plan.item);
  const found = scanAll(pattern, scope);
  const items: Record<string, string>[] = [];
  const seen = new Set<string>();
  for (const captures of found) {
    const id = captures["id"] ?? "";
    if (seen.has(id)) {
      problems.push({
        code: "plan-duplicate",
        message: `the plan declares ${id} more than once; the first one counts`,
      });
    } else {
      seen.add(id);
      items.push({ ...captures, index: `${items.length + 1}` });
    }
  }
  const gap = isNumbered(pattern) ? firstGap([...seen]) : undefined;
  if (gap !== undefined) {
    problems.push({ code: "plan-gap", message: `the plan's numbers are ${[...seen].join(", ")}: ${gap} is missing` });
  }
  if (plan.tags !== undefined) problems.push(...tagProblems(plan.tags, scope, found.length));
  return { items, problems };
}

/** Items whose ids are words (the nodes of a search, say) may well look like numbers without being counted. */
function isNumbered({ head, tail }: Pattern): boolean {
  return [...head, ...(tail ?? [])].some(
    (step) => step.kind === "capture" && step.name === "id" && step.type !== "word",
  );
}

function scanAll(pattern: Pattern, text: string): Record<string, string>[] {
  const scanner = new TextScanner(scanProgram([pattern]));
  return [...scanner.push(text), ...scanner.finish()].flatMap((e) => (e.type === "match" ? [e.captures] : []));
}

/** The first whole number from 1 on that is left out; plans that are not numbered so have none. */
function firstGap(ids: string[]): number | undefined {
  if (ids.length === 0 || !ids.every((id) => /^[0-9]+$/.test(id))) return undefined;
  const numbers = new Set(ids.map(Number));
  if (numbers.has(0)) return undefined; // counted from 0
  for (let n = 1; n <= ids.length; n += 1) if (!numbers.has(n)) return n;
  return undefined;
}

function tagProblems([open, close]: readonly [string, string], scope: string, items: number): Plan["problems"] {
  const scanner = new TextScanner(literalProgram([open, close]));
  const count = [0, 0];
  for (const event of [...scanner.push(scope), ...scanner.finish()]) {
    if (event.type === "match") count[event.pattern] = (count[event.pattern] ?? 0) + 1;
  }
  const [opened = 0, closed = 0] = count;
  if (opened === items && closed === items) return [];
  return [
    {
      code: "plan-tags",
      message: `the plan has ${opened} ${open}, ${closed} ${close} and ${items} readable item${items === 1 ? "" : "s"}`,
    },
  ];
}
