import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { Dialect } from "../core/dialects/schema.ts";
import type { RunOptions } from "../run/options.ts";
import { checkDialect, createRunner, type Runner, type RunnerOptions } from "../run/runner.ts";
import { collect } from "./collect.ts";
import { errorFor } from "./errors.ts";
import { partStream } from "./part-stream.ts";
import { messagesOf } from "./prompt.ts";
import { readProviderOptions } from "./provider-options.ts";
import { unsupportedIn, settingsOf } from "./settings.ts";

export interface LanguageModelOptions extends RunnerOptions {
  /** A bundled dialect, its name, or what `defineDialect` gives: of each call whose provider options name no other. */
  dialect: Dialect | string;
  /** What the SDK calls the model. @defaultValue the engine's name of it */
  modelId?: string | undefined;
  /** Options of every run. Settings of a call and its provider options take their place. @defaultValue none */
  run?: Omit<RunOptions, "signal"> | undefined;
}

/**
 * A model for `generateText` and `streamText` of the AI SDK. Each call is one run. The text is the run's `content`; main's
 * thinking and each thread are reasoning parts.
 *
 * Calls that break off are tried again by the run, so the SDK's `maxRetries` has nothing to do. Errors are the SDK's own
 * kinds, with the `ThreadweaverError` as their cause. `concurrency` holds for each dialect.
 *
 * @throws `invalid_option` for options that cannot be used.
 * @example
 * ```ts
 * const model = createLanguageModel({ engine, dialect: threadweaver });
 * const { text, reasoning } = await generateText({ model, prompt: "Plan a trip." });
 * ```
 */
export function createLanguageModel({ modelId, run: always = {}, ...options }: LanguageModelOptions): LanguageModelV4 {
  const runners = new Map<Dialect, Runner>();
  const model = modelId ?? options.engine.model;

  runnerFor(checkDialect(options.dialect));

  function runnerFor(dialect: Dialect): Runner {
    const runner = runners.get(dialect) ?? createRunner({ ...options, dialect });
    runners.set(dialect, runner);
    return runner;
  }

  /** What goes wrong, then or later, is told by the SDK's own kinds of errors. */
  async function start(call: LanguageModelV4CallOptions): Promise<ReadableStream<LanguageModelV4StreamPart>> {
    const toSdk = (error: unknown): unknown => errorFor(error, options.engine, call.prompt);
    try {
      const { dialect: named = options.dialect, options: own } = readProviderOptions(call.providerOptions);
      const runOptions = { ...always, ...settingsOf(call), ...own };
      const dialect = checkDialect(named);
      const run = runnerFor(dialect).run({ messages: messagesOf(call.prompt) }, runOptions);
      return await partStream(run, {
        dialect,
        stop: [runOptions.stop ?? []].flat(),
        modelId: model,
        warnings: unsupportedIn(call),
        includeRawChunks: call.includeRawChunks ?? false,
        toSdk,
      });
    } catch (error) {
      throw toSdk(error);
    }
  }

  return {
    specificationVersion: "v4",
    provider: "threadweaver",
    modelId: model,
    supportedUrls: {},
    doStream: async (call) => ({ stream: await start(call) }),
    doGenerate: async (call) => collect(await start(call)),
  };
}
