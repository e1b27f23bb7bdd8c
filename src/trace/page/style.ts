/** The page's only style sheet. Its digest stands in the page's policy, so it has no part that differs between pages. */
export const style = `
:root { color-scheme: light dark; --ink: #1a1a1a; --soft: #585858; --line: #d4d4d4; --paper: #fff; --raised: #f4f4f4;
  --path: #b04300; --write: #3f7cac; --wait: #8a8a8a; --cached: #00805e; --bad: #b3002d; --chosen: #e4eefb; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececec; --soft: #b0b0b0; --line: #444; --paper: #161616; --raised: #222;
  --path: #ff9a4d; --write: #5f9fd0; --wait: #8f8f8f; --cached: #35c49a; --bad: #ff7a90; --chosen: #223348; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 110rem; padding: 1rem 1.5rem 3rem; background: var(--paper); color: var(--ink);
  font: 15px/1.45 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 1rem; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.1rem; margin: 1.5rem 0 0.2rem; overflow-wrap: anywhere; }
h3 { font-size: 0.95rem; margin: 0 0 0.3rem; overflow-wrap: anywhere; } .about { margin: 0; color: var(--soft); }
.missing { margin: 0.3rem 0; border-left: 3px solid var(--path); padding-left: 0.6rem; }
.headline { font-size: 1.15rem; font-weight: 600; overflow-wrap: anywhere; }
.tools { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center; }
fieldset { border: 0; padding: 0; margin: 0; display: flex; gap: 0.8rem; } legend { float: left; margin-right: 0.8rem; color: var(--soft); }
button { font: inherit; color: var(--ink); background: var(--raised); border: 1px solid var(--wait); border-radius: 4px;
  min-width: 2rem; padding: 0.1rem 0.5rem; cursor: pointer; }
:focus-visible { outline: 3px solid var(--write); outline-offset: -2px; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.summary dl { margin: 0.5rem 0; } .summary dl div { display: grid; grid-template-columns: 22rem 1fr; gap: 1rem; align-items: center; }
.summary dt { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.summary dd { margin: 0; display: grid; grid-template-columns: 1fr 22rem; gap: 1rem; align-items: center; font-variant-numeric: tabular-nums; }
rect.took { fill: var(--path); } rect.sequential { fill: var(--paper); stroke: var(--path); stroke-width: 2px; stroke-dasharray: 5 3; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; padding: 0; margin: 0.8rem 0; color: var(--soft); font-size: 0.87rem; }
.legend svg { margin-right: 0.4rem; vertical-align: -2px; }
.lanes { border: 1px solid var(--line); border-radius: 4px; margin-top: 0.5rem; }
.lanes .list { position: relative; overflow-y: auto; max-height: 60vh; scrollbar-gutter: stable; }
.all { position: relative; width: 100%; }
.row { display: grid; grid-template-columns: 13rem minmax(10rem, 1fr) 5rem 20rem; align-items: center; width: 100%; padding: 0 0.5rem;
  font-size: 0.87rem; }
.list .row { position: absolute; top: 0; left: 0; cursor: pointer; } .row.head { height: 26px; border-bottom: 1px solid var(--line); color: var(--soft);
  overflow-y: hidden; scrollbar-gutter: stable; }
.row[aria-selected="true"] { background: var(--chosen); } .row.slowest .name, .row.onpath .name { font-weight: 600; }
.name, .notes { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .notes { padding-left: 0.8rem; color: var(--soft); }
.row[aria-selected="true"] .notes { color: var(--ink); }
.tokens { text-align: right; font-variant-numeric: tabular-nums; } .bars { position: relative; display: block; overflow: hidden; }
.bars svg { display: block; } .twist { display: inline-block; width: 1em; }
.ruler line { stroke: var(--soft); } .ruler text { fill: var(--soft); font-size: 11px; }
rect.idle { fill: var(--line); } rect.after { fill: var(--line); opacity: 0.7; } rect.write { fill: var(--write); } rect.path { fill: var(--path); }
rect.queue { fill: none; stroke: var(--wait); stroke-dasharray: 2 2; } rect.prefill { fill: var(--wait); } rect.cached { fill: var(--cached); }
rect.retry, rect.cut { fill: var(--bad); } rect.fork, rect.join { fill: var(--ink); }
.fork-line, .join-line { stroke: var(--line); stroke-width: 1; } .lit { stroke: var(--path); stroke-width: 2; }
.beside { display: grid; grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); gap: 1rem; }
.texts .list { position: relative; overflow: auto; height: 60vh; border: 1px solid var(--line); border-radius: 4px; }
.block { position: absolute; top: 0; left: 0; width: 100%; padding: 0.3rem 0.8rem; } .block.chosen { background: var(--chosen); }
.block button { border: 0; background: none; padding: 0; color: var(--soft); font-size: 0.8rem; text-decoration: underline; max-width: 100%;
  overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .block.chosen button { color: var(--ink); }
pre { margin: 0; font: 13px/20px ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.writers { margin: 0 0 0.4rem; font-size: 0.87rem; display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; }
span.prompt { color: var(--soft); } span.thinking { font-style: italic; } span.runtime { text-decoration: underline dotted; text-underline-offset: 3px;
  color: var(--path); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: 0.87rem; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: 0.3rem 0.7rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; max-width: 48rem; }
th { font-weight: 600; } tbody th { white-space: nowrap; color: var(--soft); }
@media (max-width: 70rem) { .row { grid-template-columns: 8rem minmax(8rem, 1fr) 4rem; } .notes { display: none; }
  .summary dl div, .summary dd { grid-template-columns: 1fr; gap: 0.1rem; } .beside { grid-template-columns: 1fr; } }
`;
