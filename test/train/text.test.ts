import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  apr,
  asyncthink,
  npr,
  parallelR1,
  threadweaver,
  threadweaverConclusion,
} from "../../src/core/dialects/bundled/index.ts";
import { textBetween } from "../../src/core/trie/path.ts";
import { TextProblem, trajectoryOfText, type TextOptions } from "../../src/train/text/parse.ts";
import type { TextTokenizer } from "../../src/train/text/tokenizer.ts";
import { trainingUnits, type TrainingUnit } from "../../src/train/units.ts";
import { chanceFrom, drive, runs } from "../core/drive.ts";
import { cast } from "../core/scenarios.ts";
import { tidyModel } from "../core/tidy.ts";
import { byteVocabulary, modelOf, transcripts } from "../core/transcripts.ts";
import { concluded, released } from "../core/validation/support.ts";
import { FLAVOURS } from "../reference/scripted-model.ts";
import { createVocabulary, type Vocabulary } from "../reference/vocabulary.ts";
import { driven } from "./support.ts";

const tokenizerOf = ({ bos, eos, encode, decode }: Vocabulary): TextTokenizer => ({ bos, eos: [eos], encode, decode });

const ids = (units: readonly TrainingUnit[]) =>
  units.map(({ threadId, promptIds, responseIds }) => ({ threadId, promptIds, responseIds }));

describe("the trajectory of a finished text", () => {
  it("has the ids of the runs of the arithmetic model, call for call", async () => {
    const tokenizer = tokenizerOf(byteVocabulary);
    for (const transcript of transcripts) {
      const run = drive(threadweaver, modelOf(transcript), transcript.prompt, chanceFrom(1));
      const text = transcript.text.slice(transcript.prompt.length, -"</s>".length);
      const parsed = await trajectoryOfText(text, { dialect: threadweaver, tokenizer, prompt: transcript.prompt });
      expect(ids(trainingUnits(parsed))).toEqual(ids(trainingUnits(driven(run))));
      expect(parsed).toMatchObject({ source: "text", samplingBy: "unknown", tokens: driven(run).tokens });
    }
  });

  const names = ["threadweaver", "threadweaver-conclusion", "parallel-r1", "npr", "multiverse", "dc-cot"];
  const layouts = cast.filter(([name]) => names.includes(name));

  it.each(layouts)("of %s has those of any run that gave the text", async (_, dialect, flavour) => {
    let forks = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const model = tidyModel(flavour, seed);
        const { prompt } = FLAVOURS[flavour];
        const run = drive(dialect, model, prompt, chanceFrom(seed));
        const [main] = run.state.sequences;
        const text = textBetween(run.state.trie, main!.body, main!.head);
        const parsed = await trajectoryOfText(text, { dialect, tokenizer: tokenizerOf(model.vocabulary), prompt });
        forks += run.state.forks.length;
        const byThread = (a: { threadId: string }, b: { threadId: string }) => (a.threadId < b.threadId ? -1 : 1);
        const sorted = (units: readonly TrainingUnit[]) => ids(units).toSorted(byThread);
        expect(sorted(trainingUnits(parsed))).toEqual(sorted(trainingUnits(driven(run))));
      }),
      { numRuns: runs(60) },
    );
    expect(forks).toBeGreaterThan(5);
  });

  it("takes what the authors train on, and a prompt that is ids already", async () => {
    const { markers } = threadweaver;
    const tokenizer = tokenizerOf(createVocabulary({ markers, merges: [] }));
    const units = trainingUnits(await trajectoryOfText(released, { dialect: threadweaver, tokenizer, prompt: [7, 8] }));
    expect(units.map(({ threadId }) => threadId)).toEqual(["0", "0/1.1", "0/1.2", "0"]);
    expect(units[0]?.promptIds).toEqual([7, 8]);
    const two = await trajectoryOfText(concluded, { dialect: threadweaverConclusion, tokenizer, prompt: "Q" });
    expect(trainingUnits(two)).toHaveLength(6);
  });
});

describe("what cannot be a finished text of its format is refused with its place", () => {
  const tokenizer = tokenizerOf(createVocabulary({ markers: threadweaver.markers, merges: [] }));
  const refusal = async (text: string, more: Partial<TextOptions> = {}): Promise<unknown> => {
    try {
      return await trajectoryOfText(text, { dialect: threadweaver, tokenizer, prompt: "Q", ...more });
    } catch (error) {
      return error;
    }
  };

  it.each([
    ["a truncated one", released.slice(0, released.indexOf("2: 7*9") + 3), /line \d+, column \d+ of the text: /],
    ["one without a thread's end", released.replace("156.\n</Thread>", "156.\n"), /line 1\d?, column/],
    [
      "a number that the plan lacks",
      released.replace("<Thread>\n2:", "<Thread>\n3:"),
      /^line 11, column 10 of the text: thread 3 is not in the plan/,
    ],
  ])("%s", async (_, text, message) => {
    const error = await refusal(text);
    expect(error).toBeInstanceOf(TextProblem);
    expect((error as Error).message).toMatch(message);
    expect((error as TextProblem).at).toBeLessThanOrEqual(text.length);
  });

  it("a tail that has more tokens than its format allows", async () => {
    const text =
      "<guideline>\n<plan>1: a</plan>\n<plan>2: b</plan>\n</guideline>\n<step>\n1: x</step>\n\n<step>\n2: y</step>\n<takeaway>\nz</takeaway>";
    const own = tokenizerOf(createVocabulary({ markers: npr.markers, merges: [] }));
    const error = await refusal(text, { dialect: npr, tokenizer: own });
    expect(error).toBeInstanceOf(TextProblem);
  });

  it("formats whose texts do not hold all calls", async () => {
    for (const dialect of [apr, asyncthink])
      expect(String(await refusal("x", { dialect }))).toMatch(/Finished texts of .* do not hold/);
  });

  it("a vocabulary without the markers, by their names", async () => {
    const spelled = tokenizerOf(createVocabulary({ markers: [], merges: [] }));
    const error = String(await refusal(released, { tokenizer: spelled }));
    expect(error).toMatch(/lacks markers of threadweaver.*<Parallel> .*<\/Outlines>.*Add them to the tokenizer/);
    const twoPaths = "a<Parallel><Path>x</Path><Path>y</Path></Parallel>\n<Summary>s</Summary>end";
    expect(await refusal(twoPaths, { dialect: parallelR1, tokenizer: spelled })).toMatchObject({ source: "text" });
  });

  it("a tokenizer that gives another text back, or adds tokens", async () => {
    const lossy = { ...tokenizer, decode: (given: readonly number[]) => tokenizerText(given).replaceAll("7", "?") };
    expect(String(await refusal(released, { tokenizer: lossy }))).toMatch(
      /does not match the text: "7\*9.*decoded as "\?.*Pass the tokenizer of the model/s,
    );
    const { bos, eos, encode } = tokenizer;
    const begins = { ...tokenizer, encode: async (text: string) => [bos!, ...(await encode(text))] };
    expect(String(await refusal(released, { tokenizer: begins }))).toMatch(/adds the begin of sequence/);
    const ends = { ...tokenizer, encode: async (text: string) => [...(await encode(text)), eos[0]!] };
    expect(String(await refusal(released, { tokenizer: ends }))).toMatch(/adds the end of sequence/);
    expect(String(await refusal(released, { prompt: "", tokenizer: { ...tokenizer, bos: undefined } }))).toMatch(
      /prompt is empty/,
    );
  });

  function tokenizerText(given: readonly number[]): string {
    return tokenizer.decode(given) as string;
  }
});
