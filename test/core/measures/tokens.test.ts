import { describe, expect, it } from "vitest";
import { sequential } from "../../../src/core/dialects/dialect.ts";
import { asyncthink, npr, threadweaver } from "../../../src/core/dialects/bundled/index.ts";
import { authorsAccelerationRatio } from "../../../src/core/measures/authors-ratio.ts";
import { accelerationRatio, countTokens, criticalPath } from "../../../src/core/measures/tokens.ts";
import { step } from "../../../src/core/machine/machine.ts";
import { createState } from "../../../src/core/machine/state.ts";
import type { Model } from "../../reference/transcript.ts";
import { drive, hasty, runs } from "../drive.ts";
import { play } from "../play.ts";
import { byteVocabulary, modelOf, transcripts, type Transcript } from "../transcripts.ts";

const guide = (...ids: string[]) => `<guideline>${ids.map((id) => `<plan>${id}:</plan>`).join("")}</guideline>`;

describe("counting a run", () => {
  it("tells prompt, generated, inserted and wasted tokens apart, copies counted as inserted", () => {
    const { state } = play(threadweaver, {
      "0": ["<Outlines><Outline>1:</Outline><Outline>2:</Outline></Outlines>", "."],
      "0/1.1": ["xy</Thread>"],
      "0/1.2": ["z</Thread>"],
    });
    expect(countTokens(state)).toEqual({
      prompt: 3,
      generated: 10 + 3 + 2 + 2,
      // Two headers for the threads, one more for the second in the joined text, its copy, and the line feed.
      inserted: 5 + 5 + 4 + 2 + 1,
      wasted: 0,
      criticalPath: 10 + 3 + 2,
      // The prompt; each thread's context; the joined text.
      sent: 3 + (13 + 5) * 2 + (13 + 5 + 3 + 4 + 2 + 1),
      cached: undefined,
      estimated: false,
    });
  });

  it("counts what was never encoded as one token each, and says that this is an estimate", () => {
    const state = createState({ dialect: threadweaver });
    step(state, { at: 0, t: "start", prompt: { text: "Q" }, vocabulary: { eos: [0], markers: {} } });
    expect(countTokens(state)).toMatchObject({
      prompt: 1,
      generated: 0,
      inserted: 0,
      criticalPath: 0,
      estimated: true,
    });
    step(state, { at: 0, t: "pieces", call: 0, pieces: [{ text: "<Outlines><Outline>1:</Outline></Outlines> on" }] });
    expect(countTokens(state)).toMatchObject({ prompt: 1, generated: 1, inserted: 2, wasted: 0, criticalPath: 1 });
  });

  it("counts the contexts of fresh threads as inserted", () => {
    const { state } = play(
      asyncthink,
      { "0": ["<FORK-1>abc</FORK-1><JOIN-1>", "."], "0/1.1": ["xy"] },
      { markers: [], mode: "ids" },
    );
    expect(countTokens(state)).toMatchObject({ prompt: 3, inserted: "\0abc\n".length + "xy</JOIN-1>".length });
  });

  it("has nothing to count before the start", () => {
    const state = createState({ dialect: threadweaver });
    expect(countTokens(state)).toEqual({
      prompt: 0,
      generated: 0,
      inserted: 0,
      wasted: 0,
      sent: 0,
      cached: 0,
      criticalPath: 0,
      estimated: false,
    });
  });
});

describe("the critical path", () => {
  it("waits for the slowest thread, at each level, and for its tail", () => {
    const { state } = play(npr, {
      "0": [guide("1", "2"), "."],
      "0/1.1": [guide("1", "2"), "ab</step>", "\n"],
      "0/1.1/1.1": ["abcdef</step>", "\n"],
      "0/1.1/1.2": ["a</step>", "\n"],
      "0/1.2": ["abc</step>", "\n"],
    });
    // plan, inner plan, longest inner thread and its tail, what follows the inner join and its tail, the end.
    expect(criticalPath(state)).toBe(10 + 10 + 7 + 1 + 3 + 1 + 2);
  });

  it("does not count a worker that was ready before main asked for it, nor one that nobody asked for", () => {
    const early = play(
      asyncthink,
      { "0": [["<FORK-1>a</FORK-1>", "b", "c", "d", "<JOIN-1>"], "."], "0/1.1": ["x"] },
      { markers: [] },
    );
    expect(criticalPath(early.state)).toBe(5 + 2);
    const late = play(
      asyncthink,
      { "0": [["<FORK-1>a</FORK-1>", "<JOIN-1>"], "."], "0/1.1": ["a long thought"] },
      { markers: [] },
    );
    expect(criticalPath(late.state)).toBe(1 + 15 + 2);
    const never = play(
      asyncthink,
      { "0": [["<FORK-1>a</FORK-1>", "b"]], "0/1.1": ["a long thought"] },
      { markers: [] },
    );
    expect(criticalPath(never.state)).toBe(3);
  });

  it("grows while a call runs", () => {
    const state = createState({ dialect: threadweaver });
    step(state, { at: 0, t: "start", prompt: { ids: [1] }, vocabulary: { eos: [0], markers: {} } });
    step(state, { at: 0, t: "pieces", call: 0, pieces: [{ ids: [5, 6] }] });
    expect(criticalPath(state)).toBe(2);
    step(state, { at: 0, t: "stop" });
    expect(criticalPath(state)).toBe(2);
  });
});

it("the acceleration ratio is the share of tokens that nobody waited for", () => {
  expect(accelerationRatio({ generated: 100, criticalPath: 60 })).toBeCloseTo(0.4, 12);
  expect(accelerationRatio({ generated: 7, criticalPath: 7 })).toBe(0);
  expect(accelerationRatio({ generated: 0, criticalPath: 0 })).toBe(0);
});

describe("the authors' own ratio", () => {
  const tags = { parallelOpen: 1, parallelClose: 2, threadOpen: 3, threadClose: 4 };
  const of = (...ids: number[]) => {
    const { total, longestPath } = authorsAccelerationRatio(ids, tags);
    return [total, longestPath];
  };
  const times = (n: number, id = 9) => Array.from({ length: n }, () => id);

  it("is what their code gives for a text that was run through it", () => {
    const ids = [
      [...times(5), 1, ...times(4)],
      [3, ...times(10), 4, 3, ...times(6), 4],
      [...times(1), 2, ...times(3)],
    ].flat();
    const { total, longestPath, accelerationRatio: ratio } = authorsAccelerationRatio(ids, tags);
    expect([total, longestPath]).toEqual([35, 29]);
    expect(ratio).toBeCloseTo(0.1714, 4);
  });

  it("counts everything once where there is no block", () => {
    expect(of()).toEqual([0, 0]);
    expect(authorsAccelerationRatio([], tags).accelerationRatio).toBe(0);
    expect(of(...times(4))).toEqual([4, 4]);
    expect(of(3, ...times(5), 4, 2)).toEqual([8, 8]); // thread tags outside a block are text
    expect(of(9, 3, 9, 4, 3, 9, 4)).toEqual([7, 7]);
    expect(of(1, 2, 3, 9, 4, 3, 9, 4)).toEqual([8, 8]);
  });

  it("takes the longest thread of each block for itself", () => {
    expect(of(1, 3, 9, 9, 4, 3, 9, 4, 2, 1, 3, 4, 3, 9, 4, 2)).toEqual([16, 16 - 1]);
    expect(of(1, 3, 9, 4, 3, 9, 9, 4, 2, 9)).toEqual([10, 9]);
  });

  it("takes tags inside a thread for text, up to its first close", () => {
    expect(of(1, 3, 1, 2, 3, 9, 4, 3, 9, 4, 2)).toEqual([11, 10]);
  });

  it("counts a block or a thread that is not closed as if it were", () => {
    expect(of(1, 3, 9, 9, 4, 3, 9)).toEqual([7, 6]);
    expect(of(1, 3, 9, 4, 3, 9, 9, 9)).toEqual([8, 7]);
    expect(of(1, 9, 9)).toEqual([3, 3]);
  });

  it("takes a stray close for a token like any other", () => {
    expect(of(1, 4, 9, 2, 4, 2)).toEqual([6, 6]);
  });
});

describe("the bundled model's reference problems", () => {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const of = (terms: number) => transcripts.filter((t) => t.terms.length === terms);
  const run = (transcript: Transcript) => drive(threadweaver, modelOf(transcript), transcript.prompt, () => 0);
  /** The same text in one sequence. */
  const runSequentially = ({ prompt, text }: Transcript) => {
    const ids = byteVocabulary.encode(text.slice(prompt.length));
    const model: Model = { vocabulary: byteVocabulary, output: () => ({ ids, fate: "eos" }) };
    return drive(sequential(threadweaver), model, prompt, () => 0);
  };

  it("are run to the very text of the reference, token for token", () => {
    expect(transcripts).toHaveLength(60);
    for (const transcript of transcripts.slice(0, runs(60))) {
      const { final, state } = run(transcript);
      expect(final).toEqual([byteVocabulary.bos, ...byteVocabulary.encode(transcript.text)]);
      expect(state.ending).toEqual({ kind: "eos" });
      expect(runSequentially(transcript).final).toEqual(final);
    }
  });

  it.skipIf(hasty).each([
    [2, 365.05, 375, "1.506", "1.459"],
    [3, 557.25, 571, "1.756", "1.704"],
    [4, 749.6, 768, "1.911", "1.856"],
  ])(
    "of %i terms take %d generated tokens, %d in one sequence, which is %s times the critical path (%s by the authors' formula)",
    (terms, generated, inOneSequence, speedup, authors) => {
      const idOf = byteVocabulary.idOf;
      const tags = {
        parallelOpen: idOf("<Parallel>"),
        parallelClose: idOf("</Parallel>"),
        threadOpen: idOf("<Thread>"),
        threadClose: idOf("</Thread>"),
      };
      const measured = of(terms).map((transcript) => {
        const { state, final } = run(transcript);
        const alone = countTokens(runSequentially(transcript).state);
        expect(alone.criticalPath).toBe(alone.generated);
        const counts = countTokens(state);
        // The authors count the answer with its end of sequence, the prompt not.
        const { total, longestPath } = authorsAccelerationRatio(final.slice(counts.prompt), tags);
        expect(total).toBe(alone.generated);
        return {
          generated: counts.generated,
          alone: alone.generated,
          speedup: alone.generated / counts.criticalPath,
          authors: total / longestPath,
        };
      });
      expect(measured).toHaveLength(20);
      expect(mean(measured.map((m) => m.generated))).toBeCloseTo(generated, 9);
      expect(Math.round(mean(measured.map((m) => m.alone)))).toBe(inOneSequence);
      expect(mean(measured.map((m) => m.speedup)).toFixed(3)).toBe(speedup);
      expect(mean(measured.map((m) => m.authors)).toFixed(3)).toBe(authors);
    },
  );
});
