import { describe, expect, it } from "vitest";
import { deserializeTrie } from "../../src/core/trie/serialize.ts";
import { path } from "../../src/core/trie/path.ts";
import type { ResultWithTree } from "../../src/run/result.ts";
import {
  connect,
  encode,
  kind,
  recording,
  referenceCalls,
  runnerOn,
  transcripts,
  type Recording,
  type Transcript,
} from "./support.ts";

/** Runs at once: the servers' cost per step hardly grows up to here. */
const atOnce = 6;

async function inGroups<T>(run: (transcript: Transcript) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let at = 0; at < transcripts.length; at += atOnce) {
    results.push(...(await Promise.all(transcripts.slice(at, at + atOnce).map(run))));
  }
  return results;
}

const idsOf = ({ tree }: ResultWithTree): number[] =>
  path(deserializeTrie(tree), tree.head).flatMap((p) => p.ids ?? []);
const byContent = (a: number[], b: number[]): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
const promptsOf = ({ bodies }: Recording): number[][] => bodies.map(({ prompt }) => prompt);

/** @param calls the contexts that are to be sent */
function expectReproduced(result: ResultWithTree, { prompt, text }: Transcript, calls: readonly number[][]): void {
  expect(result.text).toBe(text.slice(prompt.length, -"</s>".length));
  expect(idsOf(result)).toEqual([256, ...encode(text)]);
  expect(result.ending).toEqual({ kind: "eos" });
  expect(result).toMatchObject({ complete: true, incomplete: [], warnings: [] });
  const sent = calls.reduce((sum, context) => sum + context.length, 0);
  expect(result.tokens).toMatchObject({ prompt: 1 + encode(prompt).length, sent, estimated: false });
  // llama.cpp goes on until its stream is closed.
  if (kind !== "llamacpp") expect(result.tokens.wasted).toBe(0);
}

describe("the 60 reference transcripts on the server", () => {
  it("are reproduced token by token in sequential mode", { timeout: 900_000 }, async () => {
    const runner = runnerOn(await connect());
    const results = await inGroups(({ prompt }) => runner.run({ prompt }, { mode: "sequential" }).result);
    for (const [i, transcript] of transcripts.entries()) {
      expectReproduced(results[i] as ResultWithTree, transcript, [[256, ...encode(transcript.prompt)]]);
    }
  });

  it(
    "are reproduced token by token in fork-join mode, sent the ids that the authors' loop sends",
    { timeout: 900_000 },
    async () => {
      const seen = recording();
      const runner = runnerOn(await connect({ fetch: seen.fetch }));
      const results = await inGroups(({ prompt }) => runner.run({ prompt }).result);
      for (const [i, transcript] of transcripts.entries()) {
        const { calls, final } = referenceCalls(transcript);
        const contexts = calls.map(({ context }) => context);
        expectReproduced(results[i] as ResultWithTree, transcript, contexts);
        expect(idsOf(results[i] as ResultWithTree)).toEqual(final);
      }
      const expected = transcripts.flatMap((transcript) =>
        referenceCalls(transcript).calls.map(({ context }) => context),
      );
      expect(expected).toHaveLength(300);
      expect(promptsOf(seen).toSorted(byContent)).toEqual(expected.toSorted(byContent));
      const cached = results.reduce((sum, { tokens }) => sum + (tokens.cached ?? NaN), 0);
      // llama.cpp tells it with the last part, which does not come where a marker ended the call.
      if (kind !== "llamacpp") expect(cached).toBeGreaterThan(0);
    },
  );

  it("are sent in the order of the authors' loop, the threads together between trunk and join", async () => {
    const seen = recording();
    const [transcript] = transcripts as [Transcript];
    await runnerOn(await connect({ fetch: seen.fetch })).run({ prompt: transcript.prompt }).result;
    expect(promptsOf(seen)).toEqual(referenceCalls(transcript).calls.map(({ context }) => context));
  });
});
