import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Writer } from "../trace/timeline/block.ts";
import { laneOf, type Timeline } from "../trace/timeline/timeline.ts";
import { laneInWords } from "../trace/timeline/words.ts";
import { visible } from "../visible.ts";
import type { TextStore } from "./data.ts";
import { useVirtual } from "./use-virtual.ts";

const writers: Readonly<Record<Writer, string>> = {
  prompt: "the prompt",
  model: "the model",
  thinking: "the model's thinking, kept apart by the server",
  runtime: "the runtime",
};

interface Props {
  readonly name: string;
  readonly timeline: Timeline;
  readonly texts: TextStore;
  readonly chosen: number | undefined;
  readonly onChoose: (lane: number) => void;
}

/** The texts of a run in reading order: whose each is, and who wrote what. Only what can be seen is in the page. */
export function Texts({ name, timeline, texts, chosen, onChoose }: Props): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const { lanes, lengths } = texts.index;
  const virtual = useVirtual({
    count: lanes.length,
    getScrollElement: () => list.current,
    estimateSize: (n) => 34 + 20 * Math.ceil((lengths[n] ?? 0) / 80),
    overscan: 3,
  });
  const firstBlock = useMemo(() => {
    const first = new Map<number, number>();
    for (const [block, lane] of lanes.entries()) if (!first.has(lane)) first.set(lane, block);
    return first;
  }, [lanes]);
  useEffect(() => {
    const block = chosen === undefined ? undefined : firstBlock.get(chosen);
    if (block !== undefined) virtual.scrollToIndex(block, { align: "start" });
  }, [chosen]);
  return (
    <div class="texts">
      <h3>{name}</h3>
      <p class="writers">
        {Object.entries(writers).map(([by, who]) => (
          <span key={by} class={by}>
            {who}
          </span>
        ))}
      </p>
      <div class="list" ref={list} tabIndex={0} role="region" aria-label={`Texts of ${name}`}>
        <div class="all" style={{ height: `${virtual.getTotalSize()}px` }}>
          {virtual.getVirtualItems().map(({ index, key, start }) => {
            const [lane, spans] = texts.block(index);
            const { depth } = laneOf(timeline, lane);
            return (
              <article
                key={key}
                data-index={index}
                data-lane={lane}
                ref={(element: HTMLElement | null) => virtual.measureElement(element)}
                class={lane === chosen ? "block chosen" : "block"}
                style={{ transform: `translateY(${start}px)`, paddingLeft: `${1 + Math.min(depth, 8) * 1.5}em` }}
              >
                <button type="button" onClick={() => onChoose(lane)}>
                  {visible(laneInWords(laneOf(timeline, lane)))}
                </button>
                <pre>
                  {spans.map(([by, text], n) => (
                    <span key={n} class={by}>
                      <span class="sr">{`by ${writers[by]}: `}</span>
                      {visible(text, { keep: "\n\t" })}
                    </span>
                  ))}
                </pre>
              </article>
            );
          })}
        </div>
      </div>
    </div>
  );
}
