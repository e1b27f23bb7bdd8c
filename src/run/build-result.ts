import type { RunEnding } from "../core/machine/ending.ts";
import { endingOf, sequenceOf, type Sequence, type State } from "../core/machine/state.ts";
import { currentHead, sequenceText } from "../core/measures/display.ts";
import { accelerationRatio, countTokens } from "../core/measures/tokens.ts";
import { serializeTrie } from "../core/trie/serialize.ts";
import type { RunEvent } from "./events.ts";
import type { RunResult, RunSummary, RunWarning, ThreadResult } from "./result.ts";
import { roundMs, threadInfo } from "./thread-info.ts";

export interface ResultSetup {
  state: State;
  /** All after the prompt, as a person should see it. */
  text: string;
  seed: number;
  warnings: readonly RunWarning[];
  wallMs: number;
  /** How sequences ended that have no ending yet: what broke the run. */
  unfinished: RunEnding;
}

/** What a run has come to; of one that is not over, how far it got. */
export function buildResult({ state, text, seed, warnings, wallMs, unfinished }: ResultSetup): RunResult {
  const tokens = countTokens(state);
  const main = sequenceOf(state, 0);
  const ending = endingOf(main) ?? unfinished;
  const threads = state.sequences.slice(1).map((sequence): ThreadResult => {
    const ended = endingOf(sequence) ?? unfinished;
    const ms = roundMs((sequence.endedAt ?? state.now) - sequence.startedAt);
    const own = sequenceText(state, sequence);
    return { ...threadInfo(state, sequence), ending: ended, tokens: sequence.tokens, ms, text: own };
  });
  const incomplete = [main, ...state.sequences.slice(1)].flatMap((sequence) => {
    const ended = endingOf(sequence) ?? unfinished;
    return isOwnEnd(sequence, ended) ? [] : [{ threadId: sequence.threadId, ending: ended }];
  });
  return {
    text,
    ...splitThinking(text, state.dialect.thinkingEnd),
    ending,
    complete: incomplete.length === 0,
    incomplete,
    seed,
    tokens,
    threads,
    accelerationRatio: accelerationRatio(tokens),
    wallMs: roundMs(wallMs),
    warnings: [...warnings],
    tree: { ...serializeTrie(state.trie), head: currentHead(state, main) },
  };
}

/** A thread that its format lets end by its end of sequence is done; main is not where a thread's ending ended it. */
function isOwnEnd({ parent }: Sequence, { kind, threadId }: RunEnding): boolean {
  return kind === "marker" || (kind === "eos" && (parent !== undefined || threadId === undefined));
}

/** The first end-of-thinking marker divides; without one there is no reasoning to tell from the answer. */
function splitThinking(text: string, marker: string | undefined): { reasoning: string; content: string } {
  const at = marker === undefined ? -1 : text.indexOf(marker);
  if (marker === undefined || at < 0) return { reasoning: "", content: text };
  return { reasoning: text.slice(0, at), content: text.slice(at + marker.length) };
}

/** Events carry no trie: it is as large as the run, and each listener would get it. */
export function runEnd(whole: RunResult): RunEvent {
  const result: RunSummary & { tree?: RunResult["tree"] } = { ...whole };
  delete result.tree;
  return { type: "run-end", at: whole.wallMs, result };
}
