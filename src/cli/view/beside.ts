/** Two cells of a row; either may need several lines. */
export type Row = readonly [left: string, right: string];

/** Rows in two columns of equal width, with long cells wrapped. Nothing is cut. */
export function beside(rows: readonly Row[], columns: number): string {
  const width = Math.max(10, Math.floor((columns - 3) / 2));
  return rows
    .flatMap(([left, right]) => {
      const [a, b] = [wrapped(left, width), wrapped(right, width)];
      return Array.from({ length: Math.max(a.length, b.length) }, (_, i) =>
        `${(a[i] ?? "").padEnd(width)} │ ${b[i] ?? ""}`.trimEnd(),
      );
    })
    .map((line) => `${line}\n`)
    .join("");
}

function wrapped(text: string, width: number): string[] {
  const lines = text.match(new RegExp(`.{1,${width}}`, "gsu"));
  return lines === null ? [""] : [...lines];
}
