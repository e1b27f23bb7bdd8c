import { openEngine } from "./engine.ts";
import { exitCodes } from "./exit-codes.ts";
import { program } from "./program.ts";
import { LoadProgress } from "./view/load-progress.ts";
import type { World } from "./world.ts";

/** The program in the real process: the only place that knows of `process`. Does not return. */
export async function runProcess(): Promise<never> {
  endQuietlyWithoutReader();
  const interruption = new Interruption();
  const code = await program(process.argv.slice(2), worldOf(interruption));
  await flushed(process.stdout);
  await flushed(process.stderr);
  // A native engine or an idle connection must not keep a program alive that is done.
  return process.exit(code === exitCodes.interrupted ? interruption.exitCode : code);
}

function worldOf(interruption: Interruption): World {
  return {
    // A getter, because the mere mention of `process.stdin` opens it.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    now: () => performance.now(),
    random: Math.random,
    signal: interruption.signal,
    grace: (ms) => interruption.grace(ms),
    openEngine: (choice) => {
      const progress = new LoadProgress(process.stderr, () => performance.now());
      return openEngine(choice, { signal: interruption.signal, progress });
    },
  };
}

const numbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

/**
 * What asks the process to end. Ctrl-C ends what runs and keeps what there is. SIGTERM and SIGHUP leave what runs the time
 * that a command takes for it. Each further one is more urgent: it ends what runs, then the process.
 */
class Interruption {
  readonly #now = new AbortController();
  readonly #soon = new AbortController();
  #graceMs = 0;
  #by: keyof typeof numbers = "SIGINT";

  constructor() {
    // They stay for all of them: with a listener of ours about, those that log-update installs leave the process alone.
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => this.#on(name));
  }

  get signal(): AbortSignal {
    return this.#now.signal;
  }

  grace(ms: number): AbortSignal {
    this.#graceMs = ms;
    return this.#soon.signal;
  }

  /** As shells have it: 128 and the number of the signal. */
  get exitCode(): number {
    return 128 + numbers[this.#by];
  }

  #on(name: keyof typeof numbers): void {
    if (this.#now.signal.aborted) process.exit(this.exitCode);
    if (!this.#soon.signal.aborted) this.#by = name;
    if (name === "SIGINT" || this.#soon.signal.aborted) this.#now.abort();
    else setTimeout(() => this.#now.abort(), this.#graceMs);
    this.#soon.abort();
  }
}

/** `threadweaver … | head -1` is no failure. */
function endQuietlyWithoutReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCodes.ok);
    process.stderr.write(`threadweaver: The output cannot be written: ${error.message}.\n`);
    process.exit(exitCodes.failed);
  });
  // A closed stderr leaves no place to report its own error.
  process.stderr.on("error", () => {});
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}
