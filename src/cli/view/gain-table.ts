import type { RunResult } from "../../run/result.ts";

/** What fork-join took beside what the same problem took sequentially. */
export function gainTable(forkJoin: RunResult, sequential: RunResult): string[] {
  return columns([
    ["", "tokens in all", "on the critical path", "seconds"],
    ["sequential", ...figures(sequential)],
    ["fork-join", ...figures(forkJoin)],
    [
      "gain",
      "",
      times(sequential.tokens.criticalPath, forkJoin.tokens.criticalPath),
      times(sequential.wallMs, forkJoin.wallMs),
    ],
  ]);
}

function times(a: number, b: number): string {
  return `${(a / b).toFixed(2)}x`;
}

function figures({ tokens, wallMs }: RunResult): string[] {
  return [`${tokens.generated}`, `${tokens.criticalPath}`, (wallMs / 1000).toFixed(2)];
}

/** The first column to the left, numbers to the right. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  "),
  );
}
