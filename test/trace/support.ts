import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Dialect } from "../../src/core/dialects/schema.ts";
import { step } from "../../src/core/machine/machine.ts";
import type { Input } from "../../src/core/machine/protocol.ts";
import { sequenceOf, type State } from "../../src/core/machine/state.ts";
import { ThreadweaverError } from "../../src/errors.ts";
import type { Recorder, RunEnd } from "../../src/run/recorder.ts";
import { dialectOf, stateOf } from "../../src/run/resume.ts";
import type { RunResult } from "../../src/run/result.ts";
import type { RunOptions } from "../../src/run/options.ts";
import type { Run } from "../../src/run/run.ts";
import { createRunner, type Runner } from "../../src/run/runner.ts";
import { encodeInput } from "../../src/trace/codec.ts";
import { LineBytes } from "../../src/trace/line-bytes.ts";
import { chanceFrom } from "../core/drive.ts";
import { FLAVOURS, createFlavourVocabulary, createScriptedModel, type Flavour } from "../reference/scripted-model.ts";
import { startRun } from "../run/start-run.ts";
import { modelEngine, type EngineMode } from "../run/model-engine.ts";

/** A folder that is gone after the test. */
export function temporaryFolder(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), "threadweaver-trace-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return (name) => join(folder, name);
}

/** Takes away the last `lines` lines of a file and half of the one before them, as a process that is killed may leave it. */
export function tear(path: string, lines: number): void {
  const whole = readFileSync(path, "utf8").trimEnd().split("\n");
  const torn = whole.at(-lines - 1)!;
  writeFileSync(path, [...whole.slice(0, -lines - 1), torn.slice(0, torn.length / 2)].join("\n"));
}

export interface Scenario {
  seed: number;
  order: number;
  mode: EngineMode;
}

/** A runner on a scripted model. What it writes depends on where a call stands, so its runs need the recorder. */
export function scriptedRunner(
  dialect: Dialect,
  flavour: Flavour,
  { seed, order, mode }: Scenario,
): { runner: Runner; prompt: string; start: (options: RunOptions) => Run; watched: (recorder: Recorder) => Recorder } {
  const model = createScriptedModel({ vocabulary: createFlavourVocabulary(flavour), seed, flavour });
  let shadow: State | undefined;
  const engine = modelEngine(model, mode, chanceFrom(order), (id) => {
    const call = shadow?.calls[id] ?? shadow?.calls[0];
    if (shadow === undefined || call === undefined) throw new Error("no call has begun");
    return { threadId: sequenceOf(shadow, call.sequence).threadId, callIndex: call.callIndex };
  });
  const watched = (recorder: Recorder): Recorder => ({
    begin(header) {
      shadow = stateOf(header, dialectOf(header, dialect));
      recorder.begin?.(header);
    },
    input(input) {
      if (shadow !== undefined) step(shadow, structuredClone(input));
      recorder.input(input);
    },
    end: (end) => recorder.end?.(end),
  });
  const runner = createRunner({ engine, dialect, random: () => 0.5 });
  const { prompt } = FLAVOURS[flavour];
  const start = (options: RunOptions) => startRun(runner, { dialect, prompt, planned: model.planned }, options);
  return { runner, prompt, start, watched };
}

/** An input as the line that a trace has for it. */
export function lineOf(input: Input): string {
  const line = new LineBytes();
  encodeInput(input, line);
  return line.take().toString();
}

/** A recorder that keeps what it gets. */
export class Memory implements Recorder {
  readonly inputs: Input[] = [];
  ended: RunEnd | undefined;

  input(input: Input): void {
    this.inputs.push(structuredClone(input));
  }

  end(end: RunEnd): void {
    this.ended = end;
  }
}

/** What a run gave, or had made when it failed. */
export async function outcome(result: Promise<RunResult>): Promise<{ result: RunResult | undefined; code?: string }> {
  try {
    return { result: await result };
  } catch (error) {
    if (!ThreadweaverError.isInstance(error)) throw error;
    return { result: error.partial as RunResult | undefined, code: error.code };
  }
}

export async function failure(promise: Promise<unknown>): Promise<ThreadweaverError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!ThreadweaverError.isInstance(error)) throw new Error(`no ThreadweaverError: ${String(error)}`);
  return error;
}
