/** The page's only style sheet. Its digest stands in the page's policy, so it has no part that differs between pages. */
export const style = `
:root { color-scheme: light dark; --ink: #1a1a1a; --soft: #5c5c5c; --line: #d9d9d9; --paper: #fff;
  --c0: #0072b2; --c1: #c8590a; --c2: #00805e; --c3: #a3548a; --c4: #8a6d00; --c5: #2f7fae; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececec; --soft: #a6a6a6; --line: #3d3d3d; --paper: #161616;
  --c0: #5ab4e8; --c1: #f08a3c; --c2: #35c49a; --c3: #d896c0; --c4: #e0c040; --c5: #8fd0f0; } }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; } p { max-width: 48rem; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: 0.87rem; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: 0.3rem 0.7rem; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; } td.number, th.number { text-align: right; overflow-wrap: normal; white-space: nowrap; }
tr > :first-child { min-width: 7.5rem; }
th { font-weight: 600; color: var(--soft); vertical-align: bottom; white-space: normal; }
code { font-size: 0.87rem; overflow-wrap: anywhere; }
.plots { display: flex; flex-wrap: wrap; gap: 1.5rem; } figure { margin: 0; } figcaption { max-width: 30rem; color: var(--soft);
  font-size: 0.87rem; }
svg { max-width: 100%; height: auto; } svg text { fill: var(--ink); font: 12px system-ui, sans-serif; paint-order: stroke;
  stroke: var(--paper); stroke-width: 3px; }
svg .soft { fill: var(--soft); } .axis { stroke: var(--soft); } .grid { stroke: var(--line); }
.front { fill: none; stroke: var(--soft); stroke-dasharray: 4 4; }
.c0 { fill: var(--c0); stroke: var(--c0); } .c1 { fill: var(--c1); stroke: var(--c1); } .c2 { fill: var(--c2); stroke: var(--c2); }
.c3 { fill: var(--c3); stroke: var(--c3); } .c4 { fill: var(--c4); stroke: var(--c4); } .c5 { fill: var(--c5); stroke: var(--c5); }
`;

/** The class of the nth series. */
export function colorOf(series: number): string {
  return `c${series % 6}`;
}
