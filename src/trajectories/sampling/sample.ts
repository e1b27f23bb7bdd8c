import { problemSeed } from "../../run/batch/seed.ts";
import type { ResultWithTree } from "../../run/result.ts";
import { askUntilFit } from "../ask/until-fit.ts";
import type { Fault } from "../fault.ts";
import { keepOrNot } from "../filter/keep.ts";
import { hasSummary, layoutOf } from "../layout/layout.ts";
import { isKept, setAside, type Kept, type Outcome, type Place, type SetAside } from "../filter/outcome.ts";
import { readSummary } from "../outlines/summary.ts";
import { summaryQuestion } from "../prompts/summary.ts";
import type { ProblemSource, SampleOptions } from "./options.ts";
import type { Sampler } from "./sampler.ts";
import { requireTellable } from "./tellable.ts";
import { retold, toldParts, type ToldPart } from "./told.ts";

/** The runs whose texts are kept, for training units. */
export interface SampleWork {
  readonly runs: readonly { readonly sample: number; readonly result: ResultWithTree }[];
  /** Runs that were made. */
  readonly tried: number;
}

/**
 * Lets a model solve one problem until enough right, well-formed, parallel texts are there (stages 1b and 2).
 *
 * @throws `invalid_option` for formats whose finished texts do not say what each thread wrote; what a run throws.
 */
export async function sampleProblem(
  source: ProblemSource,
  sampler: Sampler,
  options: SampleOptions = {},
): Promise<Outcome<SampleWork>> {
  const { tries = 8, perProblem = 1, seed = 0, allowSequential = true, run } = options;
  const { id, question, input = { messages: [{ role: "user", content: question }] } } = source;
  requireTellable(sampler.dialect, options.target, options.asker !== undefined);
  const kept: Kept[] = [];
  const aside: SetAside[] = [];
  const runs = new Map<number, ResultWithTree>();
  let sequential: Kept | undefined;
  let tried = 0;
  for (; tried < tries && kept.length < perProblem; tried += 1) {
    const place = { id, sample: tried };
    // oxlint-disable-next-line no-await-in-loop -- no run is made that is not needed
    const result = await sampler.run(input, { ...run, seed: problemSeed(seed, JSON.stringify(id), tried) });
    // oxlint-disable-next-line no-await-in-loop -- no run is made that is not needed
    const one = await judge(place, result, { source, sampler, options });
    runs.set(tried, result);
    if (!isKept(one)) aside.push(one);
    else if (one.kind === "sequential") {
      if (allowSequential && sequential === undefined) sequential = one;
      else aside.push(refusedAs(place, "sequential", "The model did not fork."));
    } else if (kept.some(({ text }) => text === one.text)) {
      aside.push(refusedAs(place, "duplicate", "An earlier run wrote the same text."));
    } else kept.push(one);
  }
  if (sequential !== undefined) {
    if (kept.length === 0) kept.push(sequential);
    else aside.push(refusedAs(sequential, "sequential", "The model did not fork, and a parallel text was right."));
  }
  const used = kept.flatMap(({ sample = 0 }) => {
    const result = runs.get(sample);
    return result === undefined ? [] : [{ sample, result }];
  });
  return { id, kept, setAside: aside, work: { runs: used, tried } };
}

function refusedAs({ id, sample }: Place, code: string, message: string): SetAside {
  return setAside({ id, sample }, "selection", [{ code, message }]);
}

interface About {
  readonly source: ProblemSource;
  readonly sampler: Sampler;
  readonly options: SampleOptions;
}

async function judge(place: Place, result: ResultWithTree, about: About): Promise<Kept | SetAside> {
  const { source, sampler, options } = about;
  const { question, reference } = source;
  if (!result.complete) {
    const ends = result.incomplete.map(({ threadId, ending }) => `${threadId}: ${ending.kind}`);
    const message = `Not all came to its own end: ${ends.join(", ")}.`;
    return setAside(place, "run", [{ code: "incomplete", message }]);
  }
  const { target = sampler.dialect } = options;
  const told = target.name === sampler.dialect.name ? { text: result.text } : await tell(result.text, about);
  if ("step" in told) return setAside(place, told.step, told.faults);
  return keepOrNot(
    place,
    { question, text: told.text },
    { ...options, dialect: target, reference, allowSequential: true },
  );
}

/** A run's text in the target format. */
async function tell(
  text: string,
  { source, sampler, options }: About,
): Promise<{ readonly text: string } | { readonly step: string; readonly faults: readonly Fault[] }> {
  const { target = sampler.dialect, asker } = options;
  const parts = toldParts(sampler.dialect, text);
  if (parts.value === undefined) return { step: "telling", faults: parts.faults };
  const summaries: string[] = [];
  if (hasSummary(layoutOf(target)) && asker !== undefined) {
    let context = "";
    for (const part of parts.value) {
      if (typeof part !== "string") {
        // oxlint-disable-next-line no-await-in-loop -- one block after the other
        const summary = await askUntilFit(asker, {
          step: "summary",
          messages: summaryQuestion(source.question, context, part.threads),
          read: (reply) => readSummary(reply, target),
          tries: 3,
        });
        if (summary.value === undefined) return { step: "summary", faults: summary.faults };
        summaries.push(summary.value);
      }
      context += `${textOf(part)}\n`;
    }
  }
  return { text: retold(parts.value, target, summaries) };
}

function textOf(part: ToldPart): string {
  return typeof part === "string" ? part : part.threads.join("\n");
}
