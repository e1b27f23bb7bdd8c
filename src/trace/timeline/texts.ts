import { sequenceOf, type Sequence, type State } from "../../core/machine/state.ts";
import { currentHead } from "../../core/measures/display.ts";
import type { Position, Trie } from "../../core/trie/trie.ts";

/** What one lane wrote, as places in the trie. */
export interface LaneText {
  /** Where its own text begins and ends; undefined where it has none. */
  readonly body: Position | undefined;
  readonly head: Position | undefined;
  /** Where the context begins that is the thread's own, such as its header; undefined: at the root. */
  readonly from: Position | undefined;
  readonly forks: readonly ForkTexts[];
}

export interface ForkTexts {
  /** Lanes of its threads. */
  readonly threads: readonly number[];
  /** A segment that was made for one of them. Segments of their parent with a higher id came later. */
  readonly segment: number;
}

/** All that is needed to read the texts of a run. */
export interface Texts {
  readonly trie: Trie;
  /** By lane; main first. */
  readonly lanes: readonly LaneText[];
  /** What the server kept apart from the text of a call. */
  readonly thinking: (call: number) => string;
}

/** @param order the sequence of each lane. */
export function textsOfState(state: State, order: readonly number[]): Texts {
  const laneOfSequence = new Map(order.map((id, lane) => [id, lane]));
  const firstSegments = new Map<number, number>();
  for (const { sequence, segment } of state.calls) {
    if (!firstSegments.has(sequence)) firstSegments.set(sequence, segment);
  }
  const { kind } = state.dialect.context;
  const isBranch = kind === "prefix" || kind === "given";
  const laneText = ({ parent, body, forks, ...sequence }: Sequence): LaneText => ({
    body,
    head: currentHead(state, { parent, body, forks, ...sequence }),
    from: isBranch && parent !== undefined ? state.forks[parent.fork]?.position : undefined,
    forks: forks.map((fork) => {
      const threads = state.forks[fork]?.threads ?? [];
      const segment = threads.map((id) => firstSegments.get(id)).find((id) => id !== undefined);
      return { threads: threads.map((id) => laneOfSequence.get(id) ?? 0), segment: segment ?? Infinity };
    }),
  });
  return {
    trie: state.trie,
    lanes: order.map((id) => laneText(sequenceOf(state, id))),
    thinking: (call) => state.calls[call]?.reasoning.text ?? "",
  };
}
