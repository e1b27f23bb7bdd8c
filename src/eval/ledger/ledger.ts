import { existsSync } from "node:fs";
import { ThreadweaverError } from "../../errors.ts";
import { keepOnly, LineFile, type Range } from "../../files/line-file.ts";
import type { Header } from "./header.ts";
import { LedgerReader, type Damaged } from "./reader.ts";
import type { Sample, SampleFailure, SampleKey } from "./sample.ts";
import { settingDifferences, type SettingDifference } from "./settings.ts";

export interface LedgerOptions {
  /** Whether to go on with a file that is there. @defaultValue false */
  readonly resume?: boolean | undefined;
  /** Whether to replace it. @defaultValue false */
  readonly overwrite?: boolean | undefined;
}

/** The file of an evaluation that runs: its header, and a line for each sample, written as soon as the sample is there. */
export class Ledger {
  /** Lines of an earlier run that could not be read. Their samples are made again. */
  readonly damaged: readonly Damaged[];
  readonly #file: LineFile;
  readonly #known: Known;

  private constructor(file: LineFile, known: Known, damaged: readonly Damaged[]) {
    this.#file = file;
    this.#known = known;
    this.damaged = damaged;
  }

  /**
   * Opens a ledger. Of one that is gone on with, good samples stay; failures and damaged lines are removed.
   *
   * @throws `file` where it cannot be read or written, or exists and may be neither replaced nor gone on with;
   * `invalid_option` where it was made with other settings, with the differences.
   */
  static async open(path: string, header: Header, options: LedgerOptions = {}): Promise<Ledger> {
    const { resume = false, overwrite = false } = options;
    const known = new Known();
    const damaged: Damaged[] = [];
    const isThere = resume && existsSync(path);
    if (isThere && (await LedgerReader.hasBegun(path))) {
      await goOn(path, header, { known, damaged });
      return new Ledger(LineFile.open(path, { resume, overwrite: false }), known, damaged);
    }
    const file = LineFile.open(path, { resume: false, overwrite: overwrite || isThere });
    file.write(header);
    return new Ledger(file, known, damaged);
  }

  /** Samples that are there. */
  get count(): number {
    return this.#known.count;
  }

  has(key: SampleKey): boolean {
    return this.#known.criticalPathOf(key) !== undefined;
  }

  criticalPathOf(key: SampleKey): number | undefined {
    return this.#known.criticalPathOf(key);
  }

  /** @throws `file`, for instance when the disk is full; the file then ends with the last whole line. */
  write(entry: Sample | SampleFailure): void {
    this.#file.write(entry);
    if (entry.type === "sample") this.#known.add(entry);
  }

  close(): void {
    this.#file.close();
  }
}

/** The critical path of each sample that is there. */
class Known {
  count = 0;
  readonly #paths = new Map<string, number[]>();

  criticalPathOf({ arm, problem, sample }: SampleKey): number | undefined {
    return this.#paths.get(`${arm}\n${problem}`)?.[sample];
  }

  add({ arm, problem, sample, tokens }: Sample): void {
    const name = `${arm}\n${problem}`;
    const paths = this.#paths.get(name) ?? [];
    paths[sample] = tokens.criticalPath;
    this.#paths.set(name, paths);
    this.count += 1;
  }
}

/** Where a server is may change while an evaluation goes on. */
const mayDiffer = /^endpoints\..*\.engine$/;

async function goOn(path: string, header: Header, found: { known: Known; damaged: Damaged[] }): Promise<void> {
  const reader = await LedgerReader.open(path);
  const different = settingDifferences(reader.header, header).filter(({ field }) => !mayDiffer.test(field));
  if (different.length > 0) {
    const shown = (value: SettingDifference["a"]): string => (value === undefined ? "nothing" : JSON.stringify(value));
    const list = different.map(({ field, a, b }) => `${field}: ${shown(a)} there, ${shown(b)} now`).join("; ");
    const remedy = "Give the settings of the ledger, another folder, or overwrite it.";
    throw new ThreadweaverError("invalid_option", `${path} was made with other settings. ${list}. ${remedy}`);
  }
  const kept: Range[] = [{ start: 0, end: reader.headerEnd }];
  for await (const { entry, start, end } of reader.lines()) {
    if ("why" in entry) found.damaged.push(entry);
    else if (entry.type === "sample" && found.known.criticalPathOf(entry) === undefined) {
      found.known.add(entry);
      kept.push({ start, end });
    }
  }
  await keepOnly(path, kept);
}
