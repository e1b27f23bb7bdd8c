import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { factsOf } from "../trace/timeline/facts.ts";
import type { Axis } from "../trace/timeline/timeline.ts";
import { visible } from "../visible.ts";
import type { Run } from "./data.ts";
import { Figures } from "./figures.tsx";
import { Lanes } from "./lanes.tsx";
import { Legend } from "./legend.tsx";
import { Summary } from "./summary.tsx";
import { Texts } from "./texts.tsx";
import { Tools } from "./tools.tsx";
import type { Window } from "./window.ts";

/** The whole page: lanes of each run on one scale, what they add up to, and the texts. */
export function App({ runs }: { readonly runs: readonly Run[] }): JSX.Element {
  const areTimed = runs.every(({ timeline }) => timeline.axes.includes("ms"));
  const [axis, setAxis] = useState<Axis>(areTimed ? "ms" : "tokens");
  const end = Math.max(1e-3, ...runs.map(({ timeline }) => timeline.end[axis]));
  const [shown, setShown] = useState<Window>();
  const part = shown ?? { from: 0, to: end };
  const [chosen, setChosen] = useState<{ run: number; lane: number }>();
  const facts = useMemo(() => runs.map(({ timeline }) => factsOf(timeline, axis)), [runs, axis]);
  const choose = (next: Axis): void => {
    setAxis(next);
    setShown(undefined);
  };
  return (
    <>
      <header>
        <h1>{runs.length === 1 ? "What this run waited for" : "What these runs waited for"}</h1>
        <Tools axis={axis} areTimed={areTimed} onAxis={choose} part={part} end={end} onPart={setShown} />
      </header>
      <main>
        <Summary runs={runs} facts={facts} axis={axis} />
        <Legend axis={axis} />
        {runs.map(({ timeline }, run) => (
          <Lanes
            key={run}
            run={run}
            timeline={timeline}
            facts={facts[run] ?? factsOf(timeline, axis)}
            axis={axis}
            part={part}
            end={end}
            onPart={setShown}
            chosen={chosen?.run === run ? chosen.lane : undefined}
            onChoose={(lane) => setChosen({ run, lane })}
          />
        ))}
        <section aria-labelledby="texts">
          <h2 id="texts">Texts</h2>
          <div class="beside">
            {runs.map(({ timeline, texts }, run) => (
              <Texts
                key={run}
                name={visible(timeline.about.name)}
                timeline={timeline}
                texts={texts}
                chosen={chosen?.run === run ? chosen.lane : undefined}
                onChoose={(lane) => setChosen({ run, lane })}
              />
            ))}
          </div>
        </section>
        <Figures timelines={runs.map(({ timeline }) => timeline)} />
      </main>
    </>
  );
}
