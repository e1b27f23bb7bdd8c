import * as z from "zod";
import { skeleton } from "../../core/dialects/bundled/index.ts";
import type { FinishReason } from "../../core/machine/ending.ts";
import type { SamplingParameters } from "../../core/trie/sampling.ts";
import type { Engine } from "../../engine/engine.ts";
import type { RunMessage } from "../../run/input.ts";
import type { RunOptions } from "../../run/options.ts";
import type { RunResult } from "../../run/result.ts";
import { createRunner, type Runner } from "../../run/runner.ts";
import type { Answers } from "./answers.ts";
import type { AnswerTokens } from "./journal.ts";

export interface AskOptions {
  /** What is left out is left to the server. @defaultValue the server's own */
  readonly sampling?: SamplingParameters | undefined;
  /** Most tokens of one answer. @defaultValue 8192 */
  readonly maxTokens?: number | undefined;
  /** What the seeds of all questions follow from. @defaultValue 0 */
  readonly seed?: number | undefined;
  /** Questions at once. @defaultValue what the engine takes, else 64 */
  readonly concurrency?: number | undefined;
  /** How what breaks off is tried again, as for runs. */
  readonly retry?: RunOptions["retry"];
  readonly templateOptions?: RunOptions["templateOptions"];
  readonly signal?: AbortSignal | undefined;
}

const replySchema = z.strictObject({
  text: z.string(),
  finish: z.enum(["stop", "length", "content-filter", "abort", "error"]),
});

/** What a chat model said, without its thinking. */
export interface Reply {
  readonly text: string;
  readonly finish: FinishReason;
}

/** Asks a chat model. What breaks off is tried again as in any run. */
export class Asker {
  readonly #answers: Answers;
  readonly #runner: Runner;
  readonly #model: string;
  readonly #options: AskOptions;

  constructor(engine: Engine, answers: Answers, options: AskOptions = {}) {
    this.#answers = answers;
    this.#model = engine.model;
    this.#options = options;
    // In sequential mode the model is told of no format.
    this.#runner = createRunner({ engine, dialect: skeleton, concurrency: options.concurrency });
  }

  /**
   * @param attempt counts the tries of one question from 0, so that equal ones draw other tokens.
   * @throws `BudgetSpent`, and what a run throws.
   */
  async ask(step: string, messages: readonly RunMessage[], attempt = 0): Promise<Reply> {
    const { sampling = {}, maxTokens = 8192, seed = 0, templateOptions, retry, signal } = this.#options;
    const settings = { ...sampling, maxTokens, seed: seed + attempt, templateOptions };
    const about = { model: this.#model, messages, ...settings };
    const value = await this.#answers.get(step, about, async () => {
      const run = this.#runner.run({ messages }, { ...settings, mode: "sequential", retry, signal });
      const result = await run.result;
      return { value: replyOf(result), tokens: tokensOf(result) };
    });
    return replySchema.parse(value);
  }
}

const thinkingEnd = "</think>";

/** Some servers leave the thinking in the text. */
function replyOf({ content, finishReason: finish }: RunResult): { text: string; finish: FinishReason } {
  const end = content.lastIndexOf(thinkingEnd);
  return { text: end < 0 ? content : content.slice(end + thinkingEnd.length), finish };
}

/** What a run was billed for. */
export function tokensOf({ usage }: Pick<RunResult, "usage">): AnswerTokens {
  const { inputTokens: prompt, outputTokens: generated, cachedInputTokens: cached } = usage;
  return { prompt, cached: cached ?? null, generated };
}
