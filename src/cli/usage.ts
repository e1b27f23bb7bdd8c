import { ThreadweaverError } from "../errors.ts";

/** An error about the command line, with the way to its help. */
export function usageError(message: string, command = ""): ThreadweaverError {
  const help = ["threadweaver", command, "--help"].filter(Boolean).join(" ");
  return new ThreadweaverError("invalid_option", `${message} See: ${help}`);
}

/** ` Did you mean …?` where one of `known` is near enough to `given` to be what was meant; else nothing. */
export function suggestion(given: string, known: readonly string[]): string {
  const near = known
    .map((name) => ({ name, distance: editDistance(given, name), longer: Math.abs(name.length - given.length) }))
    .filter(({ name, distance }) => distance <= Math.max(1, name.length / 3) || name.startsWith(given))
    .sort((a, b) => a.distance - b.distance || a.longer - b.longer)[0];
  return near === undefined ? "" : ` Did you mean ${near.name}?`;
}

/** Insertions, deletions, substitutions, and neighbours that changed places. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j += 1) {
      const substituted = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity;
      row.push(Math.min(substituted, swapped, at(i - 1, j) + 1, at(i, j - 1) + 1));
    }
  }
  return at(a.length, b.length);
}
