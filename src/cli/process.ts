import { openEngine } from "./engine.ts";
import { exitCodes } from "./exit-codes.ts";
import { program } from "./program.ts";
import type { World } from "./world.ts";

/** The program in the real process: the only place that knows of `process`. Does not return. */
export async function runProcess(): Promise<never> {
  endQuietlyWithoutReader();
  const code = await program(process.argv.slice(2), worldOf(interruption()));
  await flushed(process.stdout);
  await flushed(process.stderr);
  // A native engine or an idle connection must not keep a program alive that is done.
  return process.exit(code);
}

function worldOf(signal: AbortSignal): World {
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
    signal,
    openEngine,
  };
}

/** The first Ctrl-C ends the run and keeps what there is; the second one ends the process. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  // It stays for both: with a listener of ours about, those that log-update installs leave the process alone.
  process.on("SIGINT", () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
  });
  return controller.signal;
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
