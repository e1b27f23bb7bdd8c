import type { JSX } from "preact";
import { figuresOf } from "../trace/timeline/figures.ts";
import type { Timeline } from "../trace/timeline/timeline.ts";
import { visible } from "../visible.ts";

/** A table with a column for each run. */
export function Figures({ timelines }: { readonly timelines: readonly Timeline[] }): JSX.Element {
  const columns = timelines.map((timeline) => new Map(figuresOf(timeline).map(({ name, value }) => [name, value])));
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))];
  return (
    <section aria-labelledby="figures">
      <h2 id="figures">Figures</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label="Table of figures">
        <table>
          <thead>
            <tr>
              <td />
              {timelines.map(({ about }, run) => (
                <th key={run} scope="col">
                  {visible(about.name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {names.map((name) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {columns.map((column, run) => (
                  <td key={run}>{visible(column.get(name) ?? "")}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
