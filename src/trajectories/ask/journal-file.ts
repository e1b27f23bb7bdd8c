import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import * as z from "zod";
import { ThreadweaverError } from "../../errors.ts";
import { chunksOf } from "../../files/chunks.ts";
import { fileError } from "../../files/file-error.ts";
import { keepOnly, LineFile, type Range } from "../../files/line-file.ts";
import { linesOf } from "../../files/lines.ts";
import { entrySchema, type Journal, type JournalEntry } from "./journal.ts";

/** All that answers have in common. Answers to other questions are not mixed up, but paid for again. */
const journalHeaderSchema = z.strictObject({
  type: z.literal("header"),
  version: z.literal(1),
  /** What is made: `rewrite`, `prompted` or `self`. */
  kind: z.string().min(1),
  model: z.string(),
  /** ISO 8601. */
  created: z.string(),
  /** What the questions depend on besides the sources: versions of prompts, sampling, seed, ... */
  settings: z.record(z.string(), z.json()),
});
export type JournalHeader = z.output<typeof journalHeaderSchema>;

/** What is done with a file that is there. */
export interface Opening {
  readonly resume: boolean;
  readonly overwrite: boolean;
}

/** The file of all answers. A line is written as soon as the answer is there. */
export class JournalFile implements Journal {
  readonly path: string;
  /** When its first run began. */
  readonly created: string;
  /** Lines of an earlier run that could not be read. They were removed, and are asked for again. */
  readonly damaged: number;
  /** Answers of an earlier run. */
  readonly earlier: number;
  readonly #file: LineFile;
  readonly #places: Map<string, Range>;

  private constructor(file: LineFile, { created, places, damaged }: Omit<Earlier, "headerEnd">) {
    this.path = file.path;
    this.created = created;
    this.damaged = damaged;
    this.earlier = places.size;
    this.#file = file;
    this.#places = places;
  }

  /**
   * @throws `file` where it cannot be read or written, or exists and may be neither replaced nor gone on with;
   * `invalid_option` where it was made with other settings, with the differences.
   */
  static async open(path: string, header: JournalHeader, { resume, overwrite }: Opening): Promise<JournalFile> {
    const isThere = resume && existsSync(path);
    const earlier = isThere ? await readEarlier(path, header) : undefined;
    if (earlier !== undefined) {
      const places = await withoutDamage(path, earlier);
      return new JournalFile(LineFile.open(path, { resume, overwrite: false }), { ...earlier, places });
    }
    const file = LineFile.open(path, { resume: false, overwrite: overwrite || isThere });
    file.write(header);
    return new JournalFile(file, { created: header.created, places: new Map(), damaged: 0 });
  }

  async find(key: string): Promise<JournalEntry | undefined> {
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    const { start, end } = place;
    try {
      await using file = await open(this.path);
      const { buffer } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
      return entrySchema.parse(JSON.parse(buffer.toString()));
    } catch (cause) {
      throw fileError(`${this.path} cannot be read`, cause);
    }
  }

  add(entry: JournalEntry): void {
    const start = this.#file.end;
    this.#file.write(entry);
    this.#places.set(entry.key, { start, end: this.#file.end });
  }

  close(): void {
    this.#file.close();
  }
}

interface Earlier {
  readonly created: string;
  readonly headerEnd: number;
  readonly places: Map<string, Range>;
  readonly damaged: number;
}

/** Undefined where not even the header is whole: a process that was killed at once leaves less. */
async function readEarlier(path: string, header: JournalHeader): Promise<Earlier | undefined> {
  const places = new Map<string, Range>();
  let { created } = header;
  let headerEnd = 0;
  let damaged = 0;
  for await (const { bytes, start, end, isWhole, number } of linesOf(chunksOf(path))) {
    const line = bytes === undefined || !isWhole ? undefined : parsed(bytes);
    if (number === 1) {
      if (!isWhole) return undefined;
      ({ created } = requireEqual(path, line, header));
      headerEnd = end;
      continue;
    }
    const entry = entrySchema.safeParse(line);
    if (!entry.success) damaged += 1;
    else if (!places.has(entry.data.key)) places.set(entry.data.key, { start, end });
  }
  return headerEnd === 0 ? undefined : { created, headerEnd, places, damaged };
}

/** Removes what could not be read. Returns where the answers are now. */
async function withoutDamage(path: string, { headerEnd, places }: Earlier): Promise<Map<string, Range>> {
  await keepOnly(path, [{ start: 0, end: headerEnd }, ...places.values()]);
  let at = headerEnd;
  return new Map(
    [...places].map(([key, { start, end }]) => {
      const place = { start: at, end: at + end - start };
      at = place.end;
      return [key, place];
    }),
  );
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
}

function requireEqual(path: string, line: unknown, header: JournalHeader): JournalHeader {
  const found = journalHeaderSchema.safeParse(line);
  if (!found.success) {
    throw new ThreadweaverError("file", `${path} does not begin with the header of a journal of this version.`);
  }
  const [there, now] = [found.data, header].map(({ kind, model, settings }) => ({ kind, model, ...settings }));
  const names = [...new Set([...Object.keys(there ?? {}), ...Object.keys(now ?? {})])].sort();
  const shown = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value));
  const of = (values: Readonly<Record<string, unknown>> | undefined, name: string): string => shown(values?.[name]);
  const list = names
    .filter((name) => of(there, name) !== of(now, name))
    .map((name) => `${name}: ${of(there, name)} there, ${of(now, name)} now`);
  if (list.length === 0) return found.data;
  const remedy = "Give the settings of the journal, another folder, or overwrite it.";
  throw new ThreadweaverError("invalid_option", `${path} was made with other settings. ${list.join("; ")}. ${remedy}`);
}
