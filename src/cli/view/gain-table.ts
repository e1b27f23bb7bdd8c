import type { RunResult } from "../../run/result.ts";

export interface Figures {
  readonly generated: number;
  readonly criticalPath: number;
  readonly wallMs: number;
}

/** What fork-join took beside what the same problem took sequentially. */
export function gainTable(forkJoin: RunResult, sequential: RunResult): string[] {
  return table(figuresOf(forkJoin), figuresOf(sequential), { withTimes: true, decimals: 0 });
}

/** The same for means over many problems. The gain is the ratio of the means. */
export function averageTable(
  forkJoin: Figures,
  sequential: Figures,
  { withTimes }: { readonly withTimes: boolean },
): string[] {
  return table(forkJoin, sequential, { withTimes, decimals: 1 });
}

interface Shown {
  readonly withTimes: boolean;
  /** Of counts of tokens. */
  readonly decimals: number;
}

function table(forkJoin: Figures, sequential: Figures, { withTimes, decimals }: Shown): string[] {
  const row = ({ generated, criticalPath, wallMs }: Figures): string[] => [
    generated.toFixed(decimals),
    criticalPath.toFixed(decimals),
    (wallMs / 1000).toFixed(2),
  ];
  const gain = ["", times(sequential.criticalPath, forkJoin.criticalPath), times(sequential.wallMs, forkJoin.wallMs)];
  const rows = [
    ["", "tokens in all", "on the critical path", "seconds"],
    ["sequential", ...row(sequential)],
    ["fork-join", ...row(forkJoin)],
    ["gain", ...gain],
  ];
  return columns(withTimes ? rows : rows.map((cells) => cells.slice(0, -1)));
}

function figuresOf({ tokens: { generated, criticalPath }, wallMs }: RunResult): Figures {
  return { generated, criticalPath, wallMs };
}

function times(a: number, b: number): string {
  return `${(a / b).toFixed(2)}x`;
}

/** The first column to the left, numbers to the right. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  "),
  );
}
