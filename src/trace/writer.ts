import * as z from "zod";
import type { Input } from "../core/machine/protocol.ts";
import type { Dialect } from "../core/dialects/schema.ts";
import { parseOptions } from "../engine/parse-options.ts";
import { ThreadweaverError } from "../errors.ts";
import type { Recorder, RunEnd, RunHeader } from "../run/recorder.ts";
import { dialectOf, inputsBeforeInterruption } from "../run/resume.ts";
import { endOf } from "./digest.ts";
import { traceVersion } from "./format.ts";
import { lengthOfLines } from "../files/text-lines.ts";
import type { LineBytes } from "./line-bytes.ts";
import { LineWriter } from "./line-writer.ts";
import { openAgain, openNew } from "./open-file.ts";
import { requireAll, type Trace } from "./reader.ts";
import { createFilter, type Filter, type FilterOptions } from "./withhold.ts";

export interface TraceOptions {
  /**
   * Whether the trace has texts, token ids, log-probabilities and metadata. Without them it has counts of tokens and
   * times only, and the run can be neither replayed nor resumed. @defaultValue true
   */
  text?: boolean | undefined;
  /**
   * Gets every text before it is written, one at a time as it comes (so often a single token), and returns what is
   * written instead. Token ids, log-probabilities and metadata are left out then, and the run can be neither replayed nor
   * resumed. If it throws, tracing ends and the run goes on with a warning. @defaultValue none
   */
  redact?: ((text: string) => string) | undefined;
  /** Whether a file that exists may be replaced. Nothing in it changes before the run begins. @defaultValue false */
  overwrite?: boolean | undefined;
}

/** Writes one run to a file: the `recorder` of a run. */
export interface TraceRecorder extends Recorder, AsyncDisposable {
  /** The path of the file. */
  readonly path: string;
  /** The same where the run can go on from it: then the run's errors say so. */
  readonly name: string | undefined;
  begin(header: RunHeader): void;
  end(end: RunEnd): void;
  /**
   * Resolves when all lines are in the file and it is closed. A run that has settled closes its trace by itself; waiting
   * for this is for those who read the file next. A new file that got no line is removed.
   *
   * Rejects with code `file` where the file could not be written and the run could not be told any more.
   */
  close(): Promise<void>;
}

const optionsSchema = z.strictObject({
  text: z.boolean().optional(),
  redact: z.custom<(text: string) => string>((value) => typeof value === "function", "must be a function").optional(),
  overwrite: z.boolean().optional(),
});

/**
 * Opens a file for the trace of one run. Only its owner may read it (mode 0600). Lines are written as they come, without
 * holding the run up; if that fails (the disk is full, say), tracing ends with the warning `recorder-failed`, and the run
 * goes on.
 *
 * @example
 * ```ts
 * await using trace = createTrace("run.jsonl");
 * const { text } = await runner.run({ prompt }, { recorder: trace }).result;
 * ```
 *
 * @throws `file` where it cannot be written, or exists and may not be overwritten; `invalid_option`.
 */
export function createTrace(path: string, options: TraceOptions = {}): TraceRecorder {
  const { text = true, redact, overwrite = false } = parseOptions("createTrace", optionsSchema, options);
  return new FileRecorder(path, new LineWriter(openNew(path, { overwrite })), { text, redact });
}

/**
 * Opens a trace to go on with it: the `recorder` for resuming its run. What the interruption left behind it (a torn
 * line, the inputs that ended the run) is dropped before the first new line is written; until then, nothing changes.
 *
 * @example
 * ```ts
 * const trace = await readTrace("run.jsonl");
 * const { text } = await runner.resume(trace, { recorder: await appendTrace(trace) }).result;
 * ```
 *
 * @param dialect has the dialect's functions, if they are not bundled. @defaultValue that of the record
 * @throws `file` where it cannot be written, or does not hold everything.
 */
export async function appendTrace(
  trace: Trace,
  { dialect }: { dialect?: Dialect | undefined } = {},
): Promise<TraceRecorder> {
  requireAll(trace, "resumed");
  const { path, header, size, end } = trace;
  const count = inputsBeforeInterruption(trace, dialectOf(header, dialect));
  const keep = await lengthOfLines(path, count + 1);
  const again = { hasEnd: end !== undefined };
  return new FileRecorder(
    path,
    new LineWriter(openAgain(path, { keep, size })),
    { text: true, redact: undefined },
    again,
  );
}

function asJson(value: object, line: LineBytes): void {
  line.utf8(JSON.stringify(value));
}

class FileRecorder implements TraceRecorder {
  readonly path: string;
  readonly name: string | undefined;
  readonly #filter: Filter;
  readonly #lines: LineWriter;
  /** Of a run that goes on: whether its trace has an end already. */
  readonly #again: { hasEnd: boolean } | undefined;
  /** Of a run that goes on: whether anything new has happened. */
  #hasBegun = false;

  constructor(path: string, lines: LineWriter, filter: FilterOptions, again?: { hasEnd: boolean }) {
    this.path = path;
    this.#filter = createFilter(filter);
    this.name = this.#filter.content === "all" ? path : undefined;
    this.#lines = lines;
    this.#again = again;
  }

  begin(header: RunHeader): void {
    if (this.#hasBegun || this.#again !== undefined) {
      throw new ThreadweaverError("invalid_option", `${this.path} has a run already: a trace records one.`);
    }
    this.#hasBegun = true;
    const { content } = this.#filter;
    this.#lines.write(asJson, { trace: traceVersion, content, ...this.#filter.header(header) });
  }

  input(input: Input): void {
    this.#hasBegun = true;
    this.#lines.write(this.#filter.input, input);
  }

  end(end: RunEnd): void {
    try {
      if (this.#hasBegun || this.#isLeftOpen(end)) this.#lines.write(asJson, this.#filter.end(endOf(end)));
    } finally {
      // Whoever waits for `close` gets its error.
      this.close().catch(() => {});
    }
  }

  /** All of it had come when its process was killed. One that could not go on leaves its trace as it was. */
  #isLeftOpen({ error }: RunEnd): boolean {
    return this.#again?.hasEnd === false && error === undefined;
  }

  close(): Promise<void> {
    return this.#lines.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
