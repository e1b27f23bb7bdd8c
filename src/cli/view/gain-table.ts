import type { RunResult } from "../../run/result.ts";
import { aligned } from "./aligned.ts";

export interface Figures {
  readonly generated: number;
  readonly criticalPath: number;
  readonly wallMs: number;
}

/** What was measured in each mode. `onePass` only where it is another baseline than `sequential`. */
interface Arms<T> {
  readonly forkJoin: T;
  readonly onePass?: T | undefined;
  readonly sequential: T;
}

/** What fork-join took beside what the same problem took without forks. */
export function gainTable({ forkJoin, onePass, sequential }: Arms<RunResult>): string[] {
  const arms = {
    forkJoin: figuresOf(forkJoin),
    onePass: onePass && figuresOf(onePass),
    sequential: figuresOf(sequential),
  };
  return table(arms, { withTimes: true, decimals: 0 });
}

/** The same for means over many problems. The gain is the ratio of the means. */
export function averageTable(arms: Arms<Figures>, { withTimes }: { readonly withTimes: boolean }): string[] {
  return table(arms, { withTimes, decimals: 1 });
}

interface Shown {
  readonly withTimes: boolean;
  /** Of counts of tokens. */
  readonly decimals: number;
}

function table({ forkJoin, onePass, sequential }: Arms<Figures>, { withTimes, decimals }: Shown): string[] {
  const row = ({ generated, criticalPath, wallMs }: Figures): string[] => [
    generated.toFixed(decimals),
    criticalPath.toFixed(decimals),
    (wallMs / 1000).toFixed(2),
  ];
  const gain = (over: Figures): string[] => [
    "",
    times(over.criticalPath, forkJoin.criticalPath),
    times(over.wallMs, forkJoin.wallMs),
  ];
  const rows = [
    ["", "tokens in all", "on the critical path", "seconds"],
    ["sequential", ...row(sequential)],
    ...(onePass === undefined ? [] : [["one pass", ...row(onePass)]]),
    ["fork-join", ...row(forkJoin)],
    [onePass === undefined ? "gain" : "gain over sequential", ...gain(sequential)],
    ...(onePass === undefined ? [] : [["gain over one pass", ...gain(onePass)]]),
  ];
  return aligned(withTimes ? rows : rows.map((cells) => cells.slice(0, -1)));
}

function figuresOf({ tokens: { generated, criticalPath }, wallMs }: RunResult): Figures {
  return { generated, criticalPath, wallMs };
}

function times(a: number, b: number): string {
  return `${(a / b).toFixed(2)}x`;
}
