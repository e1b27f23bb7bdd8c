import { markersOf } from "../dialects/markers.ts";
import type { Dialect } from "../dialects/schema.ts";
import { defaultLimits } from "../limits/limits.ts";
import { compilePattern, type Step } from "../scanner/pattern.ts";
import { Stage, type Answer } from "./stage.ts";

/** What many runs with models that write anything came to. */
export interface Endings {
  readonly runs: number;
  readonly forks: number;
  readonly threads: number;
  /** The most calls of one run. */
  readonly calls: number;
  /** The first script under which a run did not end, or threw, and how. Undefined: all ended. */
  readonly problem: { readonly seed: number; readonly message: string } | undefined;
}

/** The most threads of a run. More would take long and show nothing else. */
const mostThreads = 200;

/**
 * Runs a dialect with models that write its markers and plans in any order, break off anywhere, fail, and are answered
 * in any order. Equal seeds give equal runs.
 */
export function rehearseEndings(dialect: Dialect, { runs, seed = 0 }: { runs: number; seed?: number }): Endings {
  const words = wordsOf(dialect);
  const found = { runs, forks: 0, threads: 0, calls: 0 };
  const atOnce = dialect.plan.source === "fixed" ? dialect.plan.count : 1;
  const limits = {
    forks: Math.min(dialect.limits.forks ?? defaultLimits.forks, 24, Math.ceil(mostThreads / atOnce)),
    calls: Math.min(dialect.limits.calls ?? defaultLimits.calls, 40),
  };
  for (let n = 0; n < runs; n += 1) {
    const chance = chanceFrom(seed + n);
    try {
      const stage = new Stage(dialect, limits);
      while (stage.state.ending === undefined) {
        const asked = stage.asked[chance(stage.asked.length)];
        if (asked === undefined) throw new Error("it waits, and no call is open");
        stage.answer(asked, anything(words, chance));
      }
      found.forks += stage.state.forks.length;
      found.threads += stage.state.sequences.length - 1;
      found.calls = Math.max(found.calls, stage.answered);
    } catch (error) {
      return { ...found, problem: { seed: seed + n, message: error instanceof Error ? error.message : String(error) } };
    }
  }
  return { ...found, problem: undefined };
}

type Chance = (n: number) => number;

function anything(words: readonly string[], chance: Chance): Answer {
  const text = Array.from({ length: chance(6) }, () => words[chance(words.length)] ?? "").join("");
  const whole = chance(4) === 0 ? text.slice(0, chance(text.length + 1)) : text;
  const at = chance(whole.length + 1);
  const kinds = ["stop", "stop", "stop", "context", "failed"] as const;
  const kind = kinds[chance(kinds.length)] ?? "stop";
  return {
    parts: [whole.slice(0, at), whole.slice(at)],
    end: kind === "failed" ? { kind, message: "scripted" } : { kind },
  };
}

/** What a model of this format writes, and what it writes by mistake. Whole plans come most often. */
function wordsOf(dialect: Dialect): string[] {
  const { trigger, plan } = dialect;
  const words = ["so ", "\n", "😀 ", ...markersOf(dialect)];
  const item = plan.source === "outline" ? plan.item : undefined;
  const close = plan.source === "outline" ? (plan.tags?.[1] ?? "") : "";
  const items = (n: number): string =>
    item === undefined ? "" : Array.from({ length: n }, (_, i) => `${sample(item, i + 1)}${close}\n`).join("");
  const opener = plan.source === "outline" ? plan.after : "";
  const whole = (end: string): string[] => [1, 2, 3].map((n) => `${opener}\n${items(n)}${end}`);
  if (trigger.kind === "marker") words.push(...whole(trigger.marker), ...whole(trigger.marker));
  if (trigger.kind === "endOfText") words.push(...whole(trigger.lastLine), ...whole(trigger.lastLine));
  if (trigger.kind === "inline") {
    for (const n of [1, 2, 3]) words.push(sample(trigger.spawn, n), sample(trigger.wait ?? trigger.spawn, n));
  }
  return words;
}

/** A text that a pattern matches, with this number wherever it captures something. */
function sample(source: string, n: number): string {
  const { head, tail } = compilePattern(source);
  const write = (steps: readonly Step[]): string =>
    steps.map((step) => (step.kind === "literal" ? step.text : step.kind === "space" ? " " : `${n}`)).join("");
  return write(head) + (tail === undefined ? "" : `part ${n}${write(tail)}`);
}

/** A small generator of chance from a seed (mulberry32). */
function chanceFrom(seed: number): Chance {
  let a = seed >>> 0;
  return (n) => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return n === 0 ? 0 : ((t ^ (t >>> 14)) >>> 0) % n;
  };
}
