import { expect } from "vitest";
import { generatedBy } from "../../src/core/trie/generated.ts";
import type { ResultWithTree } from "../../src/run/result.ts";

/** That a run which was disturbed says and counts the same, token by token, as one that was not. */
export function expectSameRun(result: ResultWithTree, whole: ResultWithTree): void {
  expect(result.text).toBe(whole.text);
  expect(result.ending.kind).toBe(whole.ending.kind);
  expect(result.tokens.criticalPath).toBe(whole.tokens.criticalPath);
  // How far a thread has come when it is cut depends on how fast it was.
  const cut = [result, whole].flatMap(({ threads }) => threads.filter(({ ending }) => ending.kind === "cut"));
  const cutIds = new Set(cut.map(({ threadId }) => threadId));
  const said = ({ tree, threads }: ResultWithTree) =>
    ["0", ...threads.map(({ threadId }) => threadId)]
      .filter((threadId) => !cutIds.has(threadId))
      .toSorted()
      .map((threadId) => [threadId, generatedBy(tree, threadId).map(({ ids }) => ids)]);
  expect(said(result)).toEqual(said(whole));
  if (cut.length === 0) expect(result.tokens.generated).toBe(whole.tokens.generated);
}
