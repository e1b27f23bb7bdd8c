import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";

const training = join(import.meta.dirname, "..", "..", "training");

/** `training/threadweaver_training` in one process of its own, which loads torch once. */
export class Trainer implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: Interface;
  readonly #ended: Promise<string>;
  /** The loop ends its trainer where it is ended itself; a terminal's Ctrl-C reaches both. */
  readonly #end = (): void => void this.#child.kill("SIGTERM");
  #last: Promise<unknown> = Promise.resolve();

  /** @param python that of the environment for training. */
  constructor(python: string, apiKey: string) {
    this.#child = spawn(python, ["-W", "ignore", "-m", "threadweaver_training", "session"], {
      stdio: ["pipe", "pipe", "inherit"],
      env: {
        ...process.env,
        PYTHONPATH: training,
        PYTHONDONTWRITEBYTECODE: "1",
        HF_HUB_OFFLINE: "1",
        // A model this small gains nothing by a second thread, and the server needs the other core.
        OMP_NUM_THREADS: "1",
        THREADWEAVER_API_KEY: apiKey,
      },
    });
    this.#answers = createInterface(this.#child.stdout);
    this.#ended = new Promise((resolve) =>
      this.#child
        .on("error", ({ message }) => resolve(message))
        .on("close", (code, signal) => resolve(`it ended with ${signal ?? code}`)),
    );
    // What cannot be written says so by the end of the process.
    this.#child.stdin.on("error", () => undefined);
    process.once("SIGTERM", this.#end);
  }

  /** Runs one command after those before it. @returns what it wrote on stdout. @throws an error that names it */
  run(args: readonly string[]): Promise<string> {
    const result = this.#last.then(() => this.#run(args));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #run(args: readonly string[]): Promise<string> {
    const named = `threadweaver_training ${args.join(" ").slice(0, 300)}`;
    const answered = once(this.#answers, "line") as Promise<[string]>;
    this.#child.stdin.write(`${JSON.stringify(args)}\n`);
    const line = await Promise.race([answered, this.#ended]);
    if (typeof line === "string") throw new Error(`${named}: ${line}, see above`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the session writes it
    const { code, output } = JSON.parse(line[0]) as { code: number; output: string };
    if (code === 0) return output;
    throw new Error(`${named} ended with ${code}: see above`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.removeListener("SIGTERM", this.#end);
    // What it may be in the midst of is not needed any more; files are there as a whole or not at all.
    this.#end();
    await this.#ended;
  }
}
