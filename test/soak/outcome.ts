import { generatedBy } from "../../src/core/trie/generated.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import type { ThreadweaverError as RunError } from "../../src/run/failure.ts";
import type { RunResult } from "../../src/run/result.ts";

/** How a run ended: with a result, or with an error that may have a part of one. */
export interface Outcome {
  result: RunResult | undefined;
  error: RunError | undefined;
}

/** @throws what is no error of this library. */
export async function settled(result: Promise<RunResult>): Promise<Outcome> {
  try {
    return { result: await result, error: undefined };
  } catch (error) {
    if (!ThreadweaverError.isInstance(error)) throw error;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- errors of runs have a result as their partial
    const own = error as RunError;
    return { result: own.partial, error: own };
  }
}

/** Where two digests differ, and how. */
export function differences(one: string, two: string): string[] {
  const [first, second] = [one, two].map((text) => JSON.parse(text) as Record<string, unknown>);
  const names = new Set([...Object.keys(first ?? {}), ...Object.keys(second ?? {})]);
  const show = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, 300);
  return [...names]
    .filter((name) => JSON.stringify(first?.[name]) !== JSON.stringify(second?.[name]))
    .map((name) => `${name}: ${show(first?.[name])} without faults, here ${show(second?.[name])}`);
}

/** What two plays of one story have in common where nothing of it was lost. Not what was paid for it: time and waste;
 * nor how much the runtime inserted, which is an estimate where a literal was never sent. */
export function digestOf({ result, error }: Outcome): string {
  if (result === undefined) return JSON.stringify({ code: error?.code });
  const { text, ending, incomplete, tokens, threads, tree } = result;
  const { prompt, generated, criticalPath } = tokens;
  const names = ["0", ...new Set(threads.map(({ threadId }) => threadId))];
  const wrote = names.map((name) => (tree === undefined ? [] : generatedBy(tree, name).flatMap(({ ids = [] }) => ids)));
  return JSON.stringify({
    code: error?.code,
    text,
    ending,
    incomplete,
    tokens: { prompt, generated, criticalPath },
    threads: threads.map(({ threadId, ending: ended, text: own, tokens: count }) => [threadId, ended, own, count]),
    wrote,
  });
}
