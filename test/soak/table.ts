import type { Holdings } from "./leaks.ts";
import type { Played } from "./play.ts";
import type { SoakReport } from "./soak.ts";

/** What a soak has come to, as a table. */
export function tableOf({ played, ms, held }: SoakReport): string {
  const groups = Map.groupBy(
    played.flatMap((one) => namesOf(one).map((name) => ({ name, one }))),
    ({ name }) => name,
  );
  const rows = [...groups]
    .toSorted(([a], [b]) => order(a) - order(b) || a.localeCompare(b))
    .map(([name, all]) => [name, String(all.length), waysOf(all.map(({ one }) => one))]);
  const retries = played.reduce((sum, one) => sum + one.retries, 0);
  const seconds = ms / 1000;
  return [
    ...columns([["what befell them", "runs", "how they ended"], ...rows]),
    "",
    `${played.length} runs in ${seconds.toFixed(0)} s: ${(played.length / seconds).toFixed(1)} a second, ${retries} retries.`,
    ...(held === undefined
      ? []
      : ["", ...columns([["held", "before", "after"], ...heldRows(held.before, held.after)])]),
  ].join("\n");
}

const all = "(all)";
const nothing = "(nothing)";

function order(name: string): number {
  return name === all ? 0 : name === nothing ? 1 : 2;
}

/** Every name under which a run is counted. */
function namesOf({ scenario, struck, way }: Played): string[] {
  const { outlines, overflow, loss, cancel, throws, flavour } = scenario;
  const own = [
    ...struck,
    ...(overflow === undefined ? [] : [`context full ${overflow}`]),
    ...(loss === undefined ? [] : [`addresses: ${loss}`]),
    ...(cancel === undefined ? [] : [`cancel at ${cancel.on}`]),
    ...(throws === undefined ? [] : [`${throws.who} throws`]),
    ...(outlines === "some" || outlines === "none" ? [] : [`outlines: ${outlines}`]),
    ...(flavour === "deaf" && way === "aborted" ? ["aborted on a server that ignores disconnects"] : []),
  ];
  return [all, ...(own.length === 0 ? [nothing] : own)];
}

function waysOf(played: readonly Played[]): string {
  const counts = Map.groupBy(played, ({ way }) => way);
  return [...counts]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([way, those]) => `${those.length} ${way}`)
    .join(", ");
}

function heldRows(before: Holdings, after: Holdings): string[][] {
  const show = (value: number): string => (Number.isInteger(value) ? `${value}` : value.toFixed(1));
  return (Object.keys(before) as (keyof Holdings)[]).map((name) => [name, show(before[name]), show(after[name])]);
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, n) => Math.max(...rows.map((row) => row[n]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, n) => cell.padEnd(widths[n] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
