import { factsOf, ThreadweaverError } from "../errors.ts";
import { sentence } from "../run/failure.ts";
import type { TraceRecorder } from "../trace/writer.ts";
import type { Outcome } from "./compare.ts";
import type { EngineChoice } from "./engine.ts";
import { exitCodes } from "./exit-codes.ts";
import type { World } from "./world.ts";

export interface Traced {
  readonly recorder: TraceRecorder | undefined;
  readonly choice: EngineChoice;
}

/**
 * Makes a run, waits until its trace is written, and returns the exit code. Where the run failed or was interrupted, it
 * says how to go on with it. A trace that could not be written is no failure of the run, but of the command.
 *
 * @param make also reports what the run gave.
 */
export async function withTrace(
  world: World,
  { recorder, choice }: Traced,
  make: () => Promise<Outcome>,
): Promise<number> {
  const file = recorder?.name;
  const command = file === undefined ? undefined : resumeCommandOf(file, choice);
  try {
    const outcome = await make();
    await recorder?.close();
    if (world.signal.aborted) {
      if (command !== undefined) world.stderr.write(`Go on with it: ${command}\n`);
      return exitCodes.interrupted;
    }
    return hasLostTrace(outcome) ? exitCodes.failed : exitCodes.ok;
  } catch (error) {
    // What the run failed with comes first.
    await recorder?.close().catch(() => {});
    throw command === undefined ? error : withAdvice(error, command);
  }
}

function hasLostTrace(outcome: Outcome): boolean {
  return "warnings" in outcome && outcome.warnings.some(({ code }) => code === "recorder-failed");
}

/** A run that had not begun is begun again, by the same command. */
function withAdvice(error: unknown, command: string): unknown {
  if (!ThreadweaverError.isInstance(error) || error.partial === undefined) return error;
  const { code, partial } = error;
  const message = `${sentence(error.message)} Go on with it: ${command}`;
  return new ThreadweaverError(code, message, { ...factsOf(error), partial, cause: error });
}

/** The key and headers are left out: they are not for terminals and their histories. */
function resumeCommandOf(file: string, choice: EngineChoice): string {
  const words = ["threadweaver", "resume", file];
  if (choice.kind === "server") words.push("--engine", [choice.baseURL].flat().join(","));
  const isNamed = choice.kind === "server" ? choice.model !== undefined : !choice.bundled;
  if (isNamed) words.push("--model", choice.model ?? "");
  if (choice.kind === "llama" && choice.gpu) words.push("--gpu", choice.gpu);
  if (choice.kind === "server") {
    const { tokenizer, profile, report } = choice;
    for (const [flag, path] of Object.entries({ tokenizer, profile, report })) {
      if (path !== undefined) words.push(`--${flag}`, path);
    }
  }
  return words.map(quoted).join(" ");
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
