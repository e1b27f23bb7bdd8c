import { finishReasonOf, type RunEnding } from "../core/machine/ending.ts";
import { endingOf, sequenceOf, type Call, type Sequence, type State } from "../core/machine/state.ts";
import { currentHead, sequenceText } from "../core/measures/display.ts";
import { accelerationRatio, countTokens, type TokenCounts } from "../core/measures/tokens.ts";
import { isKnownSampling } from "../core/trie/sampling.ts";
import { segmentOf } from "../core/trie/trie.ts";
import { serializeTrie } from "../core/trie/serialize.ts";
import type { RunEvent } from "./events.ts";
import type { CallResult, RunResult, RunSummary, RunWarning, ThreadResult, Usage } from "./result.ts";
import { roundMs, threadInfo } from "./thread-info.ts";

export interface ResultSetup {
  state: State;
  /** All after the prompt, as a person should see it. */
  text: string;
  seed: number;
  metadata: RunResult["metadata"];
  /** Whether the result has its tree. */
  tree: boolean;
  warnings: readonly RunWarning[];
  wallMs: number;
  /** How sequences ended that have no ending yet: what broke the run. */
  unfinished: RunEnding;
}

/** What a run has come to; of one that is not over, how far it got. */
export function buildResult(setup: ResultSetup): RunResult {
  const { state, text, seed, metadata, warnings, wallMs, unfinished } = setup;
  const tokens = countTokens(state);
  const main = sequenceOf(state, 0);
  const ending = endingOf(main) ?? unfinished;
  const { reasoning, content } = splitThinking(text, state.dialect.thinkingEnd);
  const threads = threadResults(state, state.sequences.slice(1), unfinished);
  const incomplete = [main, ...state.sequences.slice(1)].flatMap((sequence) => {
    const ended = endingOf(sequence) ?? unfinished;
    return isOwnEnd(sequence, ended) ? [] : [{ threadId: sequence.threadId, ending: ended }];
  });
  return {
    text,
    reasoning: thinkingOf(state.calls.filter(({ sequence }) => sequence === main.id)) + reasoning,
    content,
    ending,
    complete: incomplete.length === 0,
    incomplete,
    finishReason: finishReasonOf(ending),
    seed,
    samplingBy: samplingBy(state),
    ...(metadata && { metadata }),
    usage: usageOf(tokens),
    tokens,
    threads,
    accelerationRatio: accelerationRatio(tokens),
    retries: state.calls.reduce((sum, { retries }) => sum + retries, 0),
    wallMs: roundMs(wallMs),
    warnings: [...warnings],
    ...(setup.tree && { tree: { ...serializeTrie(state.trie), head: currentHead(state, main) } }),
  };
}

/** What threads have come to. @param unfinished how those ended that have no ending yet. */
export function threadResults(state: State, threads: readonly Sequence[], unfinished: RunEnding): ThreadResult[] {
  const callsBySequence = Map.groupBy(state.calls, (call) => call.sequence);
  return threads.map((sequence) => {
    const ms = roundMs((sequence.endedAt ?? state.now) - sequence.startedAt);
    const made = callsBySequence.get(sequence.id) ?? [];
    const thought = thinkingOf(made);
    return {
      ...threadInfo(state, sequence),
      ending: endingOf(sequence) ?? unfinished,
      tokens: sequence.tokens,
      ms,
      text: sequenceText(state, sequence),
      ...(thought !== "" && { reasoning: thought }),
      calls: made.map((call) => describeCall(state, call)),
    };
  });
}

/** What the server kept apart from the text of these calls. */
function thinkingOf(calls: readonly Call[]): string {
  return calls.map(({ reasoning }) => reasoning.text).join("");
}

function describeCall({ trie }: State, { id: call, role, tokens, retries, segment }: Call): CallResult {
  const { promptTokens = 0, cachedTokens } = segmentOf(trie, segment).origins.at(-1) ?? {};
  const attempts = retries + 1;
  return { call, role, attempts, tokens, promptTokens, ...(cachedTokens !== undefined && { cachedTokens }) };
}

/** Whoever decided it for one request decided it for the run. */
function samplingBy({ trie }: State): RunResult["samplingBy"] {
  const areKnown = trie.segments.every(({ origins }) =>
    origins.every(({ sampling = {} }) => isKnownSampling(sampling)),
  );
  return areKnown ? "run" : "server";
}

function usageOf({ sent, generated, wasted, cached }: TokenCounts): Usage {
  const outputTokens = generated + wasted;
  return { inputTokens: sent, outputTokens, totalTokens: sent + outputTokens, cachedInputTokens: cached };
}

/** A thread that its format lets end by its end of sequence is done; main is not where a thread's ending ended it. */
function isOwnEnd({ parent }: Sequence, { kind, threadId }: RunEnding): boolean {
  return kind === "marker" || (kind === "eos" && (parent !== undefined || threadId === undefined));
}

/** The first end-of-thinking marker divides; without one all of the text is the answer. */
function splitThinking(text: string, marker: string | undefined): { reasoning: string; content: string } {
  const at = marker === undefined ? -1 : text.indexOf(marker);
  if (marker === undefined || at < 0) return { reasoning: "", content: text };
  return { reasoning: text.slice(0, at), content: text.slice(at + marker.length) };
}

/** Events carry no trie: it is as large as the run, and each listener would get it. */
export function summaryOf(whole: RunResult): RunSummary {
  const summary: RunSummary & { tree?: RunResult["tree"] } = { ...whole };
  delete summary.tree;
  return summary;
}

export function runEnd(whole: RunResult): RunEvent {
  return { type: "run-end", at: whole.wallMs, result: summaryOf(whole) };
}
