import type { LanguageModelV4StreamPart, SharedV4Warning } from "@ai-sdk/provider";
import type { Dialect } from "../core/dialects/schema.ts";
import type { RunEvent } from "../run/events.ts";
import { ThreadweaverError } from "../run/failure.ts";
import type { RunResult } from "../run/result.ts";
import type { Run } from "../run/run.ts";
import { Answer } from "./answer.ts";
import { finishOf } from "./finish.ts";
import { ReasoningParts } from "./reasoning-parts.ts";

export interface StreamSetup {
  dialect: Dialect;
  /** Strings at which main ends. */
  stop: readonly string[];
  modelId: string;
  warnings: SharedV4Warning[];
  /** Whether the events of the run are wanted as they are, too. */
  includeRawChunks: boolean;
  /** An error as the SDK has it. */
  toSdk: (error: unknown) => unknown;
}

/**
 * The parts of a run, as they come. Rejects where the run fails before it has begun. What is not read waits here, since a
 * run waits for no reader; who stops reading ends the run.
 */
export async function partStream(run: Run, setup: StreamSetup): Promise<ReadableStream<LanguageModelV4StreamPart>> {
  const heard = { events: run.events(), texts: run.textStream, result: run.result };
  await hasBegun(run).catch((error: unknown) => {
    throw setup.toSdk(error);
  });
  let isRead = true;
  return new ReadableStream<LanguageModelV4StreamPart>({
    async start(controller) {
      const failed = await tell(heard, setup, (part) => {
        if (isRead) controller.enqueue(part);
      });
      if (!isRead) return;
      if (failed === undefined) controller.close();
      else controller.error(failed.error);
    },
    cancel(reason) {
      isRead = false;
      run.abort(reason);
    },
  });
}

/** Resolves with the first event. */
async function hasBegun(run: Run): Promise<void> {
  for await (const _ of run.events()) return;
}

interface Heard {
  events: AsyncIterable<RunEvent>;
  texts: AsyncIterable<string>;
  result: Promise<RunResult>;
}

type Emit = (part: LanguageModelV4StreamPart) => void;

/** Tells all parts. Returns the error that ends the stream, where the run was aborted. */
async function tell(heard: Heard, setup: StreamSetup, emit: Emit): Promise<{ error: unknown } | undefined> {
  const { dialect, stop, warnings, modelId, toSdk } = setup;
  const answer = new Answer(dialect.thinkingEnd, emit);
  const reasoning = new ReasoningParts(dialect, stop, emit);
  emit({ type: "stream-start", warnings });
  emit({ type: "response-metadata", modelId });
  try {
    await Promise.all([readEvents(heard, setup, { reasoning, emit }), readTexts(heard, answer)]);
    const result = await heard.result;
    reasoning.end();
    answer.complete(result.content);
    answer.end();
    emit(finishOf(result));
    return undefined;
  } catch (error) {
    reasoning.end();
    answer.end();
    const known = toSdk(error);
    if (known === error) return { error };
    emit({ type: "error", error: known });
    const partial = ThreadweaverError.isInstance(error) ? error.partial : undefined;
    if (partial !== undefined) emit(finishOf(partial));
    return undefined;
  }
}

async function readEvents(
  { events }: Heard,
  { includeRawChunks }: StreamSetup,
  { reasoning, emit }: { reasoning: ReasoningParts; emit: Emit },
): Promise<void> {
  for await (const event of events) {
    if (includeRawChunks) emit({ type: "raw", rawValue: event });
    reasoning.take(event);
  }
}

async function readTexts({ texts }: Heard, answer: Answer): Promise<void> {
  for await (const text of texts) answer.take(text);
}
