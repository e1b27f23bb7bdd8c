import * as z from "zod";
import type { Input } from "../core/machine/protocol.ts";
import { ThreadweaverError } from "../errors.ts";
import type { RecordedRun, RunHeader } from "../run/recorder.ts";
import { decodeInput } from "./codec.ts";
import { endSchema, headerLineSchema, traceVersion, type TraceContent, type TraceEnd } from "./format.ts";
import { readLines, type Line } from "../files/text-lines.ts";

/** A run as a file has it: what `replayTrace` and `runner.resume` take. */
export interface Trace extends RecordedRun {
  readonly path: string;
  /** Whether it holds everything. */
  readonly content: TraceContent;
  readonly header: RunHeader;
  /** All that went into the run, in order; empty where the trace does not hold everything. */
  readonly inputs: readonly Input[];
  /** How the run ended; undefined where its process was killed before that. */
  readonly end: TraceEnd | undefined;
  /** Whether the last line was not whole, so that it is not counted: the process was killed while it was written. */
  readonly torn: boolean;
  /** Bytes of the file, a torn line included. */
  readonly size: number;
}

/**
 * Reads a trace. A last line that is not whole is left out.
 *
 * @throws `file` for a file that cannot be read, that is no trace or one of another version, and for a line that was
 * changed; the message names the line.
 */
export async function readTrace(path: string): Promise<Trace> {
  const read = new TraceReader(path);
  let size = 0;
  for await (const { lines, end } of readLines(path)) {
    size = end;
    for (const line of lines) read.line(line);
  }
  return read.trace(size);
}

/** @throws `file` where a trace does not hold everything. */
export function requireAll({ path, content }: Trace, what: "replayed" | "resumed" | "shown"): void {
  if (content === "all") return;
  const why = content === "none" ? "it was written without text" : "its texts were redacted";
  const message = `The run in ${path} cannot be ${what}, because ${why}. Only a trace that holds everything can be.`;
  throw new ThreadweaverError("file", message);
}

class TraceReader {
  readonly #path: string;
  #header: { header: RunHeader; content: TraceContent } | undefined;
  readonly #inputs: Input[] = [];
  #end: TraceEnd | undefined;
  /** A line that is no JSON, which only the last one may be. */
  #torn: Line | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  line(line: Line): void {
    if (this.#torn !== undefined) {
      throw this.#error(this.#torn, "is not JSON", this.#header === undefined ? noTrace : damaged);
    }
    const value = line.isWhole ? jsonOf(line.text) : undefined;
    if (value === undefined) this.#torn = line;
    else if (this.#header === undefined) this.#header = this.#headerOf(line, value);
    else if (this.#end === undefined) this.#take(line, value, this.#header.content);
    else throw this.#error(line, "stands after the end of the run", damaged);
  }

  trace(size: number): Trace {
    if (this.#header === undefined) throw this.#withoutHeader();
    const { header, content } = this.#header;
    const [end, torn] = [this.#end, this.#torn !== undefined];
    return { path: this.#path, content, header, inputs: this.#inputs, end, torn, size };
  }

  #headerOf(line: Line, value: unknown): { header: RunHeader; content: TraceContent } {
    if (typeof value !== "object" || value === null || !("trace" in value)) {
      throw this.#error(line, "is not the beginning of a trace", noTrace);
    }
    if (value.trace !== traceVersion) {
      const which = `is the beginning of a trace of version ${JSON.stringify(value.trace)}`;
      throw this.#error(line, which, `This threadweaver reads version ${traceVersion}: use the one that wrote it.`);
    }
    const parsed = headerLineSchema.safeParse(value);
    if (!parsed.success) throw this.#error(line, `is no header of a trace: ${inWords(parsed.error)}`, versions);
    const { trace: _version, content, ...header } = parsed.data;
    return { header, content };
  }

  #take(line: Line, value: unknown, content: TraceContent): void {
    try {
      if (typeof value === "object" && value !== null && "t" in value && value.t === "end")
        this.#end = endSchema.parse(value);
      else if (content === "all") this.#inputs.push(decodeInput(value));
    } catch (error) {
      const why = error instanceof z.ZodError ? inWords(error) : error instanceof Error ? error.message : String(error);
      throw this.#error(line, `is no input of a run: ${why}`, damaged);
    }
  }

  #withoutHeader(): ThreadweaverError {
    if (this.#torn !== undefined && !mayBegin(this.#torn)) return this.#error(this.#torn, "is not JSON", noTrace);
    const what = this.#torn === undefined ? "is empty" : "ends inside its first line";
    const message = `${this.#path} ${what}: its run had not begun. Run it again from its prompt.`;
    return new ThreadweaverError("file", message);
  }

  #error({ number }: Line, what: string, advice: string): ThreadweaverError {
    return new ThreadweaverError("file", `${this.#path}, line ${number}: the line ${what}. ${advice}`);
  }
}

const damaged = "The file was changed after it was written: take an untouched copy of it.";
const noTrace = 'Expected a file that createTrace or --trace wrote, whose first line begins with {"trace":1.';
const versions = "It may come from another version of threadweaver, or was changed.";

/** Whether a line that is not whole may be the first part of a header. */
function mayBegin({ isWhole, text }: Line): boolean {
  const beginning = '{"trace":';
  return !isWhole && (text.startsWith(beginning) || beginning.startsWith(text));
}

/** Undefined for what is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function inWords(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
    .join("; ");
}
