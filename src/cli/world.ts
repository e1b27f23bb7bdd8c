import type { Engine } from "../engine/engine.ts";
import type { EngineChoice } from "./engine.ts";

/** All of the outside that a command may touch, but files: handed in, so that commands run in tests without a process. */
export interface World {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  /** For what was asked for. */
  readonly stdout: Output;
  /** For everything else: progress, warnings, errors. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds from some beginning. */
  now(): number;
  random(): number;
  /** Aborted when all is to end at once: by Ctrl-C, and by a termination (SIGTERM) whose grace is over. */
  readonly signal: AbortSignal;
  /** From now on a termination leaves what runs so many milliseconds. The signal says that one has come. */
  grace(ms: number): AbortSignal;
  openEngine(choice: EngineChoice): Promise<Engine>;
}

/** A stream that may be a terminal. */
export type Output = NodeJS.WritableStream & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};
