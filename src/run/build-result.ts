import { accelerationRatio, countTokens } from "../core/measures/tokens.ts";
import { displayText, ownText, currentHead } from "../core/measures/display.ts";
import type { RunEnding } from "../core/machine/ending.ts";
import { sequenceOf, type State } from "../core/machine/state.ts";
import { serializeTrie } from "../core/trie/trie.ts";
import { placeOf } from "./narrator.ts";
import type { RunResult, RunWarning, ThreadResult } from "./result.ts";
import type { ThreadClock } from "./thread-clock.ts";

/** What a run has come to; of one that is not over, how far it got. */
export function buildResult(state: State, clock: ThreadClock, warnings: readonly RunWarning[]): RunResult {
  const { prompt, generated, inserted, wasted, criticalPath } = countTokens(state);
  const text = displayText(state);
  const cached = cachedTokens(state);
  const main = sequenceOf(state, 0);
  return {
    text,
    ...splitThinking(text, state.dialect.thinkingEnd),
    ending: state.ending ?? { kind: "cut", by: "user" },
    tokens: { prompt, generated, inserted, wasted, criticalPath, ...(cached === undefined ? {} : { cached }) },
    threads: state.sequences.slice(1).map((sequence): ThreadResult => {
      const ending: RunEnding = sequence.ending ?? { kind: "cut", by: "parentCut" };
      const { tokens, id } = sequence;
      return { ...placeOf(state, sequence), ending, tokens, ms: clock.msOf(id), text: ownText(state, sequence) };
    }),
    accelerationRatio: accelerationRatio({ generated, criticalPath }),
    wallMs: clock.at,
    warnings: [...warnings],
    tree: { ...serializeTrie(state.trie), head: currentHead(state, main) },
  };
}

/** Over all calls; undefined as soon as one call is not known of. */
function cachedTokens({ trie }: State): number | undefined {
  let sum = 0;
  for (const { maker, origin } of trie.segments) {
    if (maker.by !== "model" || origin === undefined) continue; // never sent
    if (origin.cachedTokens === undefined) return undefined;
    sum += origin.cachedTokens;
  }
  return sum;
}

/** The first end-of-thinking marker divides; without one there is no reasoning to tell from the answer. */
function splitThinking(text: string, marker: string | undefined): { reasoning: string; content: string } {
  const at = marker === undefined ? -1 : text.indexOf(marker);
  if (marker === undefined || at < 0) return { reasoning: "", content: text };
  return { reasoning: text.slice(0, at), content: text.slice(at + marker.length) };
}
