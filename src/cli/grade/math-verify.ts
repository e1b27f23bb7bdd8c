import * as z from "zod";
import { ThreadweaverError } from "../../errors.ts";
import { program } from "./math-verify-program.ts";
import { PythonWorker, type Reply } from "./python-worker.ts";

/** What math-verify says of a pair. */
export type Opinion = "equal" | "different" | "timed out" | "failed";

export interface MathVerifyOptions {
  /** The command that starts Python. */
  readonly python: string;
  /** Processes at once. */
  readonly workers: number;
  /** For one pair; then its process is killed and another one started. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Importing sympy takes a while on a busy machine. */
const startMs = 120_000;

const greeting = z.object({ version: z.string() });
const answer = z.object({ equal: z.boolean() });

/**
 * Asks math-verify about every pair, in processes side by side. Throws `missing_dependency` where it cannot be started, and
 * `aborted` when the signal says so.
 */
export async function askMathVerify(
  pairs: readonly { readonly gold: string; readonly answer: string }[],
  options: MathVerifyOptions,
): Promise<{ version: string; opinions: Opinion[] }> {
  const opinions: Opinion[] = pairs.map(() => "failed");
  const queue = pairs.entries();
  let version = "";
  const running = new Set<PythonWorker>();
  const stop = (): void => {
    for (const worker of running) worker.kill();
  };
  options.signal.addEventListener("abort", stop);
  const start = async (): Promise<PythonWorker> => {
    const worker = new PythonWorker(options.python, program);
    running.add(worker);
    version = versionIn(await worker.listen(startMs), options.python);
    return worker;
  };
  const work = async (): Promise<void> => {
    let worker: PythonWorker | undefined;
    // The queue is one iterator that all workers take from.
    for (const [index, { gold, answer }] of queue) {
      options.signal.throwIfAborted();
      worker ??= await start();
      const reply = await worker.ask(JSON.stringify({ gold: boxed(gold), answer: boxed(answer) }), options.timeoutMs);
      opinions[index] = opinionIn(reply);
      if (!("line" in reply)) {
        running.delete(worker);
        worker = undefined;
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(options.workers, pairs.length) }, work));
    options.signal.throwIfAborted();
  } catch (cause) {
    // What a process that was killed for this said last is no reason.
    if (!options.signal.aborted) throw cause;
    throw new ThreadweaverError("aborted", "The cross-check was cancelled. The verdicts that are printed stand.", {
      cause,
    });
  } finally {
    options.signal.removeEventListener("abort", stop);
    stop();
  }
  return { version, opinions };
}

// Several boxes would be a set there, and a small e a factor: so it gets one box, and a large E.
function boxed(text: string): string {
  return `\\boxed{${text.replaceAll(/(?<=\d)e(?=[+-]?\d)/g, "E")}}`;
}

function versionIn(reply: Reply, python: string): string {
  const greeted = "line" in reply ? greeting.safeParse(parsed(reply.line)) : undefined;
  if (greeted?.success === true) return greeted.data.version;
  const why = "line" in reply ? `it said ${reply.line}` : "ended" in reply ? reply.ended : "it did not start in time";
  throw new ThreadweaverError(
    "missing_dependency",
    `math-verify cannot be started with ${python}: ${why}. Install it into a Python of your choice with ` +
      `pip install math-verify "latex2sympy2_extended[antlr4_13_2]", and name that Python with --python.`,
  );
}

function opinionIn(reply: Reply): Opinion {
  if ("timedOut" in reply) return "timed out";
  const answered = "line" in reply ? answer.safeParse(parsed(reply.line)) : undefined;
  if (answered?.success !== true) return "failed";
  return answered.data.equal ? "equal" : "different";
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
