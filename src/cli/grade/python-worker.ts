import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";

/** How a process that was asked ended its silence. */
export type Reply = { readonly line: string } | { readonly timedOut: true } | { readonly ended: string };

/** A process that answers each line with a line, and is killed when it takes too long. */
export class PythonWorker {
  readonly #child: ChildProcessWithoutNullStreams;
  #errors = "";
  #waiting: ((reply: Reply) => void) | undefined;
  #early: Reply | undefined;

  constructor(python: string, program: string) {
    this.#child = spawn(python, ["-u", "-c", program], { stdio: "pipe" });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-2000);
    });
    // Writing to a process that is gone is an error of its own; its end is reported where it is waited for.
    this.#child.stdin.on("error", () => {});
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#reply({ line }));
    this.#child.on("error", (error) => this.#reply({ ended: error.message }));
    this.#child.on("close", (code) => this.#reply({ ended: this.#errors.trim() || `it ended with code ${code}` }));
  }

  /** The next line, for `ask` or for what it says first. */
  async listen(ms: number): Promise<Reply> {
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined) return early;
    const { promise, resolve } = Promise.withResolvers<Reply>();
    this.#waiting = resolve;
    const timer = setTimeout(() => this.#reply({ timedOut: true }), ms);
    const reply = await promise;
    clearTimeout(timer);
    if ("timedOut" in reply) this.kill();
    return reply;
  }

  async ask(line: string, ms: number): Promise<Reply> {
    this.#child.stdin.write(`${line}\n`);
    return this.listen(ms);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #reply(reply: Reply): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#early = reply;
    else waiting(reply);
  }
}
