import type { Dialect } from "../dialects/schema.ts";
import { compilePattern, type Pattern } from "../scanner/pattern.ts";
import { TextScanner, literalProgram, scanProgram, type ScanEvent } from "../scanner/text-scanner.ts";
import type { Branch, WarningCode } from "./protocol.ts";

/** What a plan declares for one thread. */
export interface PlanItem {
  /** What the plan's pattern captured, with at least `id`, and `index` (from 1). */
  readonly captures: Readonly<Record<string, string>>;
  /** The text of the item: what the thread is to do. */
  readonly text: string;
  /** What else the program gave for it. */
  readonly branch?: Branch | undefined;
}

/** What a plan declares: one item for each thread, in order. */
export interface Plan {
  items: PlanItem[];
  problems: { code: WarningCode; message: string }[];
}

/** What is known of a fork besides what the model wrote. */
interface Given {
  readonly branches?: readonly Branch[];
  /** How many forks its sequence has made before. */
  readonly round?: number;
}

/**
 * Reads a plan, or takes the one that the program gave. `scope` is the text after the last opener, or undefined if there
 * was none. Of duplicates the first counts. Every text gives a plan. One that is not well formed also gives problems.
 */
export function readPlan(
  plan: Dialect["plan"],
  scope: string | undefined,
  { branches = [], round = 0 }: Given = {},
): Plan {
  if (plan.source === "host") {
    const items = branches.map((branch, i) => ({
      captures: { id: branch.name, index: `${i + 1}` },
      text: branch.plan,
      branch,
    }));
    return { items, problems: [] };
  }
  if (plan.source === "fixed") return { items: numbered(plan.count), problems: [] };
  if (plan.source === "rounds") return { items: numbered(plan.counts[round] ?? 0), problems: [] };
  if (plan.source === "inline") return { items: [], problems: [] };
  if (scope === undefined) {
    return {
      items: [],
      problems: [{ code: "plan-without-opener", message: `a plan ended, but there is no ${plan.after} before it` }],
    };
  }
  const problems: Plan["problems"] = [];
  const pattern = compilePattern(plan.item);
  const found = scanAll(pattern, scope);
  const items: PlanItem[] = [];
  const seen = new Set<string>();
  for (const [i, { captures, end }] of found.entries()) {
    const id = captures["id"] ?? "";
    if (seen.has(id)) {
      problems.push({
        code: "plan-duplicate",
        message: `the plan declares ${id} more than once; the first one counts`,
      });
    } else {
      seen.add(id);
      const text = captures["text"] ?? itemText(scope.slice(end, found[i + 1]?.start), plan.tags?.[1] ?? "\n");
      items.push({ captures: { ...captures, index: `${items.length + 1}` }, text: text.trim() });
    }
  }
  const gap = isNumbered(pattern) ? firstGap([...seen]) : undefined;
  if (gap !== undefined) {
    problems.push({ code: "plan-gap", message: `the plan's numbers are ${[...seen].join(", ")}: ${gap} is missing` });
  }
  if (plan.tags !== undefined) problems.push(...tagProblems(plan.tags, scope, found.length));
  return { items, problems };
}

function numbered(count: number): PlanItem[] {
  return Array.from({ length: count }, (_, i) => ({ captures: { id: `${i + 1}`, index: `${i + 1}` }, text: "" }));
}

/**
 * Whether ids are numbers. Ids of type `word`, such as nodes of a search, can look like numbers but need not count up.
 */
function isNumbered({ head, tail }: Pattern): boolean {
  return [...head, ...(tail ?? [])].some(
    (step) => step.kind === "capture" && step.name === "id" && step.type !== "word",
  );
}

function scanAll(pattern: Pattern, text: string): Extract<ScanEvent, { type: "match" }>[] {
  const scanner = new TextScanner(scanProgram([pattern]));
  return [...scanner.push(text), ...scanner.finish()].flatMap((e) => (e.type === "match" ? [e] : []));
}

/** The text between an item's match and the next one, up to the item's closing tag. */
function itemText(rest: string, close: string): string {
  const end = rest.indexOf(close);
  return end < 0 ? rest : rest.slice(0, end);
}

/** The first number that is missing from 1, 2, 3, …; undefined for ids that do not count like this. */
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
