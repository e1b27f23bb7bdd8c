import type { EngineProfile } from "../profile.ts";
import { pathOf } from "./json-path.ts";
import type { Path } from "./json-path.ts";

/** The paths of an answer's fields, as in its profile. */
export interface AnswerPaths {
  readonly cumulative: boolean;
  /** In the parts of a stream, and in an answer that is not streamed. */
  readonly text: readonly Path[];
  readonly reasoning: readonly Path[];
  readonly finish: Path;
  readonly ids: Path | null;
  readonly finishMessage: Path | null;
  readonly finishStatus: Path | null;
  readonly stopId: Path | null;
  readonly cachedTokens: Path | null;
  readonly promptTokens: Path | null;
  readonly completionTokens: Path | null;
  readonly logprobs: Path | null;
  readonly topLogprobs: Path | null;
  readonly weightVersion: Path | null;
}

const known = new WeakMap<EngineProfile["answer"], AnswerPaths>();

/** Splits the paths of a profile. That is done once for each profile, since they are read for every token. */
export function answerPaths(answer: EngineProfile["answer"]): AnswerPaths {
  let paths = known.get(answer);
  if (paths === undefined) {
    paths = compile(answer);
    known.set(answer, paths);
  }
  return paths;
}

function compile(answer: EngineProfile["answer"]): AnswerPaths {
  const optional = (path: string | null): Path | null => (path === null ? null : pathOf(path));
  return {
    cumulative: answer.cumulative,
    text: both(answer.text),
    reasoning: answer.reasoning.flatMap(both),
    finish: pathOf(answer.finish),
    ids: optional(answer.ids),
    finishMessage: optional(answer.finishMessage),
    finishStatus: optional(answer.finishStatus),
    stopId: optional(answer.stopId),
    cachedTokens: optional(answer.cachedTokens),
    promptTokens: optional(answer.promptTokens),
    completionTokens: optional(answer.completionTokens),
    logprobs: optional(answer.logprobs),
    topLogprobs: optional(answer.topLogprobs),
    weightVersion: optional(answer.weightVersion),
  };
}

/** Chats put a part of a streamed answer into `delta`, and an answer that is not streamed into `message`. */
function both(path: string): Path[] {
  const whole = path.replace(/\bdelta\b/, "message");
  return whole === path ? [pathOf(path)] : [pathOf(path), pathOf(whole)];
}
