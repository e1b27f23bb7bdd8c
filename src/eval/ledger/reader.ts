import * as z from "zod";
import { ThreadweaverError } from "../../errors.ts";
import { chunksOf } from "../../files/chunks.ts";
import { hasWholeLine, jsonIn, linesOf, type Line } from "../../files/lines.ts";
import { headerSchema, ledgerVersion, type Header } from "./header.ts";
import { failureSchema, sampleSchema, type Sample, type SampleFailure } from "./sample.ts";

/** A line that is no sample: it was cut off, or changed by hand. */
export interface Damaged {
  /** From 1. */
  readonly line: number;
  readonly why: string;
}

/** A line of a ledger, and where it is. */
export interface LedgerLine {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly entry: Sample | SampleFailure | Damaged;
}

const lineSchema = z.discriminatedUnion("type", [sampleSchema, failureSchema]);

/** A ledger, read from its file. The samples are never held as a whole. */
export class LedgerReader {
  readonly path: string;
  readonly header: Header;
  /** Bytes of the header's line. */
  readonly headerEnd: number;

  private constructor(path: string, header: Header, headerEnd: number) {
    this.path = path;
    this.header = header;
    this.headerEnd = headerEnd;
  }

  /** Whether it has a whole line: a process that was killed at once leaves less. */
  static async hasBegun(path: string): Promise<boolean> {
    return hasWholeLine(chunksOf(path));
  }

  /** @throws `file` where it cannot be read or does not begin with the header of a ledger of this version. */
  static async open(path: string): Promise<LedgerReader> {
    for await (const line of linesOf(chunksOf(path))) {
      return new LedgerReader(path, headerIn(path, line), line.end);
    }
    throw new ThreadweaverError("file", `${path} is empty; the first line of a ledger is its header.`);
  }

  /** All lines after the header, blank ones left out. */
  async *lines(): AsyncGenerator<LedgerLine, void, undefined> {
    for await (const line of linesOf(chunksOf(this.path))) {
      const { number, start, end, bytes } = line;
      if (number === 1 || bytes?.length === 0) continue;
      yield { line: number, start, end, entry: entryIn(line) };
    }
  }

  /**
   * The samples, in the order of the file.
   *
   * @param onDamaged is told of lines that are none. @defaultValue they are left out
   */
  async *samples(
    onDamaged: (damaged: Damaged) => void = () => {},
  ): AsyncGenerator<Sample | SampleFailure, void, undefined> {
    for await (const { entry } of this.lines()) {
      if ("why" in entry) onDamaged(entry);
      else yield entry;
    }
  }
}

function headerIn(path: string, { bytes, isWhole }: Line): Header {
  const data = isWhole ? jsonIn({ bytes }) : undefined;
  const parsed = headerSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  if (isOther(data)) {
    const message = `${path} is a ledger of version ${String(data.version)}; this library reads version ${ledgerVersion}.`;
    throw new ThreadweaverError("file", message);
  }
  const why =
    data === undefined ? "its first line is no whole JSON" : z.prettifyError(parsed.error).split("\n").join("; ");
  throw new ThreadweaverError(
    "file",
    `${path} is no ledger of an evaluation: ${why}. Give another folder, or overwrite it.`,
  );
}

function isOther(data: unknown): data is { version: unknown } {
  if (typeof data !== "object" || data === null || !("version" in data)) return false;
  return "type" in data && data.type === "header" && data.version !== ledgerVersion;
}

function entryIn({ number, bytes, isWhole }: Line): Sample | SampleFailure | Damaged {
  if (!isWhole) return { line: number, why: "it is cut off" };
  const data = jsonIn({ bytes });
  if (data === undefined) return { line: number, why: "it is no JSON" };
  const parsed = lineSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return { line: number, why: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "it is no sample"}` };
}
