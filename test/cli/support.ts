import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { afterAll, onTestFinished } from "vitest";
import { bundledModel } from "../../src/llama/index.ts";
import type { EngineChoice } from "../../src/cli/engine.ts";
import { program } from "../../src/cli/program.ts";
import type { World } from "../../src/cli/world.ts";
import type { CompletionEvent, CompletionRequest, Engine } from "../../src/engine/engine.ts";
import { llamaEngine } from "../../src/llama/index.ts";

/** A prompt that the bundled model knows, and its answer. */
export const prompt = "Q: 64*27+14*89\n";
export const answer = 2974;

/** A stream that remembers, and may pass for a terminal. */
export class Screen extends Writable {
  written = "";
  readonly isTTY: boolean;
  readonly columns = 80;
  readonly rows = 24;

  constructor({ isTTY = false } = {}) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.written += chunk;
    done();
  }

  /** Without colours and cursor movements. */
  get text(): string {
    return stripVTControlCharacters(this.written);
  }
}

export interface Outside {
  engine?: Engine | (() => Promise<Engine>);
  stdin?: string | Uint8Array;
  env?: Record<string, string>;
  isTTY?: boolean;
  signal?: AbortSignal;
  /** Aborted by SIGTERM. */
  ending?: AbortSignal;
  now?: () => number;
}

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  /** What was asked for as an engine. */
  opened: EngineChoice[];
}

/** Runs the program in this process. Without an engine, asking for one fails the test. */
export async function cli(args: readonly string[], outside: Outside = {}): Promise<Ran> {
  const { engine, stdin = "", env = {}, isTTY = false, signal, ending, now = () => performance.now() } = outside;
  const stdout = new Screen({ isTTY });
  const stderr = new Screen({ isTTY });
  const opened: EngineChoice[] = [];
  const world: World = {
    stdin: chunks(stdin),
    stdout,
    stderr,
    env,
    now,
    random: () => 0.5,
    signal: signal ?? new AbortController().signal,
    grace: () => ending ?? new AbortController().signal,
    openEngine: async (choice) => {
      opened.push(choice);
      if (engine === undefined) throw new Error("this command should not have asked for an engine");
      return typeof engine === "function" ? engine() : engine;
    },
  };
  const code = await program(args, world);
  return { code, stdout: stdout.text, stderr: stderr.text, opened };
}

async function* chunks(data: string | Uint8Array): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(data);
  // In two parts, so that a character may be torn.
  yield bytes.subarray(0, 1);
  yield bytes.subarray(1);
}

/** The bundled model, loaded once for a file of tests; a command's `close` leaves it open. */
export async function bundledEngine(): Promise<Engine> {
  const engine = await llamaEngine({ model: bundledModel });
  afterAll(() => engine.close());
  return leftOpen(engine);
}

function leftOpen(engine: Engine): Engine {
  const { name, model, contextTokens, parallelCalls, tokenizer } = engine;
  const complete: Engine["complete"] = (request) => engine.complete(request);
  return { name, model, contextTokens, parallelCalls, tokenizer, complete, close: async () => {} };
}

/** The same engine, and a Ctrl-C as soon as a call has written just this. */
export function interruptedAt(text: string, engine: Engine): { engine: Engine; signal: AbortSignal } {
  const controller = new AbortController();
  async function* complete(request: CompletionRequest): AsyncGenerator<CompletionEvent> {
    let written = "";
    for await (const event of engine.complete(request)) {
      yield event;
      if (event.type === "pieces") written += event.pieces.map((piece) => piece.text).join("");
      if (written === text) controller.abort();
    }
  }
  return { engine: { ...engine, complete }, signal: controller.signal };
}

/** A folder that is gone after the test. */
export function temporaryFolder(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), "threadweaver-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return (name) => join(folder, name);
}

export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
