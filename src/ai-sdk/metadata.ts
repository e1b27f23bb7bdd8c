import type { JSONObject, SharedV4ProviderMetadata } from "@ai-sdk/provider";
import type { RunEvent } from "../run/events.ts";
import type { RunResult, RunWarning } from "../run/result.ts";
import type { ThreadInfo } from "../run/thread-info.ts";

type ThreadEnd = Extract<RunEvent, { type: "thread-end" }>;

/** What `providerMetadata.threadweaver` of a reasoning part says: which thread it is; when it is over, how it ended. */
export interface PartMetadata extends Partial<ThreadInfo>, Partial<Pick<ThreadEnd, "tokens" | "criticalPath" | "ms">> {
  /** `0` is main, `0/2.1` the first thread of its second fork. */
  threadId: string;
  /** Such as `marker` or `length`: `kind` of its ending. */
  ending?: string | undefined;
}

/** What `providerMetadata.threadweaver` of a result says of the run. */
export interface RunMetadata extends Pick<
  RunResult,
  "complete" | "incomplete" | "accelerationRatio" | "seed" | "samplingBy" | "retries" | "wallMs"
> {
  /** The longest chain of generated tokens: the steps to wait for. */
  criticalPath: number;
  /** Generated tokens, each once. */
  generated: number;
  forks: number;
  threads: (ThreadInfo & { tokens: number; ms: number; ending: string })[];
  warnings: RunWarning[];
}

export function metadataOf(result: RunResult): RunMetadata {
  const { complete, incomplete, accelerationRatio, seed, samplingBy, retries, wallMs, warnings, tokens } = result;
  const threads = result.threads.map(({ ending, text: _text, reasoning: _apart, calls: _calls, ...thread }) => ({
    ...thread,
    ending: ending.kind,
  }));
  return {
    criticalPath: tokens.criticalPath,
    generated: tokens.generated,
    accelerationRatio,
    forks: new Set(threads.map(({ forkId }) => forkId)).size,
    threads,
    complete,
    incomplete,
    seed,
    samplingBy,
    retries,
    wallMs,
    warnings,
  };
}

/** Metadata under our name. */
export function underOurName(metadata: PartMetadata | RunMetadata): SharedV4ProviderMetadata {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all of it is JSON; interfaces have no index signature
  return { threadweaver: metadata as unknown as JSONObject };
}
