import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLanguageModel } from "../../src/ai-sdk/index.ts";
import { deserializeTrie } from "../../src/core/trie/serialize.ts";
import { columnsOf, type Segment } from "../../src/core/trie/trie.ts";
import { ThreadweaverError } from "../../src/run/failure.ts";
import { createRunner } from "../../src/run/runner.ts";
import type { RunResult } from "../../src/run/result.ts";
import { runs } from "../core/drive.ts";
import { formats } from "../core/scenarios.ts";
import { FLAVOURS } from "../reference/scripted-model.ts";
import type { EngineMode } from "../run/model-engine.ts";
import { scriptedRun } from "../run/scripted-run.ts";
import { callOf, partsOf, textsOf } from "./parts.ts";

const scenarios = fc.record({
  seed: fc.nat(),
  order: fc.nat(),
  mode: fc.constantFrom<EngineMode>("ids", "runsOn", "spelled", "text"),
});

describe.each(formats)("whatever a model of %s writes", (_, dialect, flavour) => {
  const text = FLAVOURS[flavour].prompt;

  it("the text is the run's content, and each thread is one part that has what it generated", async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        // Equal chances give equal runs: one through the SDK's interface, and one beside it.
        const beside = scriptedRun(dialect, flavour, scenario);
        const messages = [{ role: "user", content: text }];
        const options = { recorder: beside.recorder, tree: true, onEvent: () => {} };
        const run = createRunner({ engine: beside.engine, dialect }).run({ messages }, options);
        const { result, hasFailed } = await run.result.then(
          (whole) => ({ result: whole, hasFailed: false }),
          (error: unknown) => ({ result: partialOf(error), hasFailed: true }),
        );

        const { engine, recorder } = scriptedRun(dialect, flavour, scenario);
        const parts = await partsOf(createLanguageModel({ engine, dialect, run: { recorder } }), callOf(text));
        expect(parts.filter(({ type }) => type === "error")).toHaveLength(hasFailed ? 1 : 0);
        const texts = textsOf(parts);
        const answer = texts.get("text") ?? "";
        if (hasFailed) expect(result.content.startsWith(answer)).toBe(true);
        else expect(answer).toBe(result.content);
        const threads = result.threads.map(({ threadId }) => threadId);
        expect([...texts.keys()].filter((id) => id !== "text" && id !== "0")).toEqual(threads);
        for (const id of threads) expect(texts.get(id), id).toBe(shownOf(result, id));
        const { inputTokens, outputTokens } = result.usage;
        const usage = { inputTokens: { total: inputTokens }, outputTokens: { total: outputTokens } };
        expect(parts.at(-1)).toMatchObject({ type: "finish", usage });
      }),
      { numRuns: runs(40) },
    );
  });
});

function partialOf(error: unknown): RunResult {
  if (ThreadweaverError.isInstance(error) && error.partial !== undefined) return error.partial;
  throw error;
}

/** What a thread generated and is read from there on: not what ended its calls, nor what was taken back. */
function shownOf({ tree }: RunResult, threadId: string): string {
  if (tree === undefined) throw new Error("the run has no tree");
  const { segments } = deserializeTrie(tree);
  const textOf = (segment: Segment): string => columnsOf(segment).text(0, segment.context ?? columnsOf(segment).length);
  const own = segments.filter(({ maker }) => maker.by === "model" && maker.threadId === threadId);
  // What was cut inside a piece keeps a part of it.
  const keptOf = (id: number) => segments.filter(({ maker }) => maker.by === "cut" && maker.of.segment === id);
  return own.flatMap((segment) => [segment, ...keptOf(segment.id)].map(textOf)).join("");
}
